/* What waits in the outbox, for metrics: by target. Takes no lock. */
create or replace function pgdispatch.outbox_metrics()
returns table (
    target text,
    notices bigint,
    oldest_seconds double precision
)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    select
        n.target,
        count(*),
        greatest(extract(epoch from pgdispatch.now() - min(n.at)), 0)::double precision
    from pgdispatch.notice as n
    where n.ended_at is null
    group by n.target
$$;

comment on function pgdispatch.outbox_metrics() is
'Counts the notices that have not reached their target, with the age of the oldest.';
