/*
 * Makes the history partitions of this month and the next two, and drops those whose last day
 * is older than history_keep_days.
 * Locks: the history table, briefly; it gives up after five seconds of waiting.
 */
create or replace function pgdispatch.roll_history()
returns void
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
set lock_timeout = '5s'
as $$
declare
    v_month timestamptz;
    v_name text;
    v_old record;
begin
    for v_month in
        select date_trunc('month', pgdispatch.now(), 'UTC') + make_interval(months => n)
        from generate_series(0, 2) as n
    loop
        v_name := 'job_history_' || to_char(v_month at time zone 'UTC', 'YYYY_MM');
        if to_regclass('pgdispatch.' || v_name) is null then
            execute format(
                'create table pgdispatch.%I partition of pgdispatch.job_history '
                'for values from (%L) to (%L)',
                v_name, v_month, v_month + interval '1 month'
            );
            execute format('comment on table pgdispatch.%I is %L', v_name,
                'Jobs that ended in ' || to_char(v_month at time zone 'UTC', 'YYYY-MM') || '.');
        end if;
    end loop;
    for v_old in
        select c.relname
        from pg_inherits as i
        join pg_class as c on c.oid = i.inhrelid
        where i.inhparent = 'pgdispatch.job_history'::regclass
            and c.relname ~ '^job_history_\d{4}_\d{2}$'
            and to_date(right(c.relname, 7), 'YYYY_MM') + interval '1 month'
                < pgdispatch.now()
                    - make_interval(days => pgdispatch.setting('history_keep_days')::integer)
    loop
        execute format('drop table pgdispatch.%I', v_old.relname);
    end loop;
end
$$;

comment on function pgdispatch.roll_history() is
'Makes the next history partitions and drops those past history_keep_days. Call it daily; '
'supervisors do.';
