/*
 * Scheduled times that are missed under `skip` are recorded. Locks: schedule, a moment; occurrence
 * and linked_run, against everybody, while the new constraints read them once.
 */
alter table pgdispatch.schedule add column missed_for timestamptz[];

comment on column pgdispatch.schedule.max_missed_runs is
'With missed_runs all: so many at most, the latest ones; with skip so many are recorded.';
comment on column pgdispatch.schedule.missed_for is
'The missed times that are being recorded along with these; null: none.';

alter table pgdispatch.occurrence
    drop constraint occurrence_skipped_for_check,
    add constraint occurrence_skipped_for_check
    check (skipped_for in ('waiting', 'suspended', 'missed'));

comment on column pgdispatch.occurrence.skipped_for is
'Why no job was created: waiting (an earlier one of the task was), suspended, or missed (nobody '
'was up then, and the schedule skips such times); null: one was.';

alter table pgdispatch.linked_run
    drop constraint linked_run_skipped_for_check,
    add constraint linked_run_skipped_for_check
    check (skipped_for in ('waiting', 'suspended', 'missed'));

comment on column pgdispatch.linked_run.skipped_for is
'Why nothing was run: waiting (the run before had not ended), suspended (the first step is), or '
'missed (nobody was up then, and the schedule skips such times); null: it was run.';
