/*
 * Keeps lines that running attempts have logged, for a supervisor that tells of all its processes
 * at once. What comes late, when the attempt has ended or was taken back, is kept under its own
 * number: it is what happened there. Told twice, as an answer was lost, lines are read once.
 * Locks: none. A job that is not known, or that has had no such attempt, is left out.
 */
create or replace function pgdispatch.append_log(
    p_jobs bigint[],
    p_attempts integer[],
    p_first_lines bigint[],
    p_last_lines bigint[],
    p_lines text[]
)
returns void
language sql
security definer
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
as $$
    insert into pgdispatch.job_log (
        written_at, job, attempt, site, first_line, last_line, lines
    )
    select
        pgdispatch.now(),
        t.job,
        t.attempt,
        known.site,
        t.first_line,
        t.last_line,
        left(t.lines, 1048576)
    from unnest(p_jobs, p_attempts, p_first_lines, p_last_lines, p_lines)
        as t (job, attempt, first_line, last_line, lines)
    cross join lateral (
        select j.site, j.attempt
        from pgdispatch.job as j
        where j.id = t.job
        union all
        select h.site, h.attempt
        from pgdispatch.job_history as h
        where h.id = t.job
        limit 1
    ) as known
    where t.attempt between 1 and known.attempt
$$;

comment on function pgdispatch.append_log(bigint[], integer[], bigint[], bigint[], text[]) is
'Keeps lines that attempts have logged (lists of one length): the numbers of the first and the '
'last of them, and the lines, each with its time in UTC before it. It is kept under that attempt '
'even if that has ended; of a job that is not there nothing is. Takes no lock.';
