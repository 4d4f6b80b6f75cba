/*
 * A recurrence in the numbers of Tableau Server's schedules, for the view _schedules. Null where
 * these cannot say it: cron, the last day of the month, the second Tuesday, working days.
 */
create or replace function pgdispatch.recurrence_masks(
    p_recurrence text,
    out schedule_type integer,
    out day_of_week_mask integer,
    out day_of_month_mask integer,
    out start_at_minute integer,
    out minute_interval integer,
    out end_at_minute integer
)
language plpgsql
immutable
strict
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_rule record := pgdispatch.parse_recurrence(p_recurrence);
    v_minutes constant integer[] := array(
        select (extract(epoch from t) / 60)::integer from unnest(v_rule.times) as t
    );
begin
    schedule_type := array_position(
        array['every', 'daily', 'weekly', 'monthly'],
        split_part(lower(btrim(p_recurrence, E' \t\r\n') collate "C"), ' ', 1)
    ) - 1;
    if schedule_type is null then
        return;
    end if;
    start_at_minute := v_minutes[1];
    if schedule_type = 0 then
        minute_interval := v_minutes[2] - v_minutes[1];
        end_at_minute := v_minutes[cardinality(v_minutes)];
    elsif schedule_type = 2 then
        day_of_week_mask := (select sum(1 << d) from unnest(v_rule.weekdays) as d);
    elsif schedule_type = 3 and v_rule.workdays is null and cardinality(v_rule.weekdays) = 7
        and 32 <> all (v_rule.days) then
        day_of_month_mask := (select sum(1::bigint << d - 1) from unnest(v_rule.days) as d);
    end if;
end
$$;

comment on function pgdispatch.recurrence_masks(text) is
'A recurrence as the kind, the days added up and the minutes of the day that Tableau Server''s '
'schedules have; null where these cannot say it.';
