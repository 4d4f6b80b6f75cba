/* When the clock has something to do next. A time too far ahead for a put-off is none, see tick. */
create or replace function pgdispatch.next_turn()
returns double precision
language sql
volatile
as $$
    select greatest(extract(epoch from t.due_at - pgdispatch.now())::double precision, 0)
    from (
        select pgdispatch.next_edge() as due_at
        union all
        select
            greatest(
                case when s.firing_for is null then s.next_run_at else c.now end,
                case when s.put_off_until <= c.now + interval '1 minute' then s.put_off_until end
            ) as due_at
        from pgdispatch.schedule as s
        cross join (select pgdispatch.now() as now) as c
        where s.next_run_at is not null
            or s.firing_for is not null
    ) as t
    where t.due_at is not null
    order by t.due_at
    limit 1
$$;

comment on function pgdispatch.next_turn() is
'Seconds until the next schedule, or edge of a closed window, is due; null: none ever is.';
