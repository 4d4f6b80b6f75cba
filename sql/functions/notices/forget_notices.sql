/*
 * Deletes notices older than notice_keep_days, 10,000 at a time, delivered or not: what nobody has
 * taken for so long is no news.
 * Locks: those rows, skipping what others hold.
 */
create or replace function pgdispatch.forget_notices()
returns integer
language plpgsql
as $$
declare
    v_count integer;
begin
    delete from pgdispatch.notice
    where id = any (array(
        select id
        from pgdispatch.notice
        where at < pgdispatch.now()
            - make_interval(days => pgdispatch.setting('notice_keep_days')::integer)
        limit 10000
        for update skip locked
    ));
    get diagnostics v_count = row_count;
    return v_count;
end
$$;

comment on function pgdispatch.forget_notices() is
'Deletes notices older than notice_keep_days, 10,000 at most; returns how many.';
