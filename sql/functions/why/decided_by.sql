/* The first criterion of the order in which a waiting job differs from the one behind it. */
create or replace function pgdispatch.decided_by(
    p_job pgdispatch.job,
    p_most integer default 1,
    p_sites text[] default null
)
returns text
language plpgsql
stable
as $$
declare
    v_other pgdispatch.job;
begin
    select *
    into v_other
    from pgdispatch.job
    where id = (
        select b.id
        from (
            select
                j.id,
                j.site
            from pgdispatch.job as j
            where j.backgrounder is null
                and (precedence, priority, queued_at, type_rank, tie_first, tie_second, id)
                    > (p_job.precedence, p_job.priority, p_job.queued_at, p_job.type_rank,
                        p_job.tie_first, p_job.tie_second, p_job.id)
            order by precedence, priority, queued_at, type_rank, tie_first, tie_second, id
            limit p_most
        ) as b
        where p_sites is null
            or b.site = any (p_sites)
        limit 1
    );
    return pgdispatch.decides(p_job, v_other);
end
$$;

comment on function pgdispatch.decided_by(pgdispatch.job, integer, text[]) is
'The first criterion in which a waiting job differs from the one behind it: what puts it before '
'that. Null: none is behind it. With p_sites the next of theirs, among p_most of all behind it.';
