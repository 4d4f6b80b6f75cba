/*
 * People can be told of what happens: rules, an outbox, and the targets that nodes reach.
 * Locks: node, which heartbeats write; site, schedule and job_type, which rules refer to, against
 * whoever changes them; for a moment.
 */
alter table pgdispatch.node add column targets text[];

comment on column pgdispatch.node.targets is
'The targets of notices that it reaches, by its configuration file; null: none.';

create table pgdispatch.notice_rule (
    id bigint generated always as identity primary key,
    what text not null,
    target text not null,
    site text references pgdispatch.site (name) on update cascade on delete cascade,
    type text references pgdispatch.job_type (name) on update cascade on delete cascade,
    schedule text references pgdispatch.schedule (name) on update cascade on delete cascade,
    after integer not null default 1,
    created_at timestamptz not null default pg_catalog.now(),
    created_by text not null default session_user,
    constraint notice_rule_key unique nulls not distinct (
        what, target, site, type, schedule, after
    ),
    constraint notice_rule_what_check check (what in (
        'failure', 'suspension', 'recovery', 'node_lost', 'schedule_late', 'budget_spent'
    )),
    constraint notice_rule_target_check check (target ~ '^[[:alnum:]][[:alnum:]._-]{0,62}$'),
    constraint notice_rule_after_check check (after between 1 and 100000)
);

comment on table pgdispatch.notice_rule is
'Of what a notice is recorded, and which target it goes to. What matches several rules of one '
'target is told once.';
comment on column pgdispatch.notice_rule.id is 'Number of the rule.';
comment on column pgdispatch.notice_rule.what is
'failure (a job ended as failed), suspension (of a task), recovery (a task succeeds after one of '
'these was told), node_lost (no sign of life for a lease), schedule_late (what it is due for has '
'not been created), budget_spent (of a site, once a day).';
comment on column pgdispatch.notice_rule.target is
'The target: up to 63 letters, digits, dots, underscores and hyphens. What it stands for is in the '
'configuration files of nodes.';
comment on column pgdispatch.notice_rule.site is
'Only of this site; null: of all. Not for node_lost and schedule_late, which belong to none.';
comment on column pgdispatch.notice_rule.type is
'Only of jobs of this type; null: of all. For failure, suspension and recovery.';
comment on column pgdispatch.notice_rule.schedule is
'Only of this schedule; null: of all. For failure, suspension, recovery and schedule_late.';
comment on column pgdispatch.notice_rule.after is
'For failure: from so many failures of its task in a row on. For schedule_late: so many minutes '
'after its time. Else 1.';
comment on column pgdispatch.notice_rule.created_at is 'When it was added.';
comment on column pgdispatch.notice_rule.created_by is 'The database user who added it.';

create table pgdispatch.notice (
    id bigint generated always as identity primary key,
    at timestamptz not null,
    what text not null,
    target text not null,
    text text not null,
    error text,
    site text,
    type text,
    schedule text,
    task bigint,
    job bigint,
    node text,
    title text,
    after integer,
    since timestamptz,
    recovered_at timestamptz,
    queued_at timestamptz,
    delivery bigint,
    ended_at timestamptz,
    outcome text,
    delivery_error text,
    constraint notice_outcome_check check (outcome in ('delivered', 'given up'))
);

create index notice_at_idx on pgdispatch.notice (at);
create index notice_open_idx on pgdispatch.notice (target, id)
    where ended_at is null;
create index notice_queued_idx on pgdispatch.notice (target, queued_at)
    where what <> 'test';
create index notice_trouble_idx on pgdispatch.notice (task, at)
    where what in ('failure', 'suspension')
        and recovered_at is null
        and task is not null;
create unique index notice_state_idx
    on pgdispatch.notice (what, coalesce(node, schedule, site), since, target)
    where since is not null;

comment on table pgdispatch.notice is
'What targets are told, one row each. A job of type notice takes those that wait for one target '
'there. Forgotten after notice_keep_days.';
comment on column pgdispatch.notice.id is 'Number of the notice; the receiver gets it, too.';
comment on column pgdispatch.notice.at is 'When it was recorded.';
comment on column pgdispatch.notice.what is 'What it is about, as in notice_rule; or test.';
comment on column pgdispatch.notice.target is 'The target that is told.';
comment on column pgdispatch.notice.text is 'What happened, in one sentence.';
comment on column pgdispatch.notice.error is 'The first or last line of the error; null: none.';
comment on column pgdispatch.notice.site is 'The site it concerns; null: the cluster.';
comment on column pgdispatch.notice.type is 'The type of the job.';
comment on column pgdispatch.notice.schedule is 'The schedule it concerns, or of the job.';
comment on column pgdispatch.notice.task is 'The task.';
comment on column pgdispatch.notice.job is 'The job that failed, or that succeeded again.';
comment on column pgdispatch.notice.node is 'The lost node.';
comment on column pgdispatch.notice.title is 'The title of the job.';
comment on column pgdispatch.notice.after is
'After how many failures in a row, or minutes; see notice_rule.';
comment on column pgdispatch.notice.since is
'Since when it has been so: the last heartbeat, the time that is late, the last refill. Each such '
'state is told once to a target.';
comment on column pgdispatch.notice.recovered_at is
'Of failure and suspension: when the task succeeded next; null: not yet.';
comment on column pgdispatch.notice.queued_at is
'When the job was made that delivers it; null: it waits for one.';
comment on column pgdispatch.notice.delivery is 'That job.';
comment on column pgdispatch.notice.ended_at is 'When that job ended; null: it has not.';
comment on column pgdispatch.notice.outcome is
'delivered: the target has taken it. given up: that job failed or was cancelled.';
comment on column pgdispatch.notice.delivery_error is
'Why it is not delivered yet, or was given up: the last error, or that no node has the target.';

create table pgdispatch.notice_look (
    is_only boolean primary key default true,
    looked_at timestamptz not null,
    looked_closely_at timestamptz not null,
    constraint notice_look_is_only_check check (is_only)
);

comment on table pgdispatch.notice_look is
'When a supervisor last looked for notices: however many there are, one looks each second. One '
'row, written by tend_notices.';
comment on column pgdispatch.notice_look.is_only is 'True; there is one row.';
comment on column pgdispatch.notice_look.looked_at is 'When it last looked at all.';
comment on column pgdispatch.notice_look.looked_closely_at is
'When it last looked at what takes longer: recoveries and budgets.';

comment on column pgdispatch.change.kind is
'What was changed: site, schedule, task, linked task, node, job type, setting, notice rule, user '
'or job.';
comment on column pgdispatch.change_default.kind is
'What was changed: site, schedule, task, linked task, node, job type, setting, notice rule, user '
'or job.';
