/*
 * Marks a ready job as running, if it has kept its place and nobody has it; else null. Whether its
 * gates have room is the caller's to know, who holds their locks.
 * Locks: its row, skipping it if it is held; as admit_next_of_site; then, if nobody may have been
 * woken, the lock 'job_start' of the job, trying, which tells rivals, see is_being_started.
 */
create or replace function pgdispatch.start_job(
    p_job bigint,
    p_priority smallint,
    p_tie_first double precision,
    p_gates text[],
    p_backgrounder text,
    p_asked_at timestamptz,
    p_incarnation uuid
)
returns pgdispatch.verdict
language plpgsql
as $$
#variable_conflict use_column
declare
    v_started pgdispatch.verdict;
    v_is_told boolean;
begin
    update pgdispatch.job
    set state = 'running',
        attempt = attempt + 1,
        node = split_part(p_backgrounder, ':', 1),
        backgrounder = p_backgrounder,
        is_serial = coalesce('schedule/' || schedule = any (p_gates), false),
        gates = p_gates,
        asked_at = p_asked_at,
        started_at = pgdispatch.now(),
        incarnation = p_incarnation,
        progress = null,
        progress_note = null
    where id = (
        select id
        from pgdispatch.job
        where id = p_job
            and state = 'ready'
            and priority = p_priority
            and tie_first = p_tie_first
        for update skip locked
    )
    returning
        'run', id, attempt, type, site, title, datasource, schedule, task, priority,
        args, created_by, scheduled_at, null
    into v_started;
    if v_started.id is null then
        return null;
    elsif p_gates = '{}' or not pgdispatch.admit_next_of_site(v_started.site, p_gates) then
        -- in vain if a rival is just asking: then rivals find the row locked, or wait at the gate
        v_is_told := pg_try_advisory_xact_lock(
            pgdispatch.lock_class('job_start'), (p_job & 2147483647)::integer
        );
    end if;
    return v_started;
end
$$;

comment on function pgdispatch.start_job(
    bigint, smallint, double precision, text[], text, timestamptz, uuid
) is
'Starts an attempt at a ready job that has kept its place, and returns it; null: a rival has the '
'job, or it has moved.';
