/*
 * Jobs say which trace they belong to, a claim tells it, and the history keeps it. Of an attempt it
 * is kept when it could have started.
 * Locks: job, and job_history and attempt with their partitions, until the end of the transaction;
 * whoever uses them waits. Nothing is rewritten.
 */
alter table pgdispatch.job
    add column traceparent text;
alter table pgdispatch.job_history
    add column traceparent text;
alter table pgdispatch.attempt
    add column due_at timestamptz;
alter type pgdispatch.verdict
    add attribute traceparent text;

comment on column pgdispatch.verdict.traceparent is 'The trace that the job belongs to, if any.';
comment on column pgdispatch.job.traceparent is
'The trace that it belongs to, as in the W3C header of that name; what is not one is left out.';

do $$
declare
    v_table regclass;
begin
    for v_table in select relid from pg_partition_tree('pgdispatch.job_history') loop
        execute format(
            'comment on column %s.traceparent is %L', v_table,
            'The trace that it belongs to, as in the W3C header of that name; what is not one is '
            'left out.'
        );
    end loop;
    for v_table in select relid from pg_partition_tree('pgdispatch.attempt') loop
        execute format(
            'comment on column %s.due_at is %L', v_table,
            'It did not start before this: what not_before of its job was meanwhile; null: none.'
        );
    end loop;
end $$;
