/*
 * Whether any job waits behind a place in the order, or before it. For whoever is confined: one of
 * its sites among p_most of all, or else more than those, so that nobody has looked. It stops at
 * the first one, which look_along cannot: that has to say whether a job is the last.
 */
create or replace function pgdispatch.is_more_beyond(
    p_from pgdispatch.job,
    p_is_back boolean,
    p_most integer,
    p_sites text[]
)
returns boolean
language plpgsql
stable
as $$
declare
    v_is_more boolean;
begin
    execute format(
        $query$
        select exists (
            select
            from (
                select j.site
                from pgdispatch.job as j
                where j.backgrounder is null
                    and (precedence, priority, queued_at, type_rank, tie_first, tie_second, id)
                        %1$s ($1.precedence, $1.priority, $1.queued_at, $1.type_rank,
                            $1.tie_first, $1.tie_second, $1.id)
                order by precedence %2$s, priority %2$s, queued_at %2$s, type_rank %2$s,
                    tie_first %2$s, tie_second %2$s, id %2$s
                limit $2
            ) as beyond
            where $3 is null
                or beyond.site = any ($3)
        )
        $query$,
        case when p_is_back then '<' else '>' end,
        case when p_is_back then 'desc' else 'asc' end
    )
    into v_is_more
    using p_from, case when p_sites is null then 1 else p_most end, p_sites;
    if v_is_more or p_sites is null then
        return v_is_more;
    end if;
    return pgdispatch.is_longer_beyond(p_from, p_is_back, p_most);
end
$$;

comment on function pgdispatch.is_more_beyond(pgdispatch.job, boolean, integer, text[]) is
'Whether a job waits behind a place, or before it; with p_sites one of theirs, or more than p_most '
'of all.';
