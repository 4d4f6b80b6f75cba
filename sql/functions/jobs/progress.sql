/*
 * Notes how far a running attempt is.
 * Locks: the job's row. Rivals: a stale attempt is refused (JD003).
 */
create or replace function pgdispatch.progress(
    p_job bigint,
    p_attempt integer,
    p_percent real,
    p_note text default null
)
returns void
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    update pgdispatch.job
    set progress = least(greatest(p_percent, 0), 100),
        progress_note = left(p_note, 500)
    where id = p_job
        and attempt = p_attempt
        and state = 'running';
    if not found then
        raise exception using
            errcode = 'JD003',
            message = format('job %s is not running as attempt %s', p_job, p_attempt),
            detail = pgdispatch.whereabouts(p_job),
            hint = 'stop this attempt: its result will be refused';
    end if;
end
$$;

comment on function pgdispatch.progress(bigint, integer, real, text) is
'Notes the progress of a running attempt, 0 to 100 per cent, with a word about what it is at, up '
'to 500 characters. Locks the job. JD003: it is not the running attempt.';
