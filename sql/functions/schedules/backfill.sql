/*
 * Creates the jobs that a schedule has not had for its times between two past instants. What was
 * skipped then, for whatever reason, is made up for, as if it had been missed. Each time has its
 * own job, beside what else waits or runs of the task: whoever asks for twenty days means twenty
 * runs, and not the one that would do for the latest. A linked task has one run at a time: the
 * earliest begins, and the others are skipped until somebody asks again.
 * Locks: the schedule's row; then as fire_runs.
 * Rivals: a second caller, and the clock, wait for the row or pass over it; then they find the
 * occurrences of the first.
 */
create or replace function pgdispatch.backfill(
    p_schedule text,
    p_from timestamptz,
    p_to timestamptz
)
returns table (
    scheduled_at timestamptz,
    task bigint,
    linked_task bigint,
    job bigint
)
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
    v_schedule pgdispatch.schedule;
    v_runs timestamptz[];
    v_before bigint[];
    v_jobs integer;
    v_linked integer;
begin
    perform pgdispatch.refuse_confined('backfill a schedule');
    select * into v_schedule from pgdispatch.schedule where name = p_schedule for no key update;
    if not found then
        raise exception using
            errcode = 'JD002',
            message = format('schedule %L does not exist', left(p_schedule, 60)),
            hint = 'see pgdispatch.schedule';
    end if;
    v_runs := pgdispatch.backfill_runs(v_schedule, p_from, p_to);
    v_before := array(
        select j.id
        from pgdispatch.job as j
        where j.schedule = p_schedule
            and j.scheduled_at = any (v_runs)
    );
    update pgdispatch.occurrence as o
    set skipped_for = 'missed'
    from pgdispatch.task as t
    where t.id = o.task
        and t.schedule = p_schedule
        and t.enabled
        and o.scheduled_at = any (v_runs)
        and o.skipped_for <> 'missed';
    update pgdispatch.linked_run as r
    set skipped_for = 'missed'
    from pgdispatch.linked_task as t
    where t.id = r.linked_task
        and t.schedule = p_schedule
        and t.enabled
        and r.scheduled_at = any (v_runs)
        and r.skipped_for <> 'missed';
    select f.jobs into v_jobs
    from pgdispatch.fire_runs(p_schedule, v_runs, 0, null, p_beside => true) as f;
    select f.jobs into v_linked
    from pgdispatch.fire_linked_tasks(p_schedule, v_runs, 0, null) as f;
    update pgdispatch.schedule as s
    set last_run_at = greatest(s.last_run_at, v_runs[cardinality(v_runs)])
    where s.id = v_schedule.id;
    perform pgdispatch.note_change(
        'backfill', 'schedule', p_schedule, null,
        p_after => jsonb_build_object(
            'from', p_from, 'to', p_to, 'times', cardinality(v_runs), 'jobs', v_jobs + v_linked
        )
    );
    perform pgdispatch.warn_passed_over(p_schedule, v_runs);
    return query
        select
            j.scheduled_at,
            case when j.linked_run is null then j.task end,
            r.linked_task,
            j.id
        from pgdispatch.job as j
        left join pgdispatch.linked_run as r on r.id = j.linked_run
        where j.schedule = p_schedule
            and j.scheduled_at = any (v_runs)
            and not exists (select from unnest(v_before) as before where before = j.id)
        order by j.id;
end
$$;

comment on function pgdispatch.backfill(text, timestamptz, timestamptz) is
'Creates the jobs of an enabled schedule for its times between two past instants, both included, '
'and returns them: one for each enabled task and time that has had none, even if it was skipped '
'then, and even if the task has a job that waits or runs. They are added to the queue now (see '
'the order). A suspended task is passed over, and a linked task begins one run, the earliest: a '
'warning tells how many. Doing it again creates none twice. preview_backfill tells what it would '
'do. Locks as fire. Refuses a disabled schedule, one without recurrence, a time ahead or older '
'than occurrence_keep_days, more than 500 times, and more than 10,000 jobs (JD001); JD002: '
'unknown; JD009: you are confined to sites.';
