/*
 * What is due once an hour. Forgets occurrences, notices and keys (at most 10,000 of each: call it
 * again while it returns as many), linked runs older than occurrence_keep_days, retries that are
 * older than the history, charges, old forecasts, and nodes that stopped.
 * Looks closely whether sequences are behind, which the sweep does not, and corrects schedules that
 * a change of their time zone's rules has put too far ahead, which the clock does not see.
 * Locks: those rows; of occurrences, notices and keys, skipping what others hold. Then as
 * forget_nodes and correct_schedules_ahead.
 */
create or replace function pgdispatch.forget()
returns integer
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_before constant timestamptz := pgdispatch.now()
        - make_interval(days => pgdispatch.setting('occurrence_keep_days')::integer);
    v_count integer;
begin
    delete from pgdispatch.linked_run
    where created_at < v_before
        and not exists (select from pgdispatch.job as j where j.linked_run = linked_run.id);
    perform pgdispatch.catch_up_sequences();
    delete from pgdispatch.generation
    where id < (select max(g.id) - 100 from pgdispatch.generation as g);
    delete from pgdispatch.due where id < (select max(d.id) - 100 from pgdispatch.due as d);
    delete from pgdispatch.occurrence
    where ctid = any (array(
        select ctid
        from pgdispatch.occurrence
        where scheduled_at < v_before
        limit 10000
        for update skip locked
    ));
    get diagnostics v_count = row_count;
    delete from pgdispatch.retry
    where retried_at < pgdispatch.now()
        - make_interval(days => pgdispatch.setting('history_keep_days')::integer);
    delete from pgdispatch.forecast_check
    where made_at < pgdispatch.now() - interval '14 days';
    v_count := greatest(v_count, pgdispatch.forget_notices(), pgdispatch.forget_keys());
    perform pgdispatch.sum_charges();
    perform pgdispatch.forget_nodes();
    perform pgdispatch.correct_schedules_ahead();
    return v_count;
end
$$;

comment on function pgdispatch.forget() is
'Forgets occurrences and linked runs older than occurrence_keep_days, notices older than '
'notice_keep_days, charges older than three days, retries older than history_keep_days, keys of '
'jobs that the history has no more, forecasts older than 14 days, and nodes that stopped '
'node_keep_hours ago and on which nobody has set anything; jobs and their history stay. Corrects a '
'next_run_at that is too far ahead. Returns how many occurrences, notices or keys, whichever are '
'most, at most 10,000: call it again while it returns as many. Supervisors call it every hour.';
