/*
 * Everything that waits, in the order of dispatch, with its place, what decided it, and why it
 * waits. Streams from job_waiting_idx: `select … limit 20` reads twenty jobs, if nothing else is
 * sorted or counted on top (`order by position` is). See why() for one job. Takes no lock.
 *
 * How many are in a job's way is exact for the first thousand places, and further behind how many
 * before it are ready: that is what why() can count in an index.
 */
create or replace view pgdispatch.queue
with (security_invoker = true) as
with clock as materialized (
    select
        pgdispatch.now() as now,
        (pgdispatch.now()::date + 1)::timestamptz as tomorrow,
        pgdispatch.obstacles_by_gate() as obstacles,
        pgdispatch.setting('tie_break') as tie_break
),
pauses as materialized (
    select exists (
        select from jsonb_object_keys(clock.obstacles) as k where k like 'pause/%'
    ) as are_any
    from clock
)
select
    row_number() over in_order as position,
    w.id as job,
    w.type,
    w.site,
    w.title,
    w.priority,
    w.run_now,
    case
        when lead(w.id) over in_order is null then null
        when w.precedence <> lead(w.precedence) over in_order then 'run now'
        when w.priority <> lead(w.priority) over in_order then 'priority'
        when w.queued_at <> lead(w.queued_at) over in_order
            then case
                when w.is_on_time or lead(w.is_on_time) over in_order then 'scheduled time'
                else 'queue order'
            end
        when w.type_rank <> lead(w.type_rank) over in_order then 'job type'
        when w.tie_first <> lead(w.tie_first) over in_order
            then case (select tie_break from clock)
                when 'history' then 'run time'
                else 'created'
            end
        when w.tie_second <> lead(w.tie_second) over in_order
            then case (select tie_break from clock)
                when 'history' then 'created'
                else 'run time'
            end
        else 'job id'
    end as decided_by,
    coalesce(
        w.obstacle ->> 'reason',
        'next in line behind ' || case
            when row_number() over in_order <= 1000
                then count(*) filter (where w.obstacle is null) over before_it
            else count(*) filter (where w.state = 'ready') over before_it
        end
    ) as reason,
    coalesce(w.obstacle ->> 'kind', 'next') as kind,
    (w.obstacle ->> 'holder')::bigint as blocker,
    coalesce((w.obstacle ->> 'needs_person')::boolean, false) as needs_person,
    w.state,
    w.datasource,
    w.schedule,
    w.task,
    w.usual_seconds,
    w.created_by,
    w.created_at,
    w.scheduled_at,
    w.not_before,
    date_trunc('milliseconds', (select now from clock) - w.created_at) as waits_for,
    w.failures,
    w.last_error,
    w.linked_run,
    w.step
from (
    select
        j.*,
        coalesce(j.queued_at <= j.scheduled_at, false) as is_on_time,
        case
            when j.not_before > (select now from clock)
                then jsonb_build_object('kind', 'time', 'reason', 'not before ' || to_char(
                    j.not_before,
                    case
                        when j.not_before < (select tomorrow from clock) then 'HH24:MI'
                        else 'YYYY-MM-DD HH24:MI'
                    end
                ))
            else coalesce(
                case
                    when (select are_any from pauses)
                        then coalesce(
                            (select obstacles from clock) -> 'pause/all',
                            (select obstacles from clock) -> ('pause/site/' || j.site),
                            (select obstacles from clock) -> ('pause/type/' || j.type),
                            (select obstacles from clock) -> ('pause/schedule/' || j.schedule)
                        )
                end,
                (select obstacles from clock) -> ('type/' || j.type),
                (select obstacles from clock) -> ('datasource/' || j.site || '/' || j.datasource),
                (select obstacles from clock) -> ('schedule/' || j.schedule),
                (select obstacles from clock) -> ('site/' || j.site)
            )
        end as obstacle
    from pgdispatch.job as j
    where j.backgrounder is null
) as w
window
    in_order as (
        order by
            w.precedence, w.priority, w.queued_at, w.type_rank, w.tie_first, w.tie_second, w.id
    ),
    before_it as (
        in_order rows between unbounded preceding and 1 preceding
    )
order by
    w.precedence, w.priority, w.queued_at, w.type_rank, w.tie_first, w.tie_second, w.id;

comment on view pgdispatch.queue is
'All waiting jobs in the order of dispatch, with what put each before the job behind it, and why '
'it waits. It streams: with a limit only the head is read, so do not sort it again. For whoever is '
'confined to sites it reads on until so many of theirs are found: queue_page looks among 10,000.';
comment on column pgdispatch.queue.position is 'Place among all waiting jobs, from 1.';
comment on column pgdispatch.queue.job is 'Number of the job.';
comment on column pgdispatch.queue.type is 'Job type; must exist in job_type.';
comment on column pgdispatch.queue.site is 'Site; default if not given.';
comment on column pgdispatch.queue.title is 'Name for people, up to 500 characters.';
comment on column pgdispatch.queue.priority is
'1 (highest) to 100; 0 only for Run Now and for flows without a priority of their own.';
comment on column pgdispatch.queue.run_now is 'Whether it was started by hand.';
comment on column pgdispatch.queue.decided_by is
'The first criterion in which it differs from the job behind it, which puts it before that: run '
'now, priority, scheduled time (one of the two has its place by that), queue order (when they were '
'added), job type, run time, created or job id. Null: none is behind it.';
comment on column pgdispatch.queue.reason is
'Why it waits, in one phrase: the first obstacle that holds, else how many are before it that '
'could start, too. That number is exact for the first 1000 places; further on it counts the ready '
'jobs.';
comment on column pgdispatch.queue.kind is
'The reason as one word or two: time, no node, paused (by somebody, or its nodes are drained), '
'datasource, schedule, site limit, site budget, held (by a transaction); next: nothing keeps it '
'from starting but what is before it.';
comment on column pgdispatch.queue.blocker is
'The job in its way, if the reason is that one runs; null: none, or one of another site.';
comment on column pgdispatch.queue.needs_person is
'Whether it waits until somebody does something: no node takes it, its nodes are drained, a pause '
'without an end, a limit or budget of 0, a prepared transaction. False: time ends it.';
comment on column pgdispatch.queue.state is 'ready, parked at a gate, or delayed.';
comment on column pgdispatch.queue.datasource is
'What it refreshes. Two jobs of one site and datasource never run at once.';
comment on column pgdispatch.queue.schedule is 'The schedule it belongs to, if any.';
comment on column pgdispatch.queue.task is
'The task it is a run of, if any; fills what is not given.';
comment on column pgdispatch.queue.usual_seconds is
'Mean run time of its task over its recent successful runs, in seconds, as of its creation.';
comment on column pgdispatch.queue.created_by is 'Who wants it; the database user if not given.';
comment on column pgdispatch.queue.created_at is 'When it was added to the queue.';
comment on column pgdispatch.queue.scheduled_at is 'The scheduled time that it serves, if any.';
comment on column pgdispatch.queue.not_before is 'It does not start before this.';
comment on column pgdispatch.queue.waits_for is 'How long it has waited so far.';
comment on column pgdispatch.queue.failures is
'How many of its attempts have failed; a retry waits until not_before.';
comment on column pgdispatch.queue.last_error is
'Why the last attempt that was retried had failed.';
comment on column pgdispatch.queue.linked_run is 'The run of a linked task that it is a step of.';
comment on column pgdispatch.queue.step is 'Which step of it.';
