/*
 * What the view queue shows of one waiting job, found without reading those before it: places are
 * counted in the indexes. How many are in its way is exact for the first thousand places; further
 * behind it is how many are ready, as in the view. Behind more than a hundred thousand it says just
 * that: to count a million takes a third of a second, and tells nobody more.
 * Locks: none.
 */
create or replace function pgdispatch.place_of(p_job bigint)
returns table (
    job bigint,
    "position" bigint,
    decided_by text,
    reason text,
    waits_for interval
)
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
set enable_bitmapscan = off
set jit = off
as $$
declare
    v_now constant timestamptz := pgdispatch.now();
    v_most constant integer := 100000;
    v_obstacles constant jsonb := pgdispatch.obstacles();
    v_job pgdispatch.job;
    v_before bigint;
    v_ahead bigint;
begin
    select * into v_job from pgdispatch.job as j where j.id = p_job and j.backgrounder is null;
    if not found then
        return;
    end if;
    job := v_job.id;
    v_before := pgdispatch.jobs_before(v_job, false, v_most + 1);
    "position" := case when v_before <= v_most then v_before + 1 end;
    decided_by := pgdispatch.decided_by(v_job);
    reason := pgdispatch.obstacle(v_job, v_obstacles, v_now);
    if reason is null and v_before >= 1000 then
        v_ahead := pgdispatch.jobs_before(v_job, true, v_most + 1);
    elsif reason is null then
        select count(*) filter (where pgdispatch.obstacle(j, v_obstacles, v_now) is null)
        into v_ahead
        from (
            select *
            from pgdispatch.job as w
            where w.backgrounder is null
            order by precedence, priority, queued_at, type_rank, tie_first, tie_second, w.id
            limit v_before
        ) as j;
    end if;
    reason := coalesce(
        reason,
        'next in line behind '
        || case when v_ahead <= v_most then v_ahead::text else 'more than ' || v_most end
    );
    waits_for := date_trunc('milliseconds', v_now - v_job.created_at);
    return next;
end
$$;

comment on function pgdispatch.place_of(bigint) is
'Place and reason of one waiting job, as why says them to whoever is not confined to sites. '
'The position is null behind more than 100,000 jobs.';
