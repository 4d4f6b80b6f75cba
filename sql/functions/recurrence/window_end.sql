/* When an opening of a closed window ends, by the clocks of its zone. */
create or replace function pgdispatch.window_end(
    p_window pgdispatch.closed_window,
    p_opens_at timestamptz
)
returns timestamptz
language plpgsql
stable
as $$
declare
    v_end constant timestamptz := pgdispatch.local_instant(
        p_opens_at at time zone p_window.time_zone + p_window.lasts, p_window.time_zone
    );
begin
    -- within the hour that the clocks show twice, the first reading of its end lies before it
    return case when v_end <= p_opens_at then p_opens_at + p_window.lasts else v_end end;
end
$$;

comment on function pgdispatch.window_end(pgdispatch.closed_window, timestamptz) is
'When an opening of a closed window ends that began at an instant.';
