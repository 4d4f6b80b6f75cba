/* A setting that counts seconds, as an interval. */
create or replace function pgdispatch.seconds(p_name text)
returns interval
language sql
stable
as $$
    select pg_catalog.make_interval(secs => pgdispatch.setting(p_name)::double precision)
$$;

comment on function pgdispatch.seconds(text) is
'The value of a setting that counts seconds, as an interval; JD001 if there is none of that name.';
