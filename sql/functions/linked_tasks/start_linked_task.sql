/*
 * Starts a run of a linked task: its first step. With p_scheduled_at once for that time only; a
 * time at which the run before has not ended, or no step can run, is recorded as skipped.
 * Locks: the caller holds the linked task's row, or fires its schedule.
 */
create or replace function pgdispatch.start_linked_task(
    p_linked_task bigint,
    p_scheduled_at timestamptz,
    p_by text,
    p_is_busy boolean default false
)
returns bigint
language plpgsql
as $$
declare
    v_run pgdispatch.linked_run;
    v_job bigint;
begin
    insert into pgdispatch.linked_run
        (linked_task, scheduled_at, run_now, created_by, created_at, skipped_for)
    values (
        p_linked_task, p_scheduled_at, p_scheduled_at is null, p_by, pgdispatch.now(),
        case
            when p_is_busy or pgdispatch.linked_task_job(p_linked_task) is not null then 'waiting'
        end
    )
    on conflict (linked_task, scheduled_at) do update
    set created_by = excluded.created_by,
        created_at = excluded.created_at,
        skipped_for = excluded.skipped_for
    where linked_run.skipped_for = 'missed'  -- somebody makes up for it by hand
    returning * into v_run;
    if v_run.id is not null and v_run.skipped_for is null then
        v_job := pgdispatch.start_step(v_run, 0);
        if v_job is null then
            update pgdispatch.linked_run set skipped_for = 'suspended' where id = v_run.id;
        end if;
    end if;
    return v_job;
end
$$;

comment on function pgdispatch.start_linked_task(bigint, timestamptz, text, boolean) is
'Starts a run of a linked task for a scheduled time, or by hand (null), and returns its first '
'job; null: none was started. p_is_busy: a run is known to be under way.';
