/*
 * Renames something. What refers to it follows; history keeps the name that it had.
 * Locks: its row, and those of what refers to it; at commit as protect_queued.
 * Rivals: a job that comes in by the old name before the commit is seen there, and the rename is
 * refused; one that comes after it is refused itself.
 */
create or replace function pgdispatch.rename(p_kind text, p_name text, p_new text)
returns void
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_is_name constant boolean := case p_kind
        when 'site' then p_new ~ '^[[:alnum:]][[:alnum:] ._-]{0,99}$'
        when 'node' then p_new ~ '^[[:alnum:]][[:alnum:]._-]{0,62}$'
        when 'job type' then p_new ~ '^[a-z][a-z0-9_]{0,62}$'
        when 'schedule' then length(p_new) between 1 and 200
        when 'closed window' then length(p_new) between 1 and 200
        when 'calendar' then length(p_new) between 1 and 100
        when 'contract' then length(p_new) between 1 and 200
        else length(p_new) between 1 and 500
    end;
begin
    perform pgdispatch.find_thing(p_kind, p_name, 'rename');
    if v_is_name is not true then
        perform pgdispatch.refuse(
            format('%L is not a name for a %s', left(p_new, 80), p_kind),
            case p_kind
                when 'site' then 'use up to 100 letters, digits, blanks, dots, _ and -'
                when 'node' then
                    'use up to 63 letters, digits, dots, underscores and hyphens'
                when 'job type' then 'use up to 63 lower-case letters, digits and underscores'
                when 'schedule' then 'use up to 200 characters'
                when 'closed window' then 'use up to 200 characters'
                when 'calendar' then 'use up to 100 characters'
                when 'contract' then 'use up to 200 characters'
                else 'use up to 500 characters'
            end
        );
    elsif p_new <> p_name and (p_kind, p_new) in (
        select 'site', s.name from pgdispatch.site as s where s.name = p_new
        union all
        select 'node', n.name from pgdispatch.node as n where n.name = p_new
        union all
        select 'job type', t.name from pgdispatch.job_type as t where t.name = p_new
        union all
        select 'schedule', e.name from pgdispatch.schedule as e where e.name = p_new
        union all
        select 'closed window', w.name from pgdispatch.closed_window as w where w.name = p_new
        union all
        select 'calendar', c.name from pgdispatch.calendar as c where c.name = p_new
        union all
        select 'contract', o.name
        from pgdispatch.contract as c
        join pgdispatch.contract as o on o.site = c.site and o.id <> c.id
        where c.id::text = p_name
            and o.name = p_new
    ) then
        perform pgdispatch.refuse(
            format('%s %s already exists', p_kind, left(p_new, 60)), 'choose another name'
        );
    end if;
    case p_kind
        when 'site' then update pgdispatch.site set name = p_new where name = p_name;
        when 'node' then update pgdispatch.node set name = p_new where name = p_name;
        when 'job type' then update pgdispatch.job_type set name = p_new where name = p_name;
        when 'schedule' then update pgdispatch.schedule set name = p_new where name = p_name;
        when 'calendar' then update pgdispatch.calendar set name = p_new where name = p_name;
        when 'closed window' then
            update pgdispatch.closed_window set name = p_new where name = p_name;
        when 'task' then update pgdispatch.task set title = p_new where id = p_name::bigint;
        when 'contract' then
            update pgdispatch.contract set name = p_new where id = p_name::bigint;
        else update pgdispatch.linked_task set title = p_new where id = p_name::bigint;
    end case;
end
$$;

comment on function pgdispatch.rename(text, text, text) is
'Renames a site, schedule, calendar, job type, node or contract (p_kind, p_name; of a contract '
'its number), or gives a task or linked task another title. Tasks, linked tasks, contracts, '
'timeouts, people and limits of nodes follow; history keeps the name it had. Plain update does '
'the same. Refused while jobs of it wait or run (JD004; looked at once more at commit, under a '
'lock), and for a node while it is up. JD001: not a name, or taken; JD002: unknown; JD008; JD009:'
' you are confined to sites, and it is no task of theirs.';
