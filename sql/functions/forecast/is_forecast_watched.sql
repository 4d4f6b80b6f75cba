/* Whether the forecast is to be made often: somebody has looked at it in the last five minutes. */
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
$$;

comment on function pgdispatch.is_forecast_watched() is
'Whether somebody has looked at the forecast in the last five minutes.';
