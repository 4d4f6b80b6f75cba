/*
 * Ends attempts, each with what is said of it: succeeded; error, killed or timed out, which are
 * failures; failed, which is one for good; retry, one whose result is the seconds until the next
 * attempt; snoozed, which is no failure and has such a result, too; given back, or not begun, which
 * is the same of one whose handler was not called; lost.
 * One function for all that ends attempts, one or many: finish, fail, requeue, take_back, turn.
 *
 * A failure or a return after a cancel request is a cancellation. After a failure with attempts
 * left, and after a loss but the last, the job goes back to the queue, as what is given back does.
 *
 * Rows that somebody holds are left alone: nobody is to wait for a person who thinks in an open
 * transaction. Who wants to wait for the row of one attempt locks it first (end_attempt).
 *
 * The jobs leave the queue before their gates are locked: that is seen at the commit only. While a
 * row is held nobody adds a gate to it, so the gates read here are all of them.
 *
 * Locks: those rows, skipping what others hold; then all their gates, ascending (take_gates).
 * Returned: of each whether it was ended, and who ran it; and the gates whose locks are held now.
 */
create or replace function pgdispatch.end_attempts(
    p_jobs bigint[],
    p_attempts integer[],
    p_outcomes text[],
    p_errors text[] default null,
    p_results jsonb[] default null,
    p_logs text[] default null,
    p_progress real[] default null,
    p_notes text[] default null,
    p_claims integer default 0,
    out backgrounders text[],
    out gates text[]
)
language plpgsql
as $$
declare
    v_running constant text := 'running';  -- else the planner takes an index of all that run
    v_job record;
    v_said text;
    v_outcomes text[] := array_fill(null::text, array[cardinality(p_jobs)]);
    v_failed_as text[];
    v_failure text;
    v_is_back boolean := false;
    v_tasks bigint[];
    v_rows pgdispatch.job[] := '{}';
    v_row pgdispatch.job;
    v_left text[];
    v_count integer;
begin
    backgrounders := v_outcomes;
    gates := '{}';
    for v_job in
        select
            array_position(p_jobs, j.id) as n,
            j.id,
            j.backgrounder,
            j.node,
            j.task,
            j.gates,
            j.failures,
            j.max_attempts,
            j.losses,
            j.cancel_requested_at is not null as is_cancelled,
            case
                when j.linked_run is not null
                    or p_outcomes[array_position(p_jobs, j.id)] <> 'succeeded'
                    or exists (
                        select
                        from pgdispatch.site as s
                        where s.name = j.site
                            and s.seconds_limit is not null
                    ) then j
            end as whole
        from pgdispatch.job as j
        where j.id = any (p_jobs)
            and j.attempt = p_attempts[array_position(p_jobs, j.id)]
            and j.state = v_running
        for update of j skip locked
    loop
        backgrounders[v_job.n] := v_job.backgrounder;
        v_said := p_outcomes[v_job.n];
        if v_said = 'succeeded' then
            v_outcomes[v_job.n] := v_said;
            if v_job.task is not null then
                v_tasks := v_tasks || v_job.task;
            end if;
        elsif v_job.is_cancelled then
            v_outcomes[v_job.n] := 'cancelled';
        elsif v_said in ('given back', 'not begun', 'snoozed')
            or v_said = 'lost'
            and v_job.losses + 1 < pgdispatch.setting('max_losses')::integer
            or v_said in ('error', 'retry', 'killed', 'timed out')
            and v_job.failures + 1 < v_job.max_attempts then
            v_is_back := v_is_back or v_said in ('given back', 'not begun', 'lost');
            perform pgdispatch.back_to_queue(
                v_job.id, v_said, v_job.failures, p_errors[v_job.n], p_logs[v_job.n],
                case when v_said in ('retry', 'snoozed') then p_results[v_job.n] end
            );
        else
            v_outcomes[v_job.n] := 'failed';
            v_failed_as[v_job.n] := v_said;
            if v_said in ('failed', 'retry') then
                v_failed_as[v_job.n] := 'error';
            end if;
            if v_said = 'lost' then
                p_errors[v_job.n] := format(
                    'its node was lost %s times, the last was %s', v_job.losses + 1, v_job.node
                );
            end if;
        end if;
        if (v_job.whole).id is not null then
            v_rows := v_rows || v_job.whole;
        end if;
        gates := gates || v_job.gates;
    end loop;
    if array_remove(v_outcomes, null) <> '{}' then
        v_count := pgdispatch.archive(  -- to perform it would be a query
            p_jobs, v_outcomes, v_failed_as, p_errors, p_results, p_logs, p_progress, p_notes
        );
    end if;
    if v_tasks is not null then
        perform pgdispatch.lift_suspensions(v_tasks);
    end if;
    if gates <> '{}' then
        v_left := gates;  -- a gate as often as jobs have left it: so many are woken there
        gates := pgdispatch.take_gates(gates);
    end if;
    foreach v_row in array v_rows loop
        v_said := v_outcomes[array_position(p_jobs, v_row.id)];
        perform pgdispatch.charge_site(v_row.site, v_row.started_at);
        v_failure := v_failed_as[array_position(p_jobs, v_row.id)];
        if v_failure is not null then
            if v_failure <> 'lost' then
                perform pgdispatch.suspend(v_row.id, v_row.task);
            end if;
            perform pgdispatch.notice_failure(
                v_row, v_failure, p_errors[array_position(p_jobs, v_row.id)]
            );
        end if;
        if v_row.linked_run is not null and v_said in ('succeeded', 'failed') then
            perform pgdispatch.end_step(v_row.linked_run, v_row.step, v_said);
        end if;
    end loop;
    if gates <> '{}' then
        perform pgdispatch.release_gates(
            array(select g from unnest(v_left) as g where g = any (gates)), p_claims
        );
    end if;
    if v_is_back then
        perform pgdispatch.notify_idle_nodes();
    end if;
end
$$;

comment on function pgdispatch.end_attempts(
    bigint[], integer[], text[], text[], jsonb[], text[], real[], text[], integer
) is
'Ends attempts and releases their gates; p_claims: how many claims follow in this transaction. '
'Returns the backgrounder of each attempt that it ended, null where the attempt does not run or '
'somebody holds its job''s row, and the gates whose locks are held until the transaction ends.';
