/* The sites that the caller is confined to, for policies, views and people: see caller_sites. */
create or replace function pgdispatch.own_sites()
returns text[]
language plpgsql
stable
parallel safe
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    return pgdispatch.caller_sites();
end
$$;

comment on function pgdispatch.own_sites() is
'The sites that you are confined to; null: you are not confined; empty: you see nothing.';
