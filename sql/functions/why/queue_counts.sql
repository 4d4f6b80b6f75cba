/*
 * How many jobs wait, by site, kind of reason, state, and whether they need a person, as the view
 * queue shows them: of the first 10,001, as to count a million takes a tenth of a second, and tells
 * nobody more. Locks: none.
 */
create or replace function pgdispatch.queue_counts()
returns table (
    site text,
    kind text,
    state text,
    needs_person boolean,
    jobs bigint,
    is_complete boolean
)
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
set enable_bitmapscan = off
set jit = off
as $$
declare
    v_sites constant text[] := pgdispatch.caller_sites();
begin
    return query
    with first as materialized (
        select
            q.site,
            q.kind,
            q.state,
            q.needs_person
        from pgdispatch.queue as q
        limit 10001
    )
    select
        f.site,
        f.kind,
        f.state,
        f.needs_person,
        count(*),
        (select count(*) < 10001 from first)
    from first as f
    where v_sites is null
        or f.site = any (v_sites)
    group by
        f.site,
        f.kind,
        f.state,
        f.needs_person;
end
$$;

comment on function pgdispatch.queue_counts() is
'How many jobs wait, by site, kind of reason, state, and whether they need a person, as queue '
'shows them. Only the first 10,001 '
'of all are counted: is_complete says whether that was all.';
