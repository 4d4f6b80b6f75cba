/*
 * What of two rows differs, in the columns named. A row that is not there is one of nulls.
 * It returns a set, of one row, because PostgreSQL plans that with the query that asks; a value
 * would be a query of its own for each row.
 */
create or replace function pgdispatch.differences(
    p_old jsonb,
    p_new jsonb,
    p_columns text[]
)
returns table (
    before jsonb,
    after jsonb
)
language sql
immutable
as $$
    select
        jsonb_object_agg(c.name, p_old -> c.name) filter (where p_old is not null),
        jsonb_object_agg(c.name, p_new -> c.name) filter (where p_new is not null)
    from unnest(p_columns) as c (name)
    where coalesce(p_old -> c.name, 'null') <> coalesce(p_new -> c.name, 'null')
$$;

comment on function pgdispatch.differences(jsonb, jsonb, text[]) is
'What of two rows differs, before and after; null, where nothing does or the row is not there.';
