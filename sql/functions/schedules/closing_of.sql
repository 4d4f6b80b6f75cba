/*
 * The closed window of a schedule that is open at an instant, if any: since when, until when, and
 * what becomes of times within. Of several, one that skips them before one that runs them at its
 * end, and then the one that is open for longest.
 */
create or replace function pgdispatch.closing_of(
    p_schedule text,
    p_at timestamptz,
    out opens_at timestamptz,
    out closes_at timestamptz,
    out run_at_end boolean,
    out name text
)
language sql
stable
as $$
    select
        o.opens_at,
        o.closes_at,
        w.run_at_end,
        w.name
    from pgdispatch.closed_window as w
    cross join lateral pgdispatch.window_opening(w, p_at) as o
    where w.scope = 'schedule'
        and w.target = p_schedule
        and w.enabled
        and o.opens_at <= p_at
        and o.closes_at > p_at
    order by
        w.run_at_end,
        o.closes_at desc,
        w.name
    limit 1
$$;

comment on function pgdispatch.closing_of(text, timestamptz) is
'The closed window of a schedule that is open at an instant: from when to when, and whether its '
'times within are one at its end; null: none is.';
