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
declare
    v_job bigint;
begin
    perform pgdispatch.check_caller(p_backgrounder);
    select j.id
    into v_job
    from pgdispatch.job as j
    where j.state = 'running'
        and j.node = split_part(p_backgrounder, ':', 1)
        and j.backgrounder = p_backgrounder;
    if found then
        raise exception using
            errcode = 'JD004',
            message = format('backgrounder %s already runs job %s', p_backgrounder, v_job),
            hint = 'finish or fail that job first, or give it back with pgdispatch.recover';
    end if;
    return query
    select * from pgdispatch.dispatch(p_backgrounder, p_types, '{}');
end
$$;

comment on function pgdispatch.claim(text, text[]) is
'Starts the next job for a free backgrounder (node:number), of the given types if any. One row '
'with verdict run: run this attempt; verdict again: commit and ask again; no row: nothing to do. '
'A node that takes only some types has to be registered with them.';
