/*
 * How far jobs that may start again all at once have been made ready; the last row counts.
 *
 * A million jobs may become due at one instant, or be unparked when a limit is taken away. Made
 * ready in one statement, they keep everybody waiting. Made ready in bounded numbers, they must not
 * be passed by jobs of a lesser place that are ready already. So they are made ready best first, up
 * to a floor in the order, and no claim starts a job beyond the floor: it raises it first.
 *
 * The naive way finds the best by the index of delayed jobs, from its left end. There stand jobs
 * whose time has not come, and the dead entries of all that were made ready before: each claim
 * would walk past them. With a floor each of them is met once. It stays true, since what is delayed
 * up to due_at never gets a new member, see announce_delay.
 *
 * What is paused stands here, too: each claim reads this row anyway, so it pays nothing for it.
 */
create table if not exists pgdispatch.due (
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
    floor_id bigint,
    paused text[]
);

comment on table pgdispatch.due is
'How far jobs that became due, or were unparked, have been made ready, and what is paused; the '
'last row counts. Written by claims, appended only.';
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
comment on column pgdispatch.due.paused is
'The gates of the pauses that hold, see the table pause; null: nothing is paused.';
