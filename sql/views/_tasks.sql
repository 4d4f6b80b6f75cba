/* The tasks under the column names of Tableau Server's table tasks. Takes no lock. */
create or replace view pgdispatch._tasks
with (security_invoker = true) as
select
    t.id,
    md5('pgdispatch task ' || t.id)::uuid as luid,
    i.id as site_id,
    s.id as schedule_id,
    case t.type
        when 'full_extract' then 'RefreshExtractTask'
        when 'incremental_extract' then 'IncrementExtractTask'
        when 'flow' then 'RunFlowTask'
        when 'subscription' then 'SingleSubscriptionTask'
        else replace(initcap(replace(t.type, '_', ' ')), ' ', '') || 'Task'
    end as type,
    t.priority::integer as priority,
    t.enabled and p.task is null as active,
    case
        when not t.enabled then 2
        when p.task is not null then 1
        else 0
    end as state,
    case when t.datasource is not null then 'Datasource' end as obj_type,
    null::bigint as obj_id,
    t.title,
    t.datasource as subtitle,
    t.args::text as args,
    pgdispatch.failure_streak(t.id) as consecutive_failure_count,
    (
        select count(*)::integer
        from pgdispatch.job_history as h
        where h.task = t.id
    ) as run_count,
    round(pgdispatch.usual_seconds(t.id))::integer as historical_run_time,
    null::integer as historical_queue_time,
    (
        select h.ended_at at time zone 'UTC'
        from pgdispatch.job_history as h
        where h.task = t.id
            and h.outcome = 'succeeded'
        order by h.ended_at desc
        limit 1
    ) as last_success_completed_at,
    null::bigint as creator_id,
    t.created_at at time zone 'UTC' as created_at,
    greatest(t.created_at, t.enabled_at) at time zone 'UTC' as updated_at
from pgdispatch.task as t
left join pgdispatch.site as i on i.name = t.site
left join pgdispatch.schedule as s on s.name = t.schedule
left join pgdispatch.suspension as p
    on p.task = t.id
    and p.streak_since is not distinct from t.streak_since;

comment on view pgdispatch._tasks is
'The tasks as Tableau Server''s repository shows them in its table tasks; times are UTC.';
comment on column pgdispatch._tasks.id is
'Number of the task; task_id and correlation_id of background_jobs.';
comment on column pgdispatch._tasks.luid is 'A unique identifier, always the same for one task.';
comment on column pgdispatch._tasks.site_id is 'Number of its site.';
comment on column pgdispatch._tasks.schedule_id is
'Number of its schedule; null: only Run Now or a linked task starts it.';
comment on column pgdispatch._tasks.type is
'RefreshExtractTask, IncrementExtractTask, RunFlowTask, SingleSubscriptionTask; others from the '
'name of the type.';
comment on column pgdispatch._tasks.priority is
'1 (highest) to 100; null for types that read their schedule.';
comment on column pgdispatch._tasks.active is 'Whether its schedule creates jobs for it.';
comment on column pgdispatch._tasks.state is '0: active; 1: suspended after failures; 2: disabled.';
comment on column pgdispatch._tasks.obj_type is 'Datasource if it refreshes one, else null.';
comment on column pgdispatch._tasks.obj_id is
'Null: datasources have names here, no numbers; see subtitle.';
comment on column pgdispatch._tasks.title is 'Name for people, up to 500 characters.';
comment on column pgdispatch._tasks.subtitle is 'What its jobs refresh.';
comment on column pgdispatch._tasks.args is 'Its arguments, as JSON text.';
comment on column pgdispatch._tasks.consecutive_failure_count is
'How many jobs of it have failed in a row.';
comment on column pgdispatch._tasks.run_count is 'How many of its jobs are in the history.';
comment on column pgdispatch._tasks.historical_run_time is
'Its usual run time in seconds; null: no recent success.';
comment on column pgdispatch._tasks.historical_queue_time is 'Null: there is nothing like it here.';
comment on column pgdispatch._tasks.last_success_completed_at is
'When a job of it last succeeded; UTC.';
comment on column pgdispatch._tasks.creator_id is 'Null: people are known by name here.';
comment on column pgdispatch._tasks.created_at is 'When it was created or last republished; UTC.';
comment on column pgdispatch._tasks.updated_at is
'When it was created, republished or last enabled; UTC.';
