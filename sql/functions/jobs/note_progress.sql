/*
 * Notes how far running attempts are, for a supervisor that tells of all its processes at once.
 * Attempts that are over are none of its concern any more: nothing is said of them.
 * Locks: the jobs' rows, skipping what others hold: who ends an attempt tells its last progress.
 */
create or replace function pgdispatch.note_progress(
    p_jobs bigint[],
    p_attempts integer[],
    p_percents real[],
    p_notes text[]
)
returns void
language sql
security definer
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
as $$
    update pgdispatch.job
    set progress = least(greatest(told.percent, 0), 100),
        progress_note = left(told.note, 500)
    from (
        select j.id, t.percent, t.note
        from unnest(p_jobs, p_attempts, p_percents, p_notes) as t (job, attempt, percent, note)
        join pgdispatch.job as j
            on j.id = t.job
            and j.attempt = t.attempt
            and j.state = 'running'
        for update of j skip locked
    ) as told
    where job.id = told.id
$$;

comment on function pgdispatch.note_progress(bigint[], integer[], real[], text[]) is
'Notes the progress of attempts (lists of one length), 0 to 100 per cent, each with a word about '
'what it is at; those that are not running, or whose row somebody holds, are left out.';
