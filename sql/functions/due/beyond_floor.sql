/*
 * The jobs right beyond the floor of the table due, in the order: the delayed ones, 256 at
 * most, of which those count as due that were so at due_at; and those parked at its gates, with
 * them 64 due ones at most. It ends with the last that was looked at of any kind, since
 * nothing is known beyond. `is_end`: nothing is left after this one.
 * Locks: none.
 */
create or replace function pgdispatch.beyond_floor(p_due pgdispatch.due)
returns table (
    id bigint,
    is_due boolean,
    is_end boolean,
    precedence smallint,
    priority smallint,
    queued_at timestamptz,
    type_rank smallint,
    tie_first double precision,
    tie_second double precision
)
language plpgsql
set enable_seqscan = off
set enable_bitmapscan = off
set jit = off
as $$
#variable_conflict use_column
declare
    v_each constant integer := greatest(64 / greatest(cardinality(p_due.gates), 1), 8);
begin
    return query
    select
        m.id,
        m.is_due,
        m.place = m.total and not m.is_last,
        m.precedence,
        m.priority,
        m.queued_at,
        m.type_rank,
        m.tie_first,
        m.tie_second
    from (
        select
            u.*,
            row_number() over in_order as place,
            count(*) over () as total,
            count(*) filter (where u.is_due) over in_order as met,
            count(*) filter (where u.is_last) over in_order - u.is_last::integer as ended
        from (
            select
                d.*,
                row_number() over (
                    order by precedence, priority, queued_at, type_rank, tie_first, tie_second, id
                ) = 256 as is_last
            from (
                select
                    id, precedence, priority, queued_at, type_rank, tie_first, tie_second,
                    not_before <= p_due.due_at as is_due
                from pgdispatch.job
                where p_due.has_delayed
                    and state = 'delayed'
                    and (precedence, priority, queued_at, type_rank, tie_first, tie_second, id) > (
                        p_due.floor_precedence, p_due.floor_priority, p_due.floor_queued_at,
                        p_due.floor_type_rank, p_due.floor_tie_first, p_due.floor_tie_second,
                        p_due.floor_id
                    )
                order by precedence, priority, queued_at, type_rank, tie_first, tie_second, id
                limit 256
            ) as d
            union all
            select p.*
            from unnest(p_due.gates) as g (gate)
            cross join lateral (
                select
                    f.*,
                    row_number() over (
                        order by
                            precedence, priority, queued_at, type_rank, tie_first, tie_second, id
                    ) = v_each as is_last
                from (
                    select
                        id, precedence, priority, queued_at, type_rank, tie_first, tie_second,
                        true as is_due
                    from pgdispatch.job
                    where state = 'parked'
                        and job.gate = g.gate
                        and (precedence, priority, queued_at, type_rank, tie_first, tie_second, id)
                            > (
                                p_due.floor_precedence, p_due.floor_priority,
                                p_due.floor_queued_at, p_due.floor_type_rank,
                                p_due.floor_tie_first, p_due.floor_tie_second, p_due.floor_id
                            )
                    order by precedence, priority, queued_at, type_rank, tie_first, tie_second, id
                    limit v_each
                ) as f
            ) as p
        ) as u
        window in_order as (
            order by
                u.precedence, u.priority, u.queued_at, u.type_rank, u.tie_first, u.tie_second, u.id
        )
    ) as m
    where m.ended = 0
        and m.met - m.is_due::integer < 64
    order by m.place;
end
$$;

comment on function pgdispatch.beyond_floor(pgdispatch.due) is
'The jobs right beyond the floor of the table due, in the order, as far as they are known.';
