/*
 * A datasource was published anew: its tasks start afresh (semantics 3.2).
 * Locks: the rows of its tasks. Jobs that wait keep the priority they were created with.
 */
create or replace function pgdispatch.republish(p_site text, p_datasource text)
returns integer
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_count integer;
begin
    perform
    from pgdispatch.task
    where site = p_site
        and datasource = p_datasource
        and pgdispatch.may_see(site)
    order by id
    for no key update;
    update pgdispatch.task as t
    set priority = case
            when y.priority_from = 'task' then coalesce(
                (select s.priority from pgdispatch.schedule as s where s.name = t.schedule),
                nullif(y.default_priority, 0)
            )
        end,
        created_at = pgdispatch.now(),
        history_since = pgdispatch.now()
    from pgdispatch.job_type as y
    where y.name = t.type
        and t.site = p_site
        and t.datasource = p_datasource
        and pgdispatch.may_see(t.site);
    get diagnostics v_count = row_count;
    if v_count = 0 then
        raise exception using
            errcode = 'JD002',
            message = format('site %s has no task on datasource %L',
                left(p_site, 60), left(p_datasource, 60)),
            hint = 'see the columns site and datasource of pgdispatch.task';
    end if;
    return v_count;
end
$$;

comment on function pgdispatch.republish(text, text) is
'Starts the tasks of a datasource afresh: priority of their schedule, created now, no run-time '
'history, no failures. Returns how many there are, and locks them. JD002: unknown.';
