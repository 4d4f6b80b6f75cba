/*
 * Takes a running attempt back to its old place in the queue; no retry is spent.
 * Locks, rivals: as end_attempt; a cancel request that came first wins.
 */
create or replace function pgdispatch.requeue(
    p_job bigint,
    p_attempt integer,
    p_is_loss boolean default false
)
returns void
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    perform pgdispatch.end_attempt(
        p_job, p_attempt, case when p_is_loss then 'lost' else 'given back' end,
        null, null, null, false, null, null, null
    );
end
$$;

comment on function pgdispatch.requeue(bigint, integer, boolean) is
'Takes a running attempt back to its old place in the queue, or ends the job as cancelled if that '
'had been asked for. With p_is_loss it counts as a lost node, and after max_losses the job fails '
'as lost. Locks the job and its gates. JD003: it is not the running attempt; JD008.';
