/* What a rename or delete takes along, leaves, or finds in its way. It changes nothing. */
create or replace function pgdispatch.consequences(p_verb text, p_kind text, p_name text)
returns table (
    what text,
    how_many bigint,
    becomes text
)
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_is_delete constant boolean := p_verb = 'delete';
begin
    if p_verb is null or p_verb not in ('rename', 'delete') then
        perform pgdispatch.refuse(
            format('%L has no consequences', left(p_verb, 40)), 'ask for rename or delete'
        );
    end if;
    perform pgdispatch.find_thing(p_kind, p_name, p_verb);
    return query
    select c.what, c.how_many, c.becomes
    from (
        select 1, 'tasks', (
            select count(*)
            from pgdispatch.task as t
            where (p_kind, p_name)
                in (('site', t.site), ('schedule', t.schedule), ('job type', t.type))
        ), case
            when not v_is_delete then 'follow'
            when p_kind = 'site' then 'are deleted'
            when p_kind = 'schedule' then 'stay, without a schedule'
            else 'are in the way'
        end
        union all
        select 2, 'linked tasks', (
            select count(*)
            from pgdispatch.linked_task as l
            where (p_kind, p_name) in (('site', l.site), ('schedule', l.schedule))
        ), case
            when not v_is_delete then 'follow'
            when p_kind = 'site' then 'are deleted'
            else 'stay, without a schedule'
        end
        union all
        select 3, 'steps', (
            select count(*)
            from pgdispatch.linked_task_step as s
            where v_is_delete
                and (p_kind, p_name)
                in (('linked task', s.linked_task::text), ('task', s.task::text))
        ), case p_kind when 'task' then 'are in the way' else 'are deleted' end
        union all
        select 4, 'timeouts', (
            select count(*)
            from pgdispatch.site_timeout as o
            where (p_kind, p_name) in (('site', o.site), ('job type', o.type))
        ), case when v_is_delete then 'are deleted' else 'follow' end
        union all
        select 5, 'people confined to it', (
            select count(*)
            from pgdispatch.site_member as m
            where (p_kind, p_name) = ('site', m.site)
        ), case when v_is_delete then 'see it no more' else 'follow' end
        union all
        select 6, 'nodes limited by it', (
            select count(*)
            from pgdispatch.node as n
            where p_kind = 'job type'
                and p_name = any (n.only_types || n.except_types)
        ), case when v_is_delete then 'are in the way' else 'follow' end
        union all
        select 7, 'notice rules', (
            select count(*)
            from pgdispatch.notice_rule as r
            where (p_kind, p_name)
                in (('site', r.site), ('schedule', r.schedule), ('job type', r.type))
        ), case when v_is_delete then 'are deleted' else 'follow' end
        union all
        select 8, 'jobs that wait or run', (
            select count(*)
            from pgdispatch.job as j
            left join pgdispatch.linked_run as r on r.id = j.linked_run
            where (p_kind, p_name) in (
                ('site', j.site), ('schedule', j.schedule), ('job type', j.type),
                ('node', j.node), ('task', j.task::text), ('linked task', r.linked_task::text)
            )
        ), case
            when p_kind in ('task', 'linked task') or p_kind = 'schedule' and v_is_delete
                then 'stay as they are'
            else 'are in the way'
        end
        union all
        select 9, 'pause of it', (
            select count(*)
            from pgdispatch.pause as p
            where p.scope = replace(p_kind, 'job type', 'type')
                and p.name = p_name
        ), case
            when not v_is_delete then 'follows'
            when p_kind = 'schedule' then 'ends: jobs that wait for it go on'
            else 'ends'
        end
        union all
        select 10, 'schedules', (
            select count(*)
            from pgdispatch.schedule as s
            where (p_kind, p_name) = ('calendar', s.calendar)
        ), case when v_is_delete then 'are in the way' else 'follow' end
        union all
        select 11, 'days', (
            select count(*)
            from pgdispatch.calendar_day as d
            where (p_kind, p_name) = ('calendar', d.calendar)
        ), case when v_is_delete then 'are deleted' else 'follow' end
        union all
        select 12, 'closed windows', (
            select count(*)
            from pgdispatch.closed_window as w
            where (p_kind, p_name)
                in ((replace(w.scope, 'type', 'job type'), w.target), ('calendar', w.calendar))
        ), case
            when not v_is_delete then 'follow'
            when p_kind = 'calendar' then 'are in the way'
            else 'stay, and close nothing'
        end
        union all
        select 13, 'contracts', (
            select count(*)
            from pgdispatch.contract as k
            where (p_kind, p_name) in (
                ('site', k.site), ('schedule', k.schedule), ('task', k.task::text),
                ('linked task', k.linked_task::text), ('calendar', k.calendar)
            )
                or p_kind = 'job type'
                and p_name = any (k.types)
        ), case
            when not v_is_delete then 'follow'
            when p_kind = 'site' then 'are deleted'
            else 'are in the way'
        end
    ) as c (place, what, how_many, becomes)
    where c.how_many > 0
    order by c.place;
    if p_kind in ('calendar', 'closed window') then
        return;
    end if;
    return query select 'history', null::bigint, case
        when p_kind = 'site' and v_is_delete
            then 'stays: people of a new site of that name would see it'
        when v_is_delete then 'stays'
        when p_kind = 'contract' then 'stays'
        when p_kind = 'site'
            then 'keeps the name it had: people confined to the site see it no more'
        else 'keeps the name it had'
    end;
end
$$;

comment on function pgdispatch.consequences(text, text, text) is
'What rename or delete (p_verb) of p_kind, p_name takes along, leaves, or finds in its way; it '
'changes nothing. JD001, JD002, JD009: as they.';
