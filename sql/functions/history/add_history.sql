/*
 * Makes the history partition of one month, if it is not there. Rows of that month that the
 * default partition has caught meanwhile move into it.
 * Locks: the history table and its default partition against each other and writers, briefly.
 */
create or replace function pgdispatch.add_history(p_month timestamptz)
returns void
language plpgsql
as $$
declare
    v_name constant text := 'job_history_' || to_char(p_month at time zone 'UTC', 'YYYY_MM');
    -- as text that reads the same in each DateStyle, whose own form may name an ambiguous zone
    v_form constant text := 'YYYY-MM-DD HH24:MI:SS"+00"';
    v_from constant text := to_char(p_month at time zone 'UTC', v_form);
    v_to constant text := to_char(p_month at time zone 'UTC' + interval '1 month', v_form);
begin
    if to_regclass('pgdispatch.' || v_name) is not null then
        return;
    end if;
    execute format(
        'create table pgdispatch.%I (like pgdispatch.job_history including all)', v_name
    );
    execute format('alter table pgdispatch.%I replica identity full', v_name);
    lock table pgdispatch.job_history_default in access exclusive mode;
    execute format(
        'with moved as (delete from pgdispatch.job_history_default '
        'where ended_at >= %L and ended_at < %L returning *) '
        'insert into pgdispatch.%I select * from moved',
        v_from, v_to, v_name
    );
    execute format(
        'alter table pgdispatch.job_history attach partition pgdispatch.%I '
        'for values from (%L) to (%L)',
        v_name, v_from, v_to
    );
    execute format(
        'comment on table pgdispatch.%I is %L', v_name,
        'Jobs that ended in ' || to_char(p_month at time zone 'UTC', 'YYYY-MM') || '.'
    );
end
$$;

comment on function pgdispatch.add_history(timestamptz) is
'Makes the history partition of the month that begins at the given instant (UTC).';
