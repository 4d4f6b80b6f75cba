/*
 * Up to when whoever looks from now on sees every delayed job that there will ever be: a
 * transaction that writes one announces itself first, and not_before lies behind that instant, or
 * the job is ready at once. So nothing that is not committed yet has a not_before up to the first
 * announcement of those under way; without any, up to now.
 * Locks: none; it reads pg_locks.
 */
create or replace function pgdispatch.seen_until(p_now timestamptz)
returns timestamptz
language plpgsql
as $$
begin
    return least(
        p_now,
        min(to_timestamp((l.objid::bigint + 2147483648) % 4294967296))
    )
    from pg_locks as l
    where l.locktype = 'advisory'
        and l.database = (select d.oid from pg_database as d where d.datname = current_database())
        and l.classid = pgdispatch.lock_class('delays')
        and l.objsubid = 2;
end
$$;

comment on function pgdispatch.seen_until(timestamptz) is
'The time up to which delayed jobs are all committed, whoever is writing some now.';
