/*
 * When a closed window is open: the opening that holds at an instant, or the next one. Openings
 * that touch or overlap are one. It ends by the clocks of its zone, so that a window until 06:00
 * ends at 06:00 also on a change-over day.
 */
create or replace function pgdispatch.window_opening(
    p_window pgdispatch.closed_window,
    p_at timestamptz,
    out opens_at timestamptz,
    out closes_at timestamptz
)
language plpgsql
stable
as $$
declare
    v_next timestamptz;
begin
    if not p_window.enabled then
        return;
    elsif p_window.recurrence is null then
        if p_window.to_at > p_at then
            opens_at := p_window.from_at;
            closes_at := p_window.to_at;
        end if;
        return;
    end if;
    v_next := pgdispatch.last_run(
        p_window.recurrence, p_window.time_zone, p_at, p_window.calendar, p_window.on_free_day
    );
    if v_next is null or pgdispatch.window_end(p_window, v_next) <= p_at then
        v_next := pgdispatch.next_run(
            p_window.recurrence, p_window.time_zone, p_at, p_window.calendar, p_window.on_free_day
        );
    end if;
    opens_at := v_next;
    for v_count in 1..100 loop
        exit when v_next is null;
        closes_at := greatest(closes_at, pgdispatch.window_end(p_window, v_next));
        v_next := pgdispatch.next_run(
            p_window.recurrence, p_window.time_zone, v_next, p_window.calendar,
            p_window.on_free_day
        );
        exit when v_next > closes_at;
    end loop;
end
$$;

comment on function pgdispatch.window_opening(pgdispatch.closed_window, timestamptz) is
'From when to when a closed window is open that is open at an instant, or is open next; null: '
'never again, or it is disabled.';
