/*
 * What the view queue shows of one waiting job, found without reading those before it: places are
 * counted in the indexes. How many are in its way is exact for the first thousand places; further
 * behind it is how many are ready, as in the view. Behind more than 10,000 it says just that:
 * to count a million takes a third of a second, and tells nobody more.
 *
 * For whoever is confined to sites a place counts their jobs, as in the view. No index knows sites,
 * so those are looked for among 10,000 of all.
 * Locks: none.
 */
create or replace function pgdispatch.why(p_job bigint)
returns table (
    job bigint,
    "position" bigint,
    decided_by text,
    reason text,
    kind text,
    blocker bigint,
    needs_person boolean,
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
    v_sites constant text[] := pgdispatch.caller_sites();
    v_most constant integer := 10000;
    v_obstacles constant jsonb := pgdispatch.obstacles_by_gate();
    v_job pgdispatch.job;
    v_obstacle jsonb;
    v_ahead bigint;
begin
    select *
    into v_job
    from pgdispatch.job as j
    where j.id = p_job
        and j.backgrounder is null
        and (v_sites is null or j.site = any (v_sites));
    if not found then
        return;
    end if;
    job := v_job.id;
    "position" := pgdispatch.jobs_before(v_job, false, v_most, v_sites) + 1;
    decided_by := pgdispatch.decided_by(v_job, v_most, v_sites);
    v_obstacle := pgdispatch.obstacle(v_job, v_obstacles, v_now);
    if v_obstacle is null and "position" <= 1000 then
        v_ahead := width_bucket("position" - 1, pgdispatch.free_places(
            v_obstacles, v_now, "position"::integer, v_most, v_sites
        ));
    elsif v_obstacle is null then
        v_ahead := pgdispatch.jobs_before(v_job, true, v_most, v_sites);
    end if;
    reason := coalesce(
        v_obstacle ->> 'reason', pgdispatch.next_in_line(v_ahead, v_most, v_sites)
    );
    kind := coalesce(v_obstacle ->> 'kind', 'next');
    blocker := v_obstacle ->> 'holder';
    needs_person := coalesce((v_obstacle ->> 'needs_person')::boolean, false);
    waits_for := date_trunc('milliseconds', v_now - v_job.created_at);
    return next;
end
$$;

comment on function pgdispatch.why(bigint) is
'Place and reason of one waiting job, as the view queue shows them, but fast however many wait, as '
'it counts in indexes; no row: it does not wait. Behind more than 10,000 jobs it stops counting: '
'the position is null, and the reason says more than 10000; queue has the number, in its own time. '
'For people confined to sites, whose places count their own jobs, those are 10,000 of all sites, '
'and the job behind it is looked for among as many.';
