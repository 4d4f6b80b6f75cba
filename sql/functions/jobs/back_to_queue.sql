/*
 * A running job goes back to the queue, to its old place in the order, and holds no gate. After a
 * failure (p_error) it waits: how long is drawn at random up to retry_base_seconds, doubled for
 * each failure, and retry_max_seconds at most ("full jitter"): many that failed together do not
 * return together.
 * Locks: the caller holds the job's row; after a failure as announce_delay.
 */
create or replace function pgdispatch.back_to_queue(
    p_job bigint,
    p_has_failed boolean,
    p_is_loss boolean,
    p_failures integer,
    p_error text
)
returns void
language plpgsql
as $$
declare
    v_now timestamptz;
    v_not_before timestamptz;
begin
    if p_has_failed then
        v_now := pgdispatch.announce_delay();
        v_not_before := v_now + random() * least(
            pgdispatch.seconds('retry_max_seconds'),
            pgdispatch.seconds('retry_base_seconds') * power(2, least(p_failures, 30))
        );
    end if;
    update pgdispatch.job
    set state = case when v_not_before > v_now then 'delayed' else 'ready' end,
        not_before = case when p_has_failed then v_not_before else not_before end,
        failures = failures + p_has_failed::integer,
        losses = losses + p_is_loss::integer,
        last_error = case when p_has_failed then left(p_error, 8000) else last_error end,
        node = null,
        backgrounder = null,
        gates = '{}',
        asked_at = null,
        started_at = null,
        incarnation = null,
        progress = null,
        progress_note = null
    where id = p_job;
end
$$;

comment on function pgdispatch.back_to_queue(bigint, boolean, boolean, integer, text) is
'Takes a running job back to its place in the queue: at once, or after a failure (how many it had '
'before, and the error) after a random delay.';
