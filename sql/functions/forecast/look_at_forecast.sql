/*
 * Says that somebody looks at the forecast, so that it is made every forecast_every_seconds for
 * five minutes. Half a minute later it is said anew; until then nothing is written, and where
 * nothing can be written, nothing is said.
 * Locks: the one row of forecast_look, skipping if another holds it.
 */
create or replace function pgdispatch.look_at_forecast()
returns void
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_now constant timestamptz := pgdispatch.now();
begin
    if current_setting('transaction_read_only')::boolean or not exists (
        select
        from pgdispatch.forecast_look
        where looked_at not between v_now - interval '30 s' and v_now
    ) then
        return;
    end if;
    update pgdispatch.forecast_look
    set looked_at = v_now
    where is_only in (
        select is_only from pgdispatch.forecast_look for update skip locked
    );
end
$$;

comment on function pgdispatch.look_at_forecast() is
'Says that somebody looks at the forecast: it is made every forecast_every_seconds for the next '
'five minutes. In a read-only transaction it does nothing.';
