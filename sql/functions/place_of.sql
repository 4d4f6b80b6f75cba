/*
 * What the view queue shows of one waiting job, found without reading those before it: places are
 * counted in the indexes. How many are in its way is exact for the first thousand places; further
 * behind it is how many are ready, as in the view.
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
    v_obstacles constant jsonb := pgdispatch.obstacles();
    v_job pgdispatch.job;
    v_ahead bigint;
begin
    select * into v_job from pgdispatch.job as j where j.id = p_job and j.backgrounder is null;
    if not found then
        return;
    end if;
    job := v_job.id;
    "position" := 1 + pgdispatch.waiting_before(v_job);
    decided_by := pgdispatch.decided_by(v_job);
    reason := pgdispatch.obstacle(v_job, v_obstacles, v_now);
    if reason is null and "position" > 1000 then
        v_ahead := pgdispatch.ready_before(v_job);
    elsif reason is null then
        select count(*) filter (where pgdispatch.obstacle(j, v_obstacles, v_now) is null)
        into v_ahead
        from (
            select *
            from pgdispatch.job as w
            where w.backgrounder is null
            order by precedence, priority, queued_at, type_rank, tie_first, tie_second, w.id
            limit "position" - 1
        ) as j;
    end if;
    reason := coalesce(reason, format('next in line behind %s', v_ahead));
    waits_for := date_trunc('milliseconds', v_now - v_job.created_at);
    return next;
end
$$;

comment on function pgdispatch.place_of(bigint) is
'Place and reason of one waiting job, as why says them to whoever is not confined to sites.';
