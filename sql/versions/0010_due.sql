/*
 * Jobs that become due all at once are made ready in bounded numbers. Locks: job, against writers,
 * while the index is built: what is delayed by the former functions is committed then.
 */
create table pgdispatch.due (
    id bigint generated always as identity primary key,
    due_at timestamptz not null,
    has_delayed boolean not null,
    gates text[] not null,
    passed_over bigint[] not null,
    floor_precedence smallint,
    floor_priority smallint,
    floor_queued_at timestamptz,
    floor_type_rank smallint,
    floor_tie_first double precision,
    floor_tie_second double precision,
    floor_id bigint
);

comment on table pgdispatch.due is
'How far jobs that became due, or were let in, have been made ready; the last row counts.';
comment on column pgdispatch.due.id is 'Counts the rows.';
comment on column pgdispatch.due.due_at is
'Of the delayed jobs that were due then, those up to the floor have been made ready.';
comment on column pgdispatch.due.has_delayed is
'Whether there may be such jobs beyond the floor; otherwise there are none at all.';
comment on column pgdispatch.due.gates is
'Gates at which those parked up to the floor have been made ready.';
comment on column pgdispatch.due.passed_over is
'Jobs up to the floor that were not made ready, as somebody held their rows.';
comment on column pgdispatch.due.floor_precedence is
'The place in the order up to which this has been done; null: nothing is left. precedence';
comment on column pgdispatch.due.floor_priority is '… priority';
comment on column pgdispatch.due.floor_queued_at is '… queued_at';
comment on column pgdispatch.due.floor_type_rank is '… type_rank';
comment on column pgdispatch.due.floor_tie_first is '… tie_first';
comment on column pgdispatch.due.floor_tie_second is '… tie_second';
comment on column pgdispatch.due.floor_id is '… id.';

create index job_due_idx on pgdispatch.job
    (precedence, priority, queued_at, type_rank, tie_first, tie_second, id)
    include (not_before)
    where state = 'delayed';

comment on table pgdispatch.deferral is
'Sites whose waiting jobs are let in at a time: at the refill of the daily budget, or at once.';
comment on column pgdispatch.deferral.refill_at is
'When its budget is full again; -infinity: at once, as its limits have changed.';
comment on column pgdispatch.verdict.more is
'run, from claim: whether other jobs are ready, so that another idle backgrounder should ask, too; '
'again: whether jobs have been parked or made ready, so that one does not ask in vain.';
