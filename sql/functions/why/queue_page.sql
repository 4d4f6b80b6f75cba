/*
 * A page of the queue by its key: what the view queue shows, from any place, and with conditions
 * under which that would read all that is before. It looks at p_look_at jobs at most and says how
 * far it came. A key is a place in the order: it stays right when the job there has started.
 *
 * Whoever is confined sees the jobs of its sites. They are looked for among 10,000 of all, whatever
 * p_look_at says: else one could count those of others with it. Keys are of jobs that it sees.
 * Locks: none.
 */
create or replace function pgdispatch.queue_page(
    p_limit integer default 50,
    p_after jsonb default null,
    p_before jsonb default null,
    p_site text default null,
    p_type text default null,
    p_schedule text default null,
    p_datasource text default null,
    p_task bigint default null,
    p_kind text default null,
    p_by text default null,
    p_look_at integer default 5000
)
returns table (
    "position" bigint,
    job bigint,
    type text,
    site text,
    title text,
    priority smallint,
    run_now boolean,
    decided_by text,
    reason text,
    kind text,
    blocker bigint,
    needs_person boolean,
    state text,
    datasource text,
    schedule text,
    task bigint,
    usual_seconds double precision,
    created_by text,
    created_at timestamptz,
    scheduled_at timestamptz,
    not_before timestamptz,
    waits_for interval,
    failures integer,
    last_error text,
    linked_run bigint,
    step integer,
    looked_at bigint,
    is_complete boolean,
    previous jsonb,
    next jsonb
)
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
set enable_bitmapscan = off
set extra_float_digits = 1
set jit = off
as $$
declare
    v_now constant timestamptz := pgdispatch.now();
    v_sites constant text[] := pgdispatch.caller_sites();
    v_most constant integer := 10000;
    v_look_at constant integer := case when v_sites is null then p_look_at else v_most end;
    v_obstacles constant jsonb := pgdispatch.obstacles_by_gate();
    v_is_back constant boolean := p_before is not null;
    v_is_whole constant boolean := num_nonnulls(
        p_site, p_type, p_schedule, p_datasource, p_task, p_kind, p_by
    ) = 0;  -- so that the next job of the page is the next of all that one may see
    v_from pgdispatch.job;
    v_begin pgdispatch.job;
    v_other pgdispatch.job;
    v_before bigint;
begin
    perform pgdispatch.check_page(p_limit, p_after, p_before, p_kind, p_look_at);
    v_from := pgdispatch.place_at(coalesce(p_after, p_before));
    v_begin := v_from;  -- the job there, if it waits, belongs to the other side of a page
    v_begin.id := v_from.id + case when v_is_back then 0 else 1 end;
    v_other := v_from;
    v_other.id := v_from.id + case when v_is_back then -1 else 1 end;
    v_before := pgdispatch.jobs_before(v_begin, false, v_most, v_sites);
    return query
    with looked as materialized (
        select *
        from pgdispatch.look_along(
            v_from, v_is_back, v_look_at, p_limit, v_sites,
            jsonb_build_object(
                'site', p_site, 'type', p_type, 'schedule', p_schedule, 'datasource', p_datasource,
                'task', p_task, 'kind', p_kind, 'by', p_by
            ),
            v_obstacles, v_now
        )
    ),
    reach as (
        select
            coalesce(max(l.place), 0) as looked_at,
            count(*) filter (where l.is_wanted) as wanted,
            (array_agg(l.job order by l.place desc))[1] as last
        from looked as l
    ),
    page as materialized (  -- or it would be asked for each job
        select
            r.looked_at,
            case when r.last is not null then pgdispatch.place_key(j) end as last_key,
            case
                when v_sites is null or r.wanted = p_limit
                    then not pgdispatch.is_more_beyond(e.edge, v_is_back, v_most, v_sites)
                else not pgdispatch.is_longer_beyond(v_from, v_is_back, v_most)  -- seen all of it
            end as is_complete
        from reach as r
        left join pgdispatch.job as j on j.id = r.last
        cross join lateral (
            select case when r.last is null then v_from else j end as edge
        ) as e
    )
    select
        o.place,
        j.id,
        j.type,
        j.site,
        j.title,
        j.priority,
        j.run_now,
        case
            when v_is_whole and (lead(j) over in_order).id is not null
                then pgdispatch.decides(j, lead(j) over in_order)
            when l.is_wanted then pgdispatch.decided_by(j, v_most, v_sites)
        end,
        case when l.is_wanted then coalesce(
            o.obstacle ->> 'reason',
            pgdispatch.next_in_line(
                case
                    when o.place <= 1000 then width_bucket(o.place - 1, (
                        select pgdispatch.free_places(
                            v_obstacles, v_now, least(v_before + f.looked_at, 1000)::integer,
                            v_most, v_sites
                        )
                        from page as f
                    ))
                    else (select pgdispatch.jobs_before(v_begin, true, v_most, v_sites)) + case
                        when v_is_back then -l.ready
                        else l.ready - (j.state = 'ready')::integer
                    end
                end,
                v_most,
                v_sites
            )
        ) end,
        case when l.is_wanted then coalesce(o.obstacle ->> 'kind', 'next') end,
        (o.obstacle ->> 'holder')::bigint,
        case
            when l.is_wanted then coalesce((o.obstacle ->> 'needs_person')::boolean, false)
        end,
        j.state,
        j.datasource,
        j.schedule,
        j.task,
        j.usual_seconds,
        j.created_by,
        j.created_at,
        j.scheduled_at,
        j.not_before,
        date_trunc('milliseconds', v_now - j.created_at),
        j.failures,
        j.last_error,
        j.linked_run,
        j.step,
        p.looked_at,
        p.is_complete,
        case
            when p_after is not null then pgdispatch.place_key(v_other)
            when v_is_back and not p.is_complete then p.last_key
        end,
        case
            when v_is_back then pgdispatch.place_key(v_other)
            when not p.is_complete then p.last_key
        end
    from page as p
    left join looked as l on l.is_wanted
    left join pgdispatch.job as j on j.id = l.job
    cross join lateral (
        select
            case when v_is_back then v_before - l.place + 1 else v_before + l.place end as place,
            pgdispatch.obstacle(j, v_obstacles, v_now) as obstacle
    ) as o
    where l.is_wanted
        or not p.is_complete
    window in_order as (order by case when v_is_back then -l.place else l.place end)
    order by case when v_is_back then -l.place else l.place end;
end
$$;

comment on function pgdispatch.queue_page(
    integer, jsonb, jsonb, text, text, text, text, bigint, text, text, integer
) is
'A page of the queue, of p_limit jobs at most: all columns of queue, with p_after behind a place, '
'with p_before before it, else from the front; of one site, type, schedule, datasource, task, kind '
'of reason or person (p_by) only. It looks at p_look_at jobs at most: looked_at says at how many '
'it did, and is_complete that nothing waits beyond them, in the direction of the page. previous '
'and next are the places to go on from, null: there is nothing, or nothing that one may see. If '
'none fits so far, one row says just that; no row: none fits. position and reason stop counting '
'behind 10,000 jobs, as those of why. JD001: a parameter makes no sense.';
