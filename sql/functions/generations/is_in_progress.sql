/*
 * Whether a transaction that has changed or locked a row (its xmax) is in progress. PostgreSQL
 * shows the lower half of its number, which is in the past. Of several lockers (a multixact) it may
 * say anything, but raises nothing.
 */
create or replace function pgdispatch.is_in_progress(p_xmax xid)
returns boolean
language sql
volatile
as $$
    select coalesce(
        pg_catalog.pg_xact_status(
            greatest(
                pg_catalog.pg_current_xact_id()::text::bigint - (
                    (pg_catalog.pg_current_xact_id()::text::bigint - p_xmax::text::bigint)
                    & 4294967295
                ),
                3  -- the first number that PostgreSQL gives
            )::text::xid8
        ) = 'in progress',
        false
    )
$$;

comment on function pgdispatch.is_in_progress(xid) is
'Whether the transaction that is the xmax of a row is in progress.';
