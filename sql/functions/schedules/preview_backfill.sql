/* What backfill would create now, for each time of the schedule. Locks: none. */
create or replace function pgdispatch.preview_backfill(
    p_schedule text,
    p_from timestamptz,
    p_to timestamptz
)
returns table (
    scheduled_at timestamptz,
    jobs bigint,
    served bigint,
    passed_over bigint
)
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
    v_schedule pgdispatch.schedule;
begin
    perform pgdispatch.refuse_confined('backfill a schedule');
    select * into v_schedule from pgdispatch.schedule where name = p_schedule;
    if not found then
        raise exception using
            errcode = 'JD002',
            message = format('schedule %L does not exist', left(p_schedule, 60)),
            hint = 'see pgdispatch.schedule';
    end if;
    return query
        with runs as (
            select run
            from unnest(pgdispatch.backfill_runs(v_schedule, p_from, p_to)) as run
        ),
        candidates as (
            select
                run,
                o.task is not null and o.skipped_for is null as is_served,
                pgdispatch.is_suspended(t.id) as is_obstructed
            from runs
            join pgdispatch.task as t
                on t.schedule = p_schedule
                and t.enabled
            left join pgdispatch.occurrence as o
                on o.task = t.id
                and o.scheduled_at = run
            union all
            select
                run,
                r.id is not null and r.skipped_for is null,
                pgdispatch.linked_task_job(t.id) is not null or row_number() over (
                    partition by t.id, r.id is not null and r.skipped_for is null
                    order by run
                ) > 1
            from runs
            join pgdispatch.linked_task as t
                on t.schedule = p_schedule
                and t.enabled
            left join pgdispatch.linked_run as r
                on r.linked_task = t.id
                and r.scheduled_at = run
        )
        select
            runs.run,
            count(*) filter (where not c.is_served and not c.is_obstructed),
            count(*) filter (where c.is_served),
            count(*) filter (where not c.is_served and c.is_obstructed)
        from runs
        left join candidates as c on c.run = runs.run
        group by runs.run
        order by runs.run;
end
$$;

comment on function pgdispatch.preview_backfill(text, timestamptz, timestamptz) is
'What backfill would do now, for each time of the schedule. jobs: that it would create; served: '
'that were created for that time before; passed_over: of suspended tasks, and of linked tasks of '
'which another run is under way or comes first. Refuses what backfill refuses.';
