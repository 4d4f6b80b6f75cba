/*
 * Opens a cursor over the ready jobs in the order of dispatch: the older generation from its floor,
 * and the open one, each by its part of job_ready_idx. No row is locked. Each job comes with the
 * names of its gates; of one that is paused, that of the pause comes first. `is_touched`: somebody
 * may have its row just now. `is_beyond`: it comes after the floor of the table due, so that better
 * ones may have to be made ready first.
 */
create or replace function pgdispatch.ready_cursor(
    p_live pgdispatch.generation,
    p_due pgdispatch.due,
    p_types text[],
    p_paused text[]
)
returns refcursor
language plpgsql
as $$
#variable_conflict use_column
declare
    v_ready refcursor;
begin
    open v_ready for
        select
            r.id,
            r.generation,
            r.priority,
            r.tie_first,
            r.schedule,
            r.is_touched,
            (
                r.precedence, r.priority, r.queued_at, r.type_rank, r.tie_first, r.tie_second, r.id
            ) > (
                p_due.floor_precedence, p_due.floor_priority, p_due.floor_queued_at,
                p_due.floor_type_rank, p_due.floor_tie_first, p_due.floor_tie_second,
                p_due.floor_id
            ) as is_beyond,
            pgdispatch.gate_names(
                r.site,
                r.datasource,
                case when r.schedule is not null then (
                    select s.name
                    from pgdispatch.schedule as s
                    where s.name = r.schedule
                        and s.execution = 'serial'
                ) end,
                (
                    select s.running_limit is not null or s.seconds_limit is not null
                    from pgdispatch.site as s
                    where s.name = r.site
                ),
                case
                    when p_paused is not null
                        then pgdispatch.pause_of(r.site, r.type, r.schedule, p_paused)
                end
            ) as gates
        from (
            (
                select
                    id, generation, precedence, priority, queued_at, type_rank, tie_first,
                    tie_second, type, site, datasource, schedule, xmax <> 0 as is_touched
                from pgdispatch.job
                where state = 'ready'
                    and generation = p_live.older
                    and (p_types is null or type = any (p_types))
                    and (precedence, priority, queued_at, type_rank, tie_first, tie_second, id) >= (
                        p_live.floor_precedence, p_live.floor_priority, p_live.floor_queued_at,
                        p_live.floor_type_rank, p_live.floor_tie_first, p_live.floor_tie_second,
                        p_live.floor_id
                    )
                order by precedence, priority, queued_at, type_rank, tie_first, tie_second, id
            )
            union all
            (
                select
                    id, generation, precedence, priority, queued_at, type_rank, tie_first,
                    tie_second, type, site, datasource, schedule, xmax <> 0 as is_touched
                from pgdispatch.job
                where state = 'ready'
                    and generation = p_live.open
                    and (p_types is null or type = any (p_types))
                order by precedence, priority, queued_at, type_rank, tie_first, tie_second, id
            )
        ) as r
        order by
            r.precedence, r.priority, r.queued_at, r.type_rank, r.tie_first, r.tie_second, r.id;
    return v_ready;
end
$$;

comment on function pgdispatch.ready_cursor(pgdispatch.generation, pgdispatch.due, text[], text[])
is
'Opens a cursor over the ready jobs of some types (null: all) in the order of dispatch.';
