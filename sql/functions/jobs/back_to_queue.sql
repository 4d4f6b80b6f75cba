/*
 * A running job goes back to the queue, to its old place in the order, and holds no gate; the
 * attempt that has ended so is kept. After a failure the job waits: how long is drawn at random up
 * to retry_base_seconds, doubled for each failure, and retry_max_seconds at most ("full jitter"):
 * many that failed together do not return together. Its handler may have said how long instead
 * (p_after, a number of seconds), as it does when it snoozes: that is a return without a failure.
 * Locks: the caller holds the job's row; if the job waits as announce_delay.
 */
create or replace function pgdispatch.back_to_queue(
    p_job bigint,
    p_ended_as text,
    p_failures integer,
    p_error text,
    p_log text,
    p_after jsonb default null
)
returns void
language plpgsql
as $$
declare
    v_longest constant numeric := 366 * 86400;
    v_has_failed constant boolean := p_ended_as in ('error', 'retry', 'killed', 'timed out');
    v_now timestamptz;
    v_not_before timestamptz;
begin
    if v_has_failed or p_ended_as = 'snoozed' then
        v_now := pgdispatch.announce_delay();
        v_not_before := v_now + case
            when jsonb_typeof(p_after) = 'number'
                then make_interval(secs => least(greatest(p_after::numeric, 0), v_longest))
            else random() * least(
                pgdispatch.seconds('retry_max_seconds'),
                pgdispatch.seconds('retry_base_seconds') * power(2, least(p_failures, 30))
            )
        end;
    end if;
    with back as (
        update pgdispatch.job as j
        set state = case when v_not_before > v_now then 'delayed' else 'ready' end,
            not_before = coalesce(v_not_before, j.not_before),
            failures = j.failures + v_has_failed::integer,
            losses = j.losses + (p_ended_as = 'lost')::integer,
            last_error = case when v_has_failed then left(p_error, 8000) else j.last_error end,
            node = null,
            backgrounder = null,
            gates = '{}',
            asked_at = null,
            started_at = null,
            incarnation = null,
            progress = null,
            progress_note = null
        from pgdispatch.job as was
        where j.id = p_job
            and was.id = p_job
        returning was as ran
    )
    insert into pgdispatch.attempt (
        job, attempt, type, site, title, datasource, schedule, task, node, backgrounder, asked_at,
        started_at, ended_at, ended_as, error, log, not_before,
        due_at
    )
    select
        (ran).id, (ran).attempt, (ran).type, (ran).site, (ran).title, (ran).datasource,
        (ran).schedule, (ran).task, (ran).node, (ran).backgrounder, (ran).asked_at,
        case when p_ended_as <> 'not begun' then (ran).started_at end,
        pgdispatch.now(), case when p_ended_as = 'retry' then 'error' else p_ended_as end,
        left(p_error, 8000), right(p_log, 65536), v_not_before, (ran).not_before
    from back;
end
$$;

comment on function pgdispatch.back_to_queue(bigint, text, integer, text, text, jsonb) is
'Takes a running job back to its place in the queue, and keeps how its attempt ended, with error '
'and log: at once, or after a failure (how many it had before) after a random delay; or after so '
'many seconds (p_after), if its handler said so.';
