/*
 * Everything that waits, in the order of dispatch, with its place, what decided it, and why it
 * waits. Takes no lock.
 */
create or replace view pgdispatch.queue as
with clock as materialized (
    select
        pgdispatch.now() as now,
        pgdispatch.now() - pgdispatch.seconds('lease_seconds') as alive_since
),
blocked as (
    select
        j as job,
        case
            when j.not_before > c.now then 'not before ' || case
                when j.not_before < c.now + interval '24 hours'
                    then to_char(j.not_before, 'HH24:MI')
                else to_char(j.not_before, 'YYYY-MM-DD HH24:MI')
            end
            when not exists (
                select
                from pgdispatch.node as n
                where n.heartbeat_at > c.alive_since
                    and n.backgrounders > 0
                    and (n.types is null or j.type = any (n.types))
            ) then format('no node takes %ss', j.type)
            when datasource.id is not null
                then format('datasource busy (job %s)', datasource.id)
            when schedule.id is not null
                then format('serial schedule busy (job %s)', schedule.id)
            when site.running >= site.max_running_jobs
                then format('site limit (%s of %s running)', site.running, site.max_running_jobs)
        end as reason
    from pgdispatch.job as j
    cross join clock as c
    left join lateral (
        select r.id
        from pgdispatch.job as r
        where r.state = 'running'
            and r.site = j.site
            and r.datasource = j.datasource
        limit 1
    ) as datasource on true
    left join lateral (
        select r.id
        from pgdispatch.job as r
        where r.state = 'running'
            and j.is_serial
            and r.schedule = j.schedule
        limit 1
    ) as schedule on true
    left join (
        select
            s.name,
            s.max_running_jobs,
            (
                select count(*)
                from pgdispatch.job as r
                where r.state = 'running'
                    and r.site = s.name
            ) as running
        from pgdispatch.site as s
        where s.max_running_jobs is not null
    ) as site on site.name = j.site
    where j.state <> 'running'
)
select
    row_number() over in_order as position,
    (job).id as job,
    (job).type,
    (job).site,
    (job).title,
    (job).priority,
    (job).run_now,
    case
        when count(*) over () = 1 then 'job id'
        when (job).precedence is distinct from
            coalesce(lag((job).precedence) over in_order, lead((job).precedence) over in_order)
            then 'run now'
        when (job).priority is distinct from
            coalesce(lag((job).priority) over in_order, lead((job).priority) over in_order)
            then 'priority'
        when (job).queued_at is distinct from
            coalesce(lag((job).queued_at) over in_order, lead((job).queued_at) over in_order)
            then 'queue order'
        when (job).type_rank is distinct from
            coalesce(lag((job).type_rank) over in_order, lead((job).type_rank) over in_order)
            then 'job type'
        when (job).tie_first is distinct from
            coalesce(lag((job).tie_first) over in_order, lead((job).tie_first) over in_order)
            then tie.first_name
        when (job).tie_second is distinct from
            coalesce(lag((job).tie_second) over in_order, lead((job).tie_second) over in_order)
            then tie.second_name
        else 'job id'
    end as decided_by,
    coalesce(
        reason,
        format(
            'next in line behind %s', count(*) filter (where reason is null) over before_it
        )
    ) as reason,
    (job).state,
    (job).datasource,
    (job).schedule,
    (job).task,
    (job).usual_seconds,
    (job).created_by,
    (job).created_at,
    (job).scheduled_at,
    (job).not_before,
    date_trunc('milliseconds', (select now from clock) - (job).created_at) as waits_for
from blocked
cross join (
    select
        case value when 'history' then 'run time' else 'created' end as first_name,
        case value when 'history' then 'created' else 'run time' end as second_name
    from pgdispatch.setting
    where name = 'tie_break'
) as tie
window
    in_order as (
        order by
            (job).precedence, (job).priority, (job).queued_at, (job).type_rank,
            (job).tie_first, (job).tie_second, (job).id
    ),
    before_it as (
        in_order rows between unbounded preceding and 1 preceding
    )
order by
    (job).precedence, (job).priority, (job).queued_at, (job).type_rank,
    (job).tie_first, (job).tie_second, (job).id;

comment on view pgdispatch.queue is
'All waiting jobs in the order of dispatch: position, what decided it against the job before, and '
'the reason for waiting.';
comment on column pgdispatch.queue.position is 'Place among all waiting jobs, from 1.';
comment on column pgdispatch.queue.job is 'Number of the job.';
comment on column pgdispatch.queue.type is 'Job type; must exist in job_type.';
comment on column pgdispatch.queue.site is 'Site; default if not given.';
comment on column pgdispatch.queue.title is 'Name for people, up to 500 characters.';
comment on column pgdispatch.queue.priority is
'1 (highest) to 100; 0 only for Run Now and for flows without a priority of their own.';
comment on column pgdispatch.queue.run_now is 'Whether it was started by hand.';
comment on column pgdispatch.queue.decided_by is
'The first criterion in which it differs from the job before it.';
comment on column pgdispatch.queue.reason is 'Why it waits, in one phrase.';
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
