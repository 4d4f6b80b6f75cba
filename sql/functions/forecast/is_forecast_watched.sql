/*
 * Whether the forecast is to be made often: somebody has looked at it in the last five minutes, or
 * contracts are judged by it.
 */
create or replace function pgdispatch.is_forecast_watched()
returns boolean
language sql
stable
as $$
    select exists (
        select
        from pgdispatch.forecast_look
        where looked_at > (select pgdispatch.now()) - interval '5 minutes'
    )
        or exists (select from pgdispatch.contract where enabled)
$$;

comment on function pgdispatch.is_forecast_watched() is
'Whether somebody has looked at the forecast in the last five minutes, or there is a contract.';
