/*
 * The first instant at which the clocks of a zone have reached a local time (semantics 6).
 * `at time zone` shifts a local time that a change-over skips, and takes the second of two. So the
 * local time is read with the offset of a day before and of a day after. Where they differ, the
 * reading that the zone's own clocks confirm counts, the earlier one first; if neither does, the
 * local time is skipped, and its instant is the change-over, which is searched between the two.
 */
create or replace function pgdispatch.local_instant(p_local timestamp, p_time_zone text)
returns timestamptz
language plpgsql
stable
strict
as $$
declare
    -- hours, and local times up to the last step: a day of a timestamptz depends on the session
    v_day constant interval := interval '24 hours';
    v_utc constant timestamptz := p_local at time zone 'UTC';
    v_before constant interval := (v_utc - v_day) at time zone p_time_zone - (p_local - v_day);
    v_after constant interval := (v_utc + v_day) at time zone p_time_zone - (p_local + v_day);
    v_high timestamptz := (p_local - v_before) at time zone 'UTC';
    v_low timestamptz := (p_local - v_after) at time zone 'UTC';
    v_middle timestamptz;
begin
    if v_high = v_low or v_high at time zone p_time_zone = p_local then
        return v_high;
    elsif v_low at time zone p_time_zone = p_local then
        return v_low;
    end if;
    while v_high - v_low > interval '1 second' loop
        v_middle := date_trunc('second', v_low + (v_high - v_low) / 2);
        if v_middle <= v_low then
            v_middle := v_middle + interval '1 second';
        end if;
        if v_middle at time zone p_time_zone >= p_local then
            v_high := v_middle;
        else
            v_low := v_middle;
        end if;
    end loop;
    return date_trunc('second', v_high);
end
$$;

comment on function pgdispatch.local_instant(timestamp, text) is
'The instant of a local time in a zone: the first of two, or the change-over that skips it.';
