/*
 * The queue: jobs that wait or run, nothing else. Finished jobs are in job_history.
 *
 * State `ready`: in the dispatch index, in one of two generations. `parked`: waits at the one gate
 * named in `gate`. `delayed`: `not_before` lies ahead. `running`: has a backgrounder.
 * The seven order columns are filled by fill_job, or by default; `order by` them to see what comes
 * next.
 * A job waits if its backgrounder is null. job_waiting_idx says it so, and not by the state, or the
 * planner would take it for dispatch, which would then walk past all that is parked.
 * No foreign keys: share locks of thousands of inserters on one row would make multixacts. No check
 * constraints: PostgreSQL parses each anew for every claim; fill_job checks what is inserted.
 * No unique key on the backgrounder: claim sees to it, without a look at all its dead entries.
 */
create table if not exists pgdispatch.job (
    id bigint generated always as identity primary key,
    type text not null,
    site text not null,
    title text,
    datasource text,
    schedule text,
    task bigint,
    priority smallint not null,
    args jsonb not null default '{}',
    not_before timestamptz,
    timeout interval,
    max_attempts smallint not null,
    linked_run bigint,
    step integer,
    created_by text not null,
    inserted_by text not null,
    created_at timestamptz not null,
    scheduled_at timestamptz,
    run_now boolean not null default false,
    is_serial boolean not null,
    usual_seconds double precision,
    state text not null,
    generation integer not null default 1,
    precedence smallint not null default 1,
    queued_at timestamptz not null,
    type_rank smallint not null default -1,
    tie_first double precision not null default 0,
    tie_second double precision not null default 0,
    gate text,
    parked_gates text[] not null default '{}',
    promoted_at timestamptz,
    attempt integer not null default 0,
    losses integer not null default 0,
    failures integer not null default 0,
    last_error text,
    node text,
    backgrounder text,
    gates text[] not null default '{}',
    asked_at timestamptz,
    started_at timestamptz,
    progress real,
    progress_note text,
    cancel_requested_at timestamptz,
    cancelled_by text,
    cancel_reason text,
    incarnation uuid,
    traceparent text,
    key text,
    key_until text,
    on_conflict text
)
with (
    fillfactor = 80,
    autovacuum_vacuum_scale_factor = 0.02,
    autovacuum_vacuum_threshold = 1000,
    autovacuum_vacuum_insert_scale_factor = 0.1,
    autovacuum_analyze_scale_factor = 0.05,
    autovacuum_analyze_threshold = 2000,
    autovacuum_vacuum_cost_delay = 0
);

create index if not exists job_ready_idx on pgdispatch.job
    (generation, precedence, priority, queued_at, type_rank, tie_first, tie_second, id)
    where state = 'ready';
create index if not exists job_waiting_idx on pgdispatch.job
    (precedence, priority, queued_at, type_rank, tie_first, tie_second, id)
    where backgrounder is null;
create index if not exists job_parked_idx on pgdispatch.job
    (gate, precedence, priority, queued_at, type_rank, tie_first, tie_second, id)
    where state = 'parked';
create index if not exists job_parked_type_idx on pgdispatch.job
    (gate, type, precedence, priority, queued_at, type_rank, tie_first, tie_second, id)
    where state = 'parked';
create index if not exists job_delayed_idx on pgdispatch.job (not_before)
    where state = 'delayed';
create index if not exists job_due_idx on pgdispatch.job
    (precedence, priority, queued_at, type_rank, tie_first, tie_second, id)
    include (not_before)
    where state = 'delayed';
create index if not exists job_running_node_idx on pgdispatch.job (node, backgrounder)
    where state = 'running';
create unique index if not exists job_running_datasource_key on pgdispatch.job
    (site, datasource)
    where state = 'running' and datasource is not null;
create unique index if not exists job_running_serial_key on pgdispatch.job (schedule)
    where state = 'running' and is_serial;
create index if not exists job_running_schedule_idx on pgdispatch.job (schedule)
    where state = 'running' and schedule is not null;
create index if not exists job_linked_run_idx on pgdispatch.job (linked_run)
    where linked_run is not null;
create index if not exists job_running_site_idx on pgdispatch.job (site)
    where state = 'running';
create index if not exists job_task_idx on pgdispatch.job (task)
    where task is not null;

comment on table pgdispatch.job is
'Jobs that wait or run. Insert into it with nothing but a type; finished jobs are in job_history. '
'Never update or delete a row by hand: use cancel and set_priority, or jobs stay parked.';
comment on column pgdispatch.job.id is 'Number of the job; the last criterion of the order.';
comment on column pgdispatch.job.type is 'Job type; must exist in job_type.';
comment on column pgdispatch.job.site is 'Site; default if not given.';
comment on column pgdispatch.job.title is 'Name for people, up to 500 characters.';
comment on column pgdispatch.job.datasource is
'What it refreshes. Two jobs of one site and datasource never run at once.';
comment on column pgdispatch.job.schedule is 'The schedule it belongs to, if any.';
comment on column pgdispatch.job.task is
'The task it is a run of, if any; fills what is not given.';
comment on column pgdispatch.job.priority is
'1 (highest) to 100; 0 only for Run Now and for flows without a priority of their own.';
comment on column pgdispatch.job.args is 'A JSON object for the handler; data, never executed.';
comment on column pgdispatch.job.not_before is 'It does not start before this.';
comment on column pgdispatch.job.timeout is
'How long it may run; null when inserted: as its task or type says; null in the table: no limit.';
comment on column pgdispatch.job.max_attempts is
'How often it is tried before it fails; null when inserted: as its task or type says.';
comment on column pgdispatch.job.linked_run is 'The run of a linked task that it is a step of.';
comment on column pgdispatch.job.step is 'Which step of it.';
comment on column pgdispatch.job.created_by is 'Who wants it; the database user if not given.';
comment on column pgdispatch.job.inserted_by is 'The database user who inserted the row.';
comment on column pgdispatch.job.created_at is 'When it was added to the queue.';
comment on column pgdispatch.job.scheduled_at is 'The scheduled time that it serves, if any.';
comment on column pgdispatch.job.run_now is 'Whether it was started by hand.';
comment on column pgdispatch.job.is_serial is
'Whether its schedule was serial when it was started last, or else created.';
comment on column pgdispatch.job.usual_seconds is
'Mean run time of its task over its recent successful runs, in seconds, as of its creation.';
comment on column pgdispatch.job.state is 'ready, parked, delayed or running.';
comment on column pgdispatch.job.generation is
'Which part of the dispatch index a ready job is in, see the table generation; no criterion.';
comment on column pgdispatch.job.precedence is 'Order 1: 0 for Run Now (flows excepted), else 1.';
comment on column pgdispatch.job.queued_at is
'Order 3 (2 is the priority): start of its batch if a schedule made it in time; end of the window '
'in which it made it late; else when it was added.';
comment on column pgdispatch.job.type_rank is
'Order 4: rank of its type; -1 for jobs that no schedule made, which are not reordered.';
comment on column pgdispatch.job.tie_first is
'Order 5: usual_seconds (infinity: no history), or the epoch of the enabled time if the setting '
'tie_break is created; 0 for jobs that no schedule made.';
comment on column pgdispatch.job.tie_second is 'Order 6: the other one of the two; 7 is the id.';
comment on column pgdispatch.job.gate is 'The full gate at which it is parked.';
comment on column pgdispatch.job.parked_gates is 'The gates at which it has been parked so far.';
comment on column pgdispatch.job.promoted_at is
'When it left the overflow of its site, if it was there.';
comment on column pgdispatch.job.attempt is
'Counts the claims; finish, fail and progress must name the current one.';
comment on column pgdispatch.job.losses is 'How many times its node was lost.';
comment on column pgdispatch.job.failures is
'How many of its attempts have failed; a retry waits until not_before.';
comment on column pgdispatch.job.last_error is 'Why the last attempt that was retried had failed.';
comment on column pgdispatch.job.node is 'The node that runs it.';
comment on column pgdispatch.job.backgrounder is 'The backgrounder that runs it.';
comment on column pgdispatch.job.gates is
'The gates that it occupies while it runs; its end wakes the next job at each.';
comment on column pgdispatch.job.asked_at is 'When its backgrounder asked for work.';
comment on column pgdispatch.job.started_at is 'When its backgrounder was given it.';
comment on column pgdispatch.job.progress is
'Per cent done, as reported by its handler; 100 for a job that reported any and succeeded.';
comment on column pgdispatch.job.progress_note is 'What its handler is at.';
comment on column pgdispatch.job.cancel_requested_at is 'When its cancellation was asked for.';
comment on column pgdispatch.job.cancelled_by is 'Who asked for it.';
comment on column pgdispatch.job.cancel_reason is 'Why.';
comment on column pgdispatch.job.incarnation is
'Which run of its node''s supervisor was up when it was started; null: none.';
comment on column pgdispatch.job.traceparent is
'The trace that it belongs to, as in the W3C header of that name; what is not one is left out.';
comment on column pgdispatch.job.key is
'What it is about, in the words of who inserts it, up to 500 characters: there is no second job '
'with it at its site, see key_until and on_conflict.';
comment on column pgdispatch.job.key_until is
'Until when there is no second job with its key. started (default): while it waits; ended: while '
'it waits or runs; forgotten: for as long as the history has it. Of two that differ the longer '
'counts.';
comment on column pgdispatch.job.on_conflict is
'What becomes of an insert whose key is taken. refuse (default): error JD011; nothing: it is left '
'out; replace: the job that waits gets its arguments and priority. Null in the table.';
