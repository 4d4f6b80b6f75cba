/*
 * All jobs, waiting, running and ended, under the column names of Tableau Server's own repository,
 * for the SQL that its administrators have. Its times are UTC without a zone, as there; conditions
 * on them use indexes over just these expressions. Takes no lock.
 */
create or replace view pgdispatch.background_jobs
with (security_invoker = true) as
select
    x.id,
    case x.type
        when 'full_extract' then 'refresh_extracts'
        when 'incremental_extract' then 'increment_extracts'
        when 'extract_creation' then 'create_extracts'
        when 'flow' then 'run_flow'
        when 'subscription' then 'single_subscription_notify'
        when 'alert' then 'check_data_alert'
        else x.type
    end as job_type,
    case x.type
        when 'full_extract' then 'Refresh Extracts'
        when 'incremental_extract' then 'Increment Extracts'
        when 'extract_creation' then 'Create Extracts'
        when 'flow' then 'Run Flow'
        when 'subscription' then 'Subscription Notifications'
        when 'alert' then 'Check If Data Alert Condition Is True'
        else initcap(replace(x.type, '_', ' '))
    end as job_name,
    x.title,
    case when x.datasource is not null then 'Datasource' end as subtitle,
    x.args::text as args,
    x.notes,
    x.progress,
    x.finish_code,
    x.priority::integer as priority,
    t.rank::integer as job_rank,
    x.created_at at time zone 'UTC' as created_at,
    x.started_at at time zone 'UTC' as started_at,
    x.completed_at at time zone 'UTC' as completed_at,
    coalesce(x.completed_at, x.started_at, x.created_at) at time zone 'UTC' as updated_at,
    null::text as created_on_worker,
    x.node as processed_on_worker,
    x.backgrounder as backgrounder_id,
    case when coalesce(x.is_serial, s.execution = 'serial') then s.id end as serial_collection_id,
    i.id as site_id,
    x.overflow,
    x.promoted_at at time zone 'UTC' as promoted_at,
    x.task as task_id,
    x.run_now,
    null::bigint as creator_id,
    x.attempts_remaining,
    x.scheduled_at at time zone 'UTC' as scheduled_start,
    x.task as correlation_id,
    md5('pgdispatch job ' || x.id)::uuid as luid,
    null::text as link,
    null::integer as lock_version,
    null::text as language,
    null::text as locale
from (
    select
        w.id, w.type, w.title, w.datasource, w.args, w.last_error as notes, -1 as progress,
        null::integer as finish_code, w.priority, w.created_at, null::timestamptz as started_at,
        null::timestamptz as completed_at, w.node, w.backgrounder, null::boolean as is_serial,
        w.schedule, w.site,
        coalesce(w.gate = 'site/' || w.site, false) as overflow, w.promoted_at, w.task, w.run_now,
        w.max_attempts - w.failures as attempts_remaining, w.scheduled_at
    from pgdispatch.job as w
    where w.backgrounder is null
    union all
    select
        r.id, r.type, r.title, r.datasource, r.args, r.progress_note,
        least(99, floor(coalesce(r.progress, 0)))::integer, null, r.priority, r.created_at,
        r.started_at, null, r.node, r.backgrounder, r.is_serial, r.schedule, r.site, false,
        r.promoted_at, r.task, r.run_now, r.max_attempts - r.failures - 1, r.scheduled_at
    from pgdispatch.job as r
    where r.state = 'running'
    union all
    select
        h.id, h.type, h.title, h.datasource, h.args,
        coalesce(h.error, h.cancel_reason, h.progress_note), 100,
        case h.outcome when 'succeeded' then 0 when 'failed' then 1 else 2 end, h.priority,
        h.created_at, h.started_at, h.ended_at, h.node, h.backgrounder, h.is_serial, h.schedule,
        h.site, false, h.promoted_at, h.task, h.run_now,
        greatest(0, h.max_attempts - h.failures - (h.outcome <> 'failed')::integer),
        h.scheduled_at
    from pgdispatch.job_history as h
) as x
left join pgdispatch.job_type as t on t.name = x.type
left join pgdispatch.site as i on i.name = x.site
left join pgdispatch.schedule as s on s.name = x.schedule;

comment on view pgdispatch.background_jobs is
'All jobs as Tableau Server''s repository shows them in its table background_jobs; times are UTC. '
'Conditions on id, created_at, started_at and completed_at find ended jobs by an index; with '
'progress < 100 the history is not read at all; others read all of it.';
comment on column pgdispatch.background_jobs.id is 'Number of the job.';
comment on column pgdispatch.background_jobs.job_type is
'What kind of job, in Tableau''s words. full_extract: refresh_extracts; incremental_extract: '
'increment_extracts; extract_creation: create_extracts; flow: run_flow; subscription: '
'single_subscription_notify; alert: check_data_alert; other types: their own name.';
comment on column pgdispatch.background_jobs.job_name is
'The same for people: Refresh Extracts, Increment Extracts, Create Extracts, Run Flow, '
'Subscription Notifications, Check If Data Alert Condition Is True.';
comment on column pgdispatch.background_jobs.title is 'Name for people, up to 500 characters.';
comment on column pgdispatch.background_jobs.subtitle is
'Datasource if it refreshes one, else null.';
comment on column pgdispatch.background_jobs.args is
'Its arguments, as JSON text (in Tableau Server: YAML).';
comment on column pgdispatch.background_jobs.notes is
'What went wrong, else why it was cancelled, else what its handler is at; of a waiting job its '
'last error.';
comment on column pgdispatch.background_jobs.progress is
'-1: it waits; 0 to 99: it runs; 100: it has ended, however.';
comment on column pgdispatch.background_jobs.finish_code is
'0: succeeded; 1: failed; 2: cancelled; null: it has not ended.';
comment on column pgdispatch.background_jobs.priority is
'1 (highest) to 100; 0 only for Run Now and for flows without a priority of their own.';
comment on column pgdispatch.background_jobs.job_rank is 'Rank of its type, lowest first.';
comment on column pgdispatch.background_jobs.created_at is 'When it was added to the queue; UTC.';
comment on column pgdispatch.background_jobs.started_at is
'When its backgrounder was given it; UTC.';
comment on column pgdispatch.background_jobs.completed_at is 'When it ended; UTC.';
comment on column pgdispatch.background_jobs.updated_at is 'The last of the three; UTC.';
comment on column pgdispatch.background_jobs.created_on_worker is
'Null: there is nothing like it here.';
comment on column pgdispatch.background_jobs.processed_on_worker is
'The node that runs it, or ran it last.';
comment on column pgdispatch.background_jobs.backgrounder_id is 'The backgrounder, node:number.';
comment on column pgdispatch.background_jobs.serial_collection_id is
'Number of its schedule, if that was serial when the job was created.';
comment on column pgdispatch.background_jobs.site_id is 'Number of its site.';
comment on column pgdispatch.background_jobs.overflow is
'Whether it waits because of its site''s limit or budget.';
comment on column pgdispatch.background_jobs.promoted_at is
'When it left the overflow of its site, if it was there; UTC.';
comment on column pgdispatch.background_jobs.task_id is 'The task it is a run of, if any.';
comment on column pgdispatch.background_jobs.run_now is 'Whether it was started by hand.';
comment on column pgdispatch.background_jobs.creator_id is
'Null: people are known by name here, see created_by in job and background_task.';
comment on column pgdispatch.background_jobs.attempts_remaining is
'How often it may still be tried, a run that is under way not counted.';
comment on column pgdispatch.background_jobs.scheduled_start is
'The scheduled time that it serves, if any; UTC.';
comment on column pgdispatch.background_jobs.correlation_id is
'The task again: Tableau''s queries join by it.';
comment on column pgdispatch.background_jobs.luid is
'A unique identifier, always the same for one job.';
comment on column pgdispatch.background_jobs.link is 'Null: there is nothing like it here.';
comment on column pgdispatch.background_jobs.lock_version is 'Null: there is nothing like it here.';
comment on column pgdispatch.background_jobs.language is 'Null: there is nothing like it here.';
comment on column pgdispatch.background_jobs.locale is 'Null: there is nothing like it here.';
