/*
 * Makes the partition of one month of a table that is kept by month, if it is not there. Rows of
 * that month that the default partition has caught meanwhile move into it.
 * Locks: the table and its default partition against each other and writers, briefly.
 */
create or replace function pgdispatch.add_month(p_table text, p_month timestamptz)
returns void
language plpgsql
as $$
declare
    v_name constant text := p_table || '_' || to_char(p_month at time zone 'UTC', 'YYYY_MM');
    v_default constant text := p_table || '_default';
    v_key constant text := substring(
        pg_get_partkeydef(('pgdispatch.' || p_table)::regclass) from '[(]([a-z_]+)[)]'
    );
    -- as text that reads the same in each DateStyle, whose own form may name an ambiguous zone
    v_form constant text := 'YYYY-MM-DD HH24:MI:SS"+00"';
    v_from constant text := to_char(p_month at time zone 'UTC', v_form);
    v_to constant text := to_char(p_month at time zone 'UTC' + interval '1 month', v_form);
begin
    if to_regclass('pgdispatch.' || v_name) is not null then
        return;
    end if;
    execute format(
        'create table pgdispatch.%I (like pgdispatch.%I including all)', v_name, p_table
    );
    execute format('alter table pgdispatch.%I replica identity full', v_name);
    execute format('lock table pgdispatch.%I in access exclusive mode', v_default);
    execute format(
        'with moved as (delete from pgdispatch.%I where %I >= %L and %I < %L returning *) '
        'insert into pgdispatch.%I select * from moved',
        v_default, v_key, v_from, v_key, v_to, v_name
    );
    execute format(
        'alter table pgdispatch.%I attach partition pgdispatch.%I for values from (%L) to (%L)',
        p_table, v_name, v_from, v_to
    );
    execute format(
        'comment on table pgdispatch.%I is %L', v_name,
        case p_table
            when 'change' then 'Changes of'
            when 'job_log' then 'What jobs logged in'
            when 'attempt' then 'Attempts that ended in'
            when 'node_state' then 'What nodes were like until some time in'
            else 'Jobs that ended in'
        end
        || ' ' || to_char(p_month at time zone 'UTC', 'YYYY-MM') || '.'
    );
end
$$;

comment on function pgdispatch.add_month(text, timestamptz) is
'Makes the partition of a table that is kept by month for the month that begins at the '
'given instant (UTC).';
