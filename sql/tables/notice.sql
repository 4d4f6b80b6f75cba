/*
 * The outbox: one row for each thing that a target is told, written in the transaction that saw it.
 * No foreign keys: it says what was, and whoever ends a job waits for nobody.
 */
create table if not exists pgdispatch.notice (
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
    contract bigint,
    contract_state text,
    constraint notice_outcome_check check (outcome in ('delivered', 'given up'))
);

create index if not exists notice_at_idx on pgdispatch.notice (at);
create index if not exists notice_open_idx on pgdispatch.notice (target, id)
    where ended_at is null;
create index if not exists notice_queued_idx on pgdispatch.notice (target, queued_at)
    where what <> 'test';
create index if not exists notice_trouble_idx on pgdispatch.notice (task, at)
    where what in ('failure', 'suspension')
        and recovered_at is null
        and task is not null;
create unique index if not exists notice_state_idx
    on pgdispatch.notice (
        what, coalesce(contract::text, node, schedule, site), since, target, contract_state
    ) nulls not distinct
    where since is not null and (contract is null or recovered_at is null);

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
comment on column pgdispatch.notice.title is 'The title of the job; or the name of the contract.';
comment on column pgdispatch.notice.after is
'After how many failures in a row, or minutes; see notice_rule.';
comment on column pgdispatch.notice.since is
'Since when it has been so: the last heartbeat, the time that is late, the last refill; of a '
'contract the due time. Each such state is told once to a target.';
comment on column pgdispatch.notice.recovered_at is
'Of failure and suspension: when the task succeeded next; of a broken contract: when it was so no '
'more; null: not yet.';
comment on column pgdispatch.notice.queued_at is
'When the job was made that delivers it; null: it waits for one.';
comment on column pgdispatch.notice.delivery is 'That job.';
comment on column pgdispatch.notice.ended_at is 'When that job ended; null: it has not.';
comment on column pgdispatch.notice.outcome is
'delivered: the target has taken it. given up: that job failed or was cancelled.';
comment on column pgdispatch.notice.delivery_error is
'Why it is not delivered yet, or was given up: the last error, or that no node has the target.';
comment on column pgdispatch.notice.contract is 'The contract it is about.';
comment on column pgdispatch.notice.contract_state is 'How that stood: as in contract_status.';
