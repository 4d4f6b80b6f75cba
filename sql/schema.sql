/*
 * The schema and the rules that every file below it keeps.
 *
 * Global lock order, for every function here; advisory locks by the name of their class and what
 * they are of, see lock_class:
 *   0. for a claim or a turn, 'backgrounder' of its backgrounder or its node;
 *      for the clock and Run Now: a schedule's row, its tasks' rows, its linked tasks' rows, then
 *      'task_start' of a task or 'linked_task_start' of a linked task (a Run Now is under way), and
 *      'fire' of a schedule; the clock skips what others hold, so that it waits for no person;
 *   1. the row of the one job in hand, for whoever ends or changes a job (`for update`); of many,
 *      skipping those that others hold (`end_attempts`);
 *   2. 'due', of whoever makes due jobs ready (the folder `due`);
 *   3. 'gate' of gates, in ascending order of their lock key (`lock_gates`);
 *   4. the rows of other jobs, to start, park or wake them (`for update skip locked`).
 * Apart from these: 'installation', of the installer; 'history', of whoever rolls it; 'site_types',
 * of whoever changes sites, job types or timeouts; 'flow_result' of its result, of the handler of
 * flows, where that is: no claim asks for one of them. 'delays', shared, of whoever writes delayed
 * jobs: nobody asks for it, it is read (`seen_until`). 'configuration', of whoever applies a file,
 * before any row. A row of job_key, at its unique index, of whoever inserts a job with that key,
 * before the row of the job that it replaces: who takes or ends jobs asks for none.
 * Those that are only tried come anywhere: 'clock', 'suspension' of a task,
 * and 'generations', under which sequences are put forward, too (its second key is waited for: who
 * asks for it lets go at once). Nobody waits for a row lock while holding a gate's lock. Nobody
 * waits for a gate's lock while holding another that sorts after it: those are tried, and the
 * caller is told to ask again. Nobody waits for a gate's lock for ever (`take_gates`).
 */
do $$
begin
    if to_regnamespace('pgdispatch') is null then  -- its owner may have no right to make another
        create schema pgdispatch;
    end if;
end $$;

comment on schema pgdispatch is
'Background jobs in an exact and explainable order. Start at the view pgdispatch.queue.';

revoke all on schema pgdispatch from public;
