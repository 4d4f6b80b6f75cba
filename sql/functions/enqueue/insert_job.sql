/* Trigger: what is copied into the view new_job becomes a job, filled and checked as any other. */
create or replace function pgdispatch.insert_job()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    insert into pgdispatch.job (
        type, site, title, datasource, schedule, task, priority, args, not_before, timeout,
        max_attempts, created_by, traceparent, key, key_until, on_conflict
    )
    values (
        new.type, new.site, new.title, new.datasource, new.schedule, new.task, new.priority,
        new.args, new.not_before, new.timeout, new.max_attempts, new.created_by,
        new.traceparent, new.key, new.key_until, new.on_conflict
    );
    return new;
end
$$;

comment on function pgdispatch.insert_job() is
'Trigger: inserts into job what is written to the view new_job.';
