/*
 * Whether every transaction that was under way when a row of generation was written has ended. Its
 * number is that of the row, of which PostgreSQL shows the lower half; it is in the past.
 */
create or replace function pgdispatch.is_generation_known(p_id bigint)
returns boolean
language plpgsql
as $$
declare
    v_oldest constant bigint := pg_snapshot_xmin(pg_current_snapshot())::text::bigint;
    v_written bigint;
begin
    select v_oldest - v_oldest % 4294967296 + g.xmin::text::bigint
    into v_written
    from pgdispatch.generation as g
    where g.id = p_id;
    if v_written > v_oldest + 2147483648 then
        v_written := v_written - 4294967296;
    end if;
    return v_oldest >= v_written;
end
$$;

comment on function pgdispatch.is_generation_known(bigint) is
'Whether no transaction is under way that began before a row of generation was written.';
