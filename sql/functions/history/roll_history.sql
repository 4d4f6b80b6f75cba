/*
 * Makes the partitions of this month and the next two, of what is kept by month: job_history,
 * job_log, attempt, change and node_state; and drops those whose last day is older than what is
 * kept (history_keep_days, change_keep_days). One that came without a replica identity gets one.
 * Locks: the lock 'history'; those tables, briefly; it gives up after five seconds of waiting.
 */
create or replace function pgdispatch.roll_history()
returns void
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
set lock_timeout = '5s'
as $$
declare
    v_tables constant text[] := array[
        'job_history', 'job_log', 'attempt', 'change', 'node_state'
    ];
    v_this_month constant timestamp := date_trunc('month', pgdispatch.now() at time zone 'UTC');
    v_table text;
    v_keep interval;
    v_old text;
begin
    perform pg_advisory_xact_lock(pgdispatch.lock_class('history'), 0);
    foreach v_table in array v_tables loop
        v_keep := make_interval(days => (case v_table
            when 'change' then pgdispatch.setting('change_keep_days')
            else pgdispatch.setting('history_keep_days')
        end)::integer);
        for v_ahead in 0..2 loop
            perform pgdispatch.add_month(
                v_table, (v_this_month + make_interval(months => v_ahead)) at time zone 'UTC'
            );
        end loop;
        for v_old in
            select c.relname
            from pg_inherits as i
            join pg_class as c on c.oid = i.inhrelid
            where i.inhparent = ('pgdispatch.' || v_table)::regclass
                and c.relreplident = 'd'
        loop
            execute format('alter table pgdispatch.%I replica identity full', v_old);
        end loop;
        for v_old in
            select c.relname
            from pg_inherits as i
            join pg_class as c on c.oid = i.inhrelid
            where i.inhparent = ('pgdispatch.' || v_table)::regclass
                and c.relname ~ ('^' || v_table || '_[0-9]{4}_[0-9]{2}$')
                and (
                    to_date(right(c.relname, 7), 'YYYY_MM') + interval '1 month'
                ) at time zone 'UTC' < pgdispatch.now() - v_keep
        loop
            execute format('drop table pgdispatch.%I', v_old);
        end loop;
    end loop;
end
$$;

comment on function pgdispatch.roll_history() is
'Makes the partitions of job_history, job_log, attempt, change and node_state for this month and '
'the next two, moves rows of those months from the default partitions into them, drops those past '
'history_keep_days or change_keep_days. Two callers come one after the other; it gives up (55P03) '
'after waiting five seconds for a lock. Supervisors call it every hour.';
