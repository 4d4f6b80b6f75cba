/* Whether a ready job that some node takes comes before the given one in the order of dispatch. */
create or replace function pgdispatch.is_ready_before(p_job pgdispatch.job)
returns boolean
language plpgsql
set enable_seqscan = off
set enable_bitmapscan = off
set enable_sort = off
set jit = off
as $$
begin
    return exists (
        select
        from pgdispatch.live_generations() as g (number)
        cross join lateral (
            select
                precedence, priority, queued_at, type_rank, tie_first, tie_second, id
            from pgdispatch.job
            where state = 'ready'
                and generation = g.number
                and (
                    not exists (select
                        from pgdispatch.node as n
                        where n.heartbeat_at is not null
                            and not n.is_drained
                    )
                    or exists (
                        select
                        from pgdispatch.node as n
                        where n.heartbeat_at is not null
                            and not n.is_drained
                            and (n.types is null or job.type = any (n.types))
                    )
                )
            order by precedence, priority, queued_at, type_rank, tie_first, tie_second, id
            limit 1
        ) as f
        where (
            f.precedence, f.priority, f.queued_at, f.type_rank, f.tie_first, f.tie_second, f.id
        ) < (
            p_job.precedence, p_job.priority, p_job.queued_at, p_job.type_rank,
            p_job.tie_first, p_job.tie_second, p_job.id
        )
    );
end
$$;

comment on function pgdispatch.is_ready_before(pgdispatch.job) is
'Whether a ready job that some node takes comes before this one in the order of dispatch.';
