/*
 * The schema and the rules that every file below it keeps.
 *
 * Global lock order, for every function here:
 *   0. for a claim, the advisory lock 1885824115 of its backgrounder;
 *      for the clock and Run Now: a schedule's row, its tasks' rows, its linked tasks' rows, then
 *      the advisory locks 1885824110 and …111 (a Run Now under way) and …114 (a fire under way);
 *      the clock skips what others hold, so that it waits for no person;
 *   1. the row of the one job in hand, for whoever ends or changes a job (`for update`);
 *   2. the advisory lock 1885824106 of whoever makes due jobs ready (the folder `due`);
 *   3. the advisory locks of gates, in ascending order of their lock key (`lock_gates`);
 *   4. the rows of other jobs, to start, park or wake them (`for update skip locked`).
 * The handler of flows holds …119 of its result, where that is; no function here asks for it.
 * Whoever changes sites, job types or timeouts holds the advisory lock …117; no claim asks for it.
 * Whoever writes delayed jobs holds …120, shared; nobody asks for it, it is read (`seen_until`).
 * Advisory locks that are only tried come anywhere: …108 history, …109 clock,
 * …113 suspensions, …118 a job being started, …116 generations, sequences (its second key is
 * waited for: who asks for it lets go at once). Nobody waits for a row lock while holding a gate's
 * lock. Nobody waits for a gate's lock while holding another that sorts after it: those are tried,
 * and the caller is told to ask again. Nobody waits for a gate's lock for ever (`take_gates`).
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
