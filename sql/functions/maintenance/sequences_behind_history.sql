/*
 * Sequences that are behind numbers of rows that may be gone: those that jobs, the history and
 * scheduled times name, and those of changes. As sequences_behind; it looks at each partition.
 */
create or replace function pgdispatch.sequences_behind_history()
returns table (
    sequence text,
    given bigint
)
language plpgsql
set enable_seqscan = off
set enable_bitmapscan = off
set jit = off
as $$
begin
    return query
    select s.name, s.greatest
    from (
        select 'job_id_seq', (
            select max(id) from pgdispatch.job_history
            where id > (select pgdispatch.last_given('job_id_seq'))
        )
        union all
        select 'task_id_seq', greatest(
            (
                select max(task) from pgdispatch.job_history
                where task > (select pgdispatch.last_given('task_id_seq'))
            ), (
                select max(task) from pgdispatch.job
                where task > (select pgdispatch.last_given('task_id_seq'))
            ), (
                select max(task) from pgdispatch.occurrence
                where task > (select pgdispatch.last_given('task_id_seq'))
            )
        )
        union all
        select 'linked_task_id_seq', (
            select max(linked_task) from pgdispatch.linked_run
            where linked_task > (select pgdispatch.last_given('linked_task_id_seq'))
        )
        union all
        select 'linked_run_id_seq', (
            select max(linked_run) from pgdispatch.job_history
            where linked_run > (select pgdispatch.last_given('linked_run_id_seq'))
        )
        union all
        select 'change_id_seq', (
            select max(id) from pgdispatch.change
            where id > (select pgdispatch.last_given('change_id_seq'))
        )
    ) as s (name, greatest)
    where s.greatest is not null;
end
$$;

comment on function pgdispatch.sequences_behind_history() is
'Sequences of numbers that are behind what jobs, history and scheduled times name.';
