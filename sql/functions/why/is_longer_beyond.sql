/* Whether more than p_most jobs of all sites wait behind a place in the order, or before it. */
create or replace function pgdispatch.is_longer_beyond(
    p_from pgdispatch.job,
    p_is_back boolean,
    p_most integer
)
returns boolean
language plpgsql
stable
as $$
begin
    if p_is_back then
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

comment on function pgdispatch.is_longer_beyond(pgdispatch.job, boolean, integer) is
'Whether more than p_most jobs of all sites wait behind a place, or before it.';
