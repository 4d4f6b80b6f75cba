/* Where people open the console, for nodes, which may read no setting. */
create or replace function pgdispatch.console_url()
returns text
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    select nullif(pgdispatch.setting('console_url'), '')
$$;

comment on function pgdispatch.console_url() is
'The address of the console, as the setting console_url says; null: it says none.';
