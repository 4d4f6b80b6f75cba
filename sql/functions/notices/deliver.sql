/*
 * Makes the job that delivers some notices to their target: the first hundred in full, of the
 * others how many they are. The job belongs to a site of its own, which is made when it is needed:
 * no limit or budget of a tenant keeps it waiting, and nobody who is confined to sites sees what it
 * says of others.
 * Locks: those notices; as whoever adds a site, the first time.
 */
create or replace function pgdispatch.deliver(p_target text, p_notices bigint[])
returns bigint
language plpgsql
set timezone = 'UTC'
as $$
declare
    v_site constant text := 'pgdispatch-notices';
    v_most constant integer := 100;
    v_args jsonb;
    v_job bigint;
begin
    if not exists (select from pgdispatch.site where name = v_site) then
        insert into pgdispatch.site (name, max_running_jobs, daily_seconds)
        values (v_site, -1, -1)
        on conflict (name) do nothing;
    end if;
    select jsonb_build_object(
        'target', p_target,
        'delivery', gen_random_uuid(),
        'count', cardinality(p_notices),
        'console', pgdispatch.console_url(),
        'notices', jsonb_agg(
            jsonb_strip_nulls(jsonb_build_object(
                'id', n.id, 'at', n.at, 'what', n.what, 'text', n.text, 'error', n.error,
                'site', n.site, 'type', n.type, 'schedule', n.schedule, 'task', n.task,
                'job', n.job, 'node', n.node, 'title', n.title, 'after', n.after, 'since', n.since,
                'contract', n.contract, 'state', n.contract_state
            ))
            order by n.id
        )
    )
    into v_args
    from pgdispatch.notice as n
    where n.id = any (p_notices[:v_most]);
    insert into pgdispatch.job (type, site, title, priority, args, max_attempts, created_by)
    values ('notice', v_site, 'notices to ' || p_target, 1, v_args, 40, 'notices')
    returning id into v_job;
    update pgdispatch.notice
    set delivery = v_job,
        queued_at = pgdispatch.now(),
        delivery_error = null
    where id = any (p_notices);
    return v_job;
end
$$;

comment on function pgdispatch.deliver(text, bigint[]) is
'Makes the job that delivers these notices to their target, and returns it.';
