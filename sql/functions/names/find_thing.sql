/*
 * Refuses what a caller cannot rename or delete: what there is not, or is not its own. Whoever is
 * confined to sites may do it to tasks, linked tasks and contracts of these alone.
 */
create or replace function pgdispatch.find_thing(p_kind text, p_name text, p_verb text)
returns void
language plpgsql
as $$
declare
    v_is_there boolean;
begin
    if p_kind is null
        or p_kind not in (
            'site', 'schedule', 'calendar', 'closed window', 'task', 'linked task', 'job type',
            'node', 'contract'
        ) then
        perform pgdispatch.refuse(
            format('there is no kind %L to %s', left(p_kind, 40), p_verb),
            'name a site, schedule, calendar, closed window, task, linked task, job type, node or '
            'contract'
        );
    elsif p_kind not in ('task', 'linked task', 'contract') then
        perform pgdispatch.refuse_confined(format('%s a %s', p_verb, p_kind));
    end if;
    v_is_there := case p_kind
        when 'site' then exists (select from pgdispatch.site where name = p_name)
        when 'schedule' then exists (select from pgdispatch.schedule where name = p_name)
        when 'calendar' then exists (select from pgdispatch.calendar where name = p_name)
        when 'closed window' then exists (
            select from pgdispatch.closed_window where name = p_name
        )
        when 'job type' then exists (select from pgdispatch.job_type where name = p_name)
        when 'node' then exists (select from pgdispatch.node where name = p_name)
        when 'task' then exists (
            select from pgdispatch.task where id::text = p_name and pgdispatch.may_see(site)
        )
        when 'contract' then exists (
            select from pgdispatch.contract where id::text = p_name and pgdispatch.may_see(site)
        )
        else exists (
            select from pgdispatch.linked_task where id::text = p_name and pgdispatch.may_see(site)
        )
    end;
    if not v_is_there then
        raise exception using
            errcode = 'JD002',
            message = format('%s %s does not exist', p_kind, coalesce(left(p_name, 60), 'null')),
            hint = case p_kind
                when 'site' then 'see pgdispatch.site'
                when 'schedule' then 'see pgdispatch.schedule'
                when 'calendar' then 'see pgdispatch.calendar'
                when 'closed window' then 'see pgdispatch.window_status'
                when 'job type' then 'see pgdispatch.job_type'
                when 'node' then 'see pgdispatch.node'
                when 'task' then 'see pgdispatch.task'
                when 'contract' then 'see pgdispatch.contract'
                else 'see pgdispatch.linked_task'
            end;
    end if;
end
$$;

comment on function pgdispatch.find_thing(text, text, text) is
'Refuses a kind that there is not (JD001), what does not exist (JD002), and what belongs to all '
'sites to somebody confined (JD009).';
