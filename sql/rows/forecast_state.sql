/* None has been made: the first is in a quarter of an hour, or as soon as somebody looks. */
insert into pgdispatch.forecast_state (number, began_at, ended_at, period)
values (0, pg_catalog.now(), pg_catalog.now(), interval '15 minutes')
on conflict (is_only) do nothing;
