/*
 * Trigger: tells idle nodes of new jobs, once per transaction, and only if somebody is idle.
 * NOTIFY takes a lock of the whole cluster at commit, so a busy system must not pay for it.
 */
create or replace function pgdispatch.announce_new_jobs()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_is_told boolean;
begin
    v_is_told := pgdispatch.notify_idle_nodes();  -- perform would be a statement of its own
    return null;
end
$$;

comment on function pgdispatch.announce_new_jobs() is
'Trigger: sends NOTIFY pgdispatch, ''ready'' at commit if a node has an idle backgrounder.';

create or replace trigger announce_new_jobs
after insert on pgdispatch.job
for each statement execute function pgdispatch.announce_new_jobs();

comment on trigger announce_new_jobs on pgdispatch.job is 'Tells idle nodes of new jobs.';
