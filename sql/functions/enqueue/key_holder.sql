/*
 * The job that has a key, for one that is to be inserted: one that waits, the newest of several;
 * else one that runs, if either of the two says so; else one that has ended, likewise, as long as
 * it is not forgotten. A retry is not kept away by what has ended.
 * Takes no lock.
 */
create or replace function pgdispatch.key_holder(
    p_last pgdispatch.job_key,
    p_until text,
    p_is_retry boolean,
    out job bigint,
    out is_waiting boolean
)
language plpgsql
as $$
declare
    v_jobs constant bigint[] := p_last.others || p_last.job;
begin
    if p_last.job is null then
        return;
    end if;
    select j.id, j.backgrounder is null
    into job, is_waiting
    from pgdispatch.job as j
    where j.id = any (v_jobs)
        and (j.backgrounder is null or j.key_until <> 'started' or p_until <> 'started')
    order by j.backgrounder is not null, j.id desc
    limit 1;
    if not found
        and (p_last.is_kept or p_until = 'forgotten')
        and not p_is_retry then
        select h.id, false
        into job, is_waiting
        from pgdispatch.job_history as h
        where h.id = any (v_jobs)
        order by h.id desc
        limit 1;
    end if;
end
$$;

comment on function pgdispatch.key_holder(pgdispatch.job_key, text, boolean) is
'The job that has the key of the given row for an insert with the given key_until, and whether it '
'waits; nulls: none has.';
