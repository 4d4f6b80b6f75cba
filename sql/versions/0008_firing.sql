/*
 * A schedule is fired part by part; what broke a fire off is known afterwards; a time ahead that
 * was fired early is kept. Locks: schedule; new columns without a default take a moment only.
 */
alter table pgdispatch.schedule
    add column firing_for timestamptz[],
    add column fired_task bigint,
    add column fired_linked_task bigint,
    add column served_ahead timestamptz[];

comment on column pgdispatch.schedule.put_off_until is
'After such an error, or a part of a long fire: others that are due come first, and the clock does '
'not go on before this.';
comment on column pgdispatch.schedule.firing_for is
'The scheduled times that the clock is firing it for, part by part; null: none.';
comment on column pgdispatch.schedule.fired_task is
'The last task that has had these times; null: all have.';
comment on column pgdispatch.schedule.fired_linked_task is
'The last linked task that has had them; they come after the tasks.';
comment on column pgdispatch.schedule.served_ahead is
'Times ahead for which it was fired early: at that time no task gets a second job.';
comment on column pgdispatch.job_history.queued_at is
'Order 3 (2 is the priority): start of its batch if a schedule made it in time; end of the window '
'in which it made it late; else when it was added.';
comment on column pgdispatch.job_history_default.queued_at is
'Order 3 (2 is the priority): start of its batch if a schedule made it in time; end of the window '
'in which it made it late; else when it was added.';
comment on column pgdispatch.job.queued_at is
'Order 3 (2 is the priority): start of its batch if a schedule made it in time; end of the window '
'in which it made it late; else when it was added.';

create sequence pgdispatch.schedule_in_hand;

comment on sequence pgdispatch.schedule_in_hand is
'Number of the schedule that the clock fires; keeps it even if that is rolled back. Not called: '
'the clock has ended that.';
