/*
 * Whether any job waits behind a place in the order, or before it. For whoever is confined: one of
 * its sites among p_most of all, or else more than those, so that nobody has looked.
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
begin
    if exists (
        select
        from pgdispatch.look_along(
            p_from, p_is_back, case when p_sites is null then 1 else p_most end, 1, p_sites, '{}',
            null, null
        )
    ) then
        return true;
    elsif p_sites is null then
        return false;
    elsif p_is_back then
        return exists (
            select
            from pgdispatch.job as j
            where j.backgrounder is null
                and (precedence, priority, queued_at, type_rank, tie_first, tie_second, id)
                    < (p_from.precedence, p_from.priority, p_from.queued_at, p_from.type_rank,
                        p_from.tie_first, p_from.tie_second, p_from.id)
            order by precedence desc, priority desc, queued_at desc, type_rank desc,
                tie_first desc, tie_second desc, id desc
            offset p_most
        );
    end if;
    return exists (
        select
        from pgdispatch.job as j
        where j.backgrounder is null
            and (precedence, priority, queued_at, type_rank, tie_first, tie_second, id)
                > (p_from.precedence, p_from.priority, p_from.queued_at, p_from.type_rank,
                    p_from.tie_first, p_from.tie_second, p_from.id)
        order by precedence, priority, queued_at, type_rank, tie_first, tie_second, id
        offset p_most
    );
end
$$;

comment on function pgdispatch.is_more_beyond(pgdispatch.job, boolean, integer, text[]) is
'Whether a job waits behind a place, or before it; with p_sites one of theirs, or more than p_most '
'of all.';
