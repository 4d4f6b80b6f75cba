/* Whether some live node does not take every job type. Read whenever a job is unparked. */
create or replace function pgdispatch.is_any_node_limited()
returns boolean
language sql
volatile
as $$
    select exists (
        select
        from pgdispatch.node
        where heartbeat_at is not null
            and not is_drained
            and types is not null
            and not types @> array(select name from pgdispatch.job_type)
    )
$$;

comment on function pgdispatch.is_any_node_limited() is
'Whether some node that is up takes only some of the job types.';
