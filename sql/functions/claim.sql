/*
 * Gives a free backgrounder the job that is next, and marks it running.
 * Locks and rivals: as dispatch. Call it in a transaction of its own.
 */
create or replace function pgdispatch.claim(p_backgrounder text, p_types text[] default null)
returns table (
    verdict text,
    id bigint,
    attempt integer,
    type text,
    site text,
    title text,
    datasource text,
    schedule text,
    task bigint,
    priority smallint,
    args jsonb,
    created_by text,
    scheduled_at timestamptz
)
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    perform pgdispatch.check_caller(p_backgrounder);
    return query
    select * from pgdispatch.dispatch(p_backgrounder, p_types, '{}');
end
$$;

comment on function pgdispatch.claim(text, text[]) is
'Starts the next job for a free backgrounder (node:number), of the given types if any. One row '
'with verdict run: run this attempt; verdict again: commit and ask again; no row: nothing to do.';
