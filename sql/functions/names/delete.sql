/*
 * Deletes something with what belongs to it: a site with its tasks, linked tasks and contracts; a
 * linked task with its steps. From the tasks of a schedule it takes the schedule only. History
 * stays.
 * Locks: those rows; for a site or job type at commit as protect_queued.
 */
create or replace function pgdispatch.delete(p_kind text, p_name text)
returns void
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    perform pgdispatch.find_thing(p_kind, p_name, 'delete');
    case p_kind
        when 'site' then
            delete from pgdispatch.contract where site = p_name;
            delete from pgdispatch.linked_task where site = p_name;
            delete from pgdispatch.task where site = p_name;
            delete from pgdispatch.site where name = p_name;
        when 'schedule' then
            perform from pgdispatch.schedule where name = p_name for update;
            update pgdispatch.task set schedule = null where schedule = p_name;
            update pgdispatch.linked_task set schedule = null where schedule = p_name;
            delete from pgdispatch.schedule where name = p_name;
        when 'calendar' then
            delete from pgdispatch.calendar where name = p_name;
        when 'closed window' then
            delete from pgdispatch.closed_window where name = p_name;
        when 'job type' then
            delete from pgdispatch.job_type where name = p_name;
        when 'node' then
            delete from pgdispatch.node where name = p_name;
            delete from pgdispatch.backgrounder where node = p_name;
            delete from pgdispatch.application_server where node = p_name;
        when 'task' then
            delete from pgdispatch.task where id = p_name::bigint;
        when 'contract' then
            delete from pgdispatch.contract where id = p_name::bigint;
        else
            delete from pgdispatch.linked_task where id = p_name::bigint;
    end case;
end
$$;

comment on function pgdispatch.delete(text, text) is
'Deletes a site (with its tasks, linked tasks, contracts and timeouts), a schedule (its tasks '
'stay, without one), a calendar (with its days), a job type, a node, a task, a linked task (with '
'its steps) or a contract: p_kind and p_name. consequences says before what that takes along. Jobs '
'that wait or run go on, but a site or job type that has some is not deleted, nor what is in use; '
'history stays. JD001: it comes with the package, or is a node that is up; JD002: unknown; JD004: '
'in use; JD008; JD009: you are confined to sites, and it is no task of theirs.';
