/*
 * Says whether this node is to make a forecast now, and with what number: it is due, and nobody
 * makes one. One that began two minutes ago and was not kept is taken over; its number is stale.
 * It is due after as long as was said when the last began, or, if somebody looks, sooner: so
 * between the last look and the next rare one there is no gap in which nothing is shown.
 * One that took long is followed by a longer pause, so that forecasts take a fifteenth of the time
 * at most. While more than 50,000 jobs wait there is none: to read them costs too much.
 * Locks: the one row of forecast_state, skipping if another holds it.
 */
create or replace function pgdispatch.begin_forecast(p_node text)
returns table (
    number bigint,
    hours double precision,
    seconds double precision,
    late_seconds double precision,
    calibration jsonb
)
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
    v_budget constant double precision := pgdispatch.setting('forecast_seconds');
    v_period constant interval := case
        when pgdispatch.is_forecast_watched() then pgdispatch.seconds('forecast_every_seconds')
        else pgdispatch.seconds('forecast_rarely_seconds')
    end;
    v_most constant integer := 50000;
    v_now timestamptz := pgdispatch.now();
    v_state pgdispatch.forecast_state;
begin
    if v_budget < 0 or not exists (
        select
        from pgdispatch.forecast_state as f
        where v_now not between f.began_at and f.began_at + case
            when f.ended_at is null then interval '2 minutes'
            else greatest(
                least(f.period, v_period),
                15 * least(f.ended_at - f.began_at, interval '2 minutes')
            )
        end
    ) then
        return;
    end if;
    select * into v_state from pgdispatch.forecast_state for update skip locked;
    v_now := pgdispatch.now();
    if not found or v_now between v_state.began_at and v_state.began_at + (case
        when v_state.ended_at is null then interval '2 minutes'
        else greatest(
            least(v_state.period, v_period),
            15 * least(v_state.ended_at - v_state.began_at, interval '2 minutes')
        )
    end) then
        return;  -- somebody else has just begun
    end if;
    if (
        select count(*)
        from (select from pgdispatch.job where backgrounder is null limit v_most + 1) as waiting
    ) > v_most then
        update pgdispatch.forecast_state as f
        set began_at = v_now,
            ended_at = v_now,
            period = v_period,
            problem = format('more than %s jobs wait', v_most);
        return;
    end if;
    return query
    update pgdispatch.forecast_state as f
    set number = f.number + 1,
        node = p_node,
        began_at = v_now,
        ended_at = null,
        period = v_period
    returning
        f.number,
        pgdispatch.setting('forecast_hours')::double precision,
        v_budget,
        pgdispatch.setting('forecast_late_seconds')::double precision,
        f.calibration;
end
$$;

comment on function pgdispatch.begin_forecast(text) is
'For supervisors: whether this node is to make a forecast now. Its number, how far it looks ahead, '
'the processor time that it may take, after how many seconds a start is late, and by how much '
'intervals are widened. No row: none is due, another node makes it, or forecast_seconds is -1.';
