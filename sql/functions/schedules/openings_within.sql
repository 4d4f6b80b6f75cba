/* The openings of a closed window between two instants: 100 at most. Locks: none. */
create or replace function pgdispatch.openings_within(
    p_window pgdispatch.closed_window,
    p_from timestamptz,
    p_until timestamptz
)
returns table (
    opens_at timestamptz,
    closes_at timestamptz
)
language plpgsql
stable
as $$
declare
    v_at timestamptz := p_from;
begin
    for v_count in 1..100 loop
        select o.opens_at, o.closes_at
        into opens_at, closes_at
        from pgdispatch.window_opening(p_window, v_at) as o;
        exit when (opens_at <= p_until) is not true;
        return next;
        v_at := closes_at;
    end loop;
end
$$;

comment on function pgdispatch.openings_within(
    pgdispatch.closed_window, timestamptz, timestamptz
) is
'From when to when a closed window is open between two instants: up to 100 openings.';
