/*
 * An attempt failed, and the job may be tried again: it waits in its old place in the order, and
 * holds no gate. How long is drawn at random up to retry_base_seconds, doubled for each failure,
 * and retry_max_seconds at most ("full jitter"): many that failed together do not return together.
 * Locks: the caller holds the job's row and gates; as announce_delay.
 */
create or replace function pgdispatch.retry(p_job pgdispatch.job, p_error text)
returns void
language plpgsql
as $$
declare
    v_now constant timestamptz := pgdispatch.announce_delay();
    v_not_before constant timestamptz := v_now + random() * least(
        pgdispatch.seconds('retry_max_seconds'),
        pgdispatch.seconds('retry_base_seconds') * power(2, least(p_job.failures, 30))
    );
begin
    update pgdispatch.job
    set state = case when v_not_before > v_now then 'delayed' else 'ready' end,
        generation = pgdispatch.current_generation(),
        not_before = v_not_before,
        failures = failures + 1,
        last_error = left(p_error, 8000),
        node = null,
        backgrounder = null,
        gates = '{}',
        asked_at = null,
        started_at = null,
        incarnation = null,
        progress = null,
        progress_note = null
    where id = p_job.id;
end
$$;

comment on function pgdispatch.retry(pgdispatch.job, text) is
'Takes a job whose attempt failed back to its place, to be tried again after a random delay.';
