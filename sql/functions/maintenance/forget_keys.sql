/*
 * Forgets keys of jobs that are neither in the queue nor in the history: at most 10,000. Only jobs
 * are looked for that came in a month of which nothing is kept; of these few have ended later.
 * Locks: those rows, skipping what others hold.
 */
create or replace function pgdispatch.forget_keys()
returns integer
language plpgsql
as $$
declare
    v_before constant timestamptz := date_trunc(
        'month',
        pgdispatch.now() at time zone 'UTC'
            - make_interval(days => pgdispatch.setting('history_keep_days')::integer)
    ) at time zone 'UTC';
    v_count integer;
begin
    delete from pgdispatch.job_key
    where job = any (array(
        select k.job
        from pgdispatch.job_key as k
        where k.taken_at < v_before
            and not exists (select from pgdispatch.job as j where j.id = k.job)
            and not exists (select from pgdispatch.job_history as h where h.id = k.job)
        limit 10000
        for update skip locked
    ));
    get diagnostics v_count = row_count;
    return v_count;
end
$$;

comment on function pgdispatch.forget_keys() is
'Forgets keys of jobs that the history has no more, at most 10,000, and returns how many.';
