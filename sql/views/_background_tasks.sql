/* The view of the same name in Tableau Server's repository: columns of background_jobs. */
create or replace view pgdispatch._background_tasks
with (security_invoker = true) as
select
    b.id,
    b.created_at,
    b.completed_at,
    b.finish_code,
    b.job_type,
    b.progress,
    b.args,
    b.notes,
    b.started_at,
    b.job_name,
    b.priority,
    b.title,
    b.processed_on_worker,
    b.subtitle,
    b.language,
    b.locale,
    b.site_id,
    b.backgrounder_id
from pgdispatch.background_jobs as b;

comment on view pgdispatch._background_tasks is
'background_jobs as Tableau Server''s view of this name shows it.';
comment on column pgdispatch._background_tasks.id is 'Number of the job.';
comment on column pgdispatch._background_tasks.created_at is 'When it was added to the queue; UTC.';
comment on column pgdispatch._background_tasks.completed_at is 'When it ended; UTC.';
comment on column pgdispatch._background_tasks.finish_code is
'0: succeeded; 1: failed; 2: cancelled; null: it has not ended.';
comment on column pgdispatch._background_tasks.job_type is
'What kind of job, in Tableau''s words. full_extract: refresh_extracts; incremental_extract: '
'increment_extracts; extract_creation: create_extracts; flow: run_flow; subscription: '
'single_subscription_notify; alert: check_data_alert; other types: their own name.';
comment on column pgdispatch._background_tasks.progress is
'-1: it waits; 0 to 99: it runs; 100: it has ended, however.';
comment on column pgdispatch._background_tasks.args is
'Its arguments, as JSON text (in Tableau Server: YAML).';
comment on column pgdispatch._background_tasks.notes is
'What went wrong, else why it was cancelled, else what its handler is at; of a waiting job its '
'last error.';
comment on column pgdispatch._background_tasks.started_at is
'When its backgrounder was given it; UTC.';
comment on column pgdispatch._background_tasks.job_name is
'The same for people: Refresh Extracts, Increment Extracts, Create Extracts, Run Flow, '
'Subscription Notifications, Check If Data Alert Condition Is True.';
comment on column pgdispatch._background_tasks.priority is
'1 (highest) to 100; 0 only for Run Now and for flows without a priority of their own.';
comment on column pgdispatch._background_tasks.title is 'Name for people, up to 500 characters.';
comment on column pgdispatch._background_tasks.processed_on_worker is
'The node that runs it, or ran it last.';
comment on column pgdispatch._background_tasks.subtitle is
'Datasource if it refreshes one, else null.';
comment on column pgdispatch._background_tasks.language is 'Null: there is nothing like it here.';
comment on column pgdispatch._background_tasks.locale is 'Null: there is nothing like it here.';
comment on column pgdispatch._background_tasks.site_id is 'Number of its site.';
comment on column pgdispatch._background_tasks.backgrounder_id is 'The backgrounder, node:number.';
