/*
 * Trigger: refuses what is wrong with a node (semantics 8), and works out which types it takes:
 * none while a closed window of it is open.
 * It warns of more backgrounders than half of the node's processors.
 */
create or replace function pgdispatch.fill_node()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_known constant text[] := array(select name from pgdispatch.job_type order by rank, name);
    v_name constant text := left(new.name, 63);
    v_unknown text;
begin
    select name into v_unknown from unnest(new.only_types || new.except_types) as name
    where name is null or name <> all (v_known) limit 1;
    if found then
        perform pgdispatch.refuse(
            format('job type %L does not exist', left(v_unknown, 60)),
            'use one of: ' || array_to_string(v_known, ', ')
        );
    elsif new.only_types is not null and new.except_types is not null then
        perform pgdispatch.refuse(
            format('node %s has both only_types and except_types', v_name),
            'set one of them to null'
        );
    elsif new.backgrounders > new.processors then
        perform pgdispatch.refuse(
            format('node %s has %s processors, too few for %s backgrounders',
                v_name, new.processors, new.backgrounders),
            format('set backgrounders to %s at most', new.processors)
        );
    elsif new.backgrounders > 0 and new.application_servers < 1 then
        perform pgdispatch.refuse(
            format('node %s has backgrounders but no application server', v_name),
            'set application_servers to 1 or more'
        );
    end if;
    if new.backgrounders > new.processors / 2.0
        and (tg_op = 'INSERT' or new.backgrounders <> old.backgrounders) then
        raise warning 'node % has % backgrounders for % processors', v_name,
            new.backgrounders, new.processors
            using hint = 'more than half of the processors leaves little for other programs';
    end if;
    new.types := coalesce(new.served_types, case
        when new.only_types is not null or new.except_types is not null then v_known
    end);
    if new.only_types is not null then
        new.types := array(
            select unnest(new.types) intersect select unnest(new.only_types)
            order by 1
        );
    elsif new.except_types is not null then
        new.types := array(
            select unnest(new.types) except select unnest(new.except_types)
            order by 1
        );
    end if;
    if new.closed_until is not null then
        new.types := '{}';
    end if;
    return new;
end
$$;

comment on function pgdispatch.fill_node() is
'Trigger: refuses more backgrounders than processors, backgrounders without an application '
'server, and unknown types (JD001); warns above half of the processors; fills in types.';

create or replace trigger fill_node
before insert or update of
    backgrounders, application_servers, only_types, except_types, served_types, processors,
    closed_until
on pgdispatch.node
for each row execute function pgdispatch.fill_node();

comment on trigger fill_node on pgdispatch.node is 'Checks a node and fills in its types.';
