/* The lead times by which forecasts are judged, and named. */
create or replace function pgdispatch.forecast_lead(p_seconds double precision)
returns text
language sql
immutable
as $$
    select case
        when p_seconds < 900 then 'under 15 min'
        when p_seconds < 3600 then '15 to 60 min'
        when p_seconds < 14400 then '1 to 4 h'
        else 'over 4 h'
    end
$$;

comment on function pgdispatch.forecast_lead(double precision) is
'So far ahead lies what was expected in so many seconds: under 15 min, 15 to 60 min, 1 to 4 h, '
'over 4 h.';
