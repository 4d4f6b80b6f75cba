/* Refuses what is wrong with a closed window. p_known: a target that it has had before. */
create or replace function pgdispatch.check_window(
    p_window pgdispatch.closed_window,
    p_known text
)
returns void
language plpgsql
as $$
declare
    v_is_there constant boolean := case p_window.scope
        when 'site' then pgdispatch.may_see(p_window.target)
            and exists (select from pgdispatch.site where name = p_window.target)
        when 'type' then exists (select from pgdispatch.job_type where name = p_window.target)
        when 'node' then exists (select from pgdispatch.node where name = p_window.target)
        else exists (select from pgdispatch.schedule where name = p_window.target)
    end;
begin
    if p_window.scope is null or p_window.scope not in ('site', 'type', 'schedule', 'node') then
        perform pgdispatch.refuse(
            format('%s cannot be closed',
                coalesce(quote_literal(left(p_window.scope, 40)), 'null')),
            'use site, type, schedule or node and its name'
        );
    elsif p_window.scope <> 'site' then
        perform pgdispatch.refuse_confined(format('close a %s', p_window.scope));
    end if;
    if p_window.target is distinct from p_known and not v_is_there then
        raise exception using
            errcode = 'JD002',
            message = format('%s %L does not exist', p_window.scope, left(p_window.target, 60)),
            hint = case p_window.scope
                when 'site' then 'see pgdispatch.site'
                when 'type' then 'see pgdispatch.job_type'
                when 'node' then 'see pgdispatch.node'
                else 'see pgdispatch.schedule'
            end;
    elsif (p_window.recurrence is null) <> (p_window.lasts is null)
        or (p_window.from_at is null) <> (p_window.to_at is null)
        or (p_window.recurrence is null) = (p_window.from_at is null) then
        perform pgdispatch.refuse(
            'a closed window needs a recurrence and how long it lasts, or two instants',
            'give recurrence and lasts, such as daily at 22:00 and 8 hours; or from_at and to_at'
        );
    elsif p_window.from_at >= p_window.to_at
        or not isfinite(p_window.from_at) or not isfinite(p_window.to_at) then
        perform pgdispatch.refuse(
            format('a window cannot be closed from %s to %s', p_window.from_at, p_window.to_at),
            'give the earlier instant first'
        );
    elsif p_window.lasts not between interval '1 min' and interval '31 days' then
        perform pgdispatch.refuse(
            format('a window cannot last %s', p_window.lasts), 'use a minute to 31 days'
        );
    elsif p_window.drain_before is not null and p_window.scope <> 'node' then
        perform pgdispatch.refuse(
            format('a %s is not drained', p_window.scope), 'leave drain_before to windows of nodes'
        );
    elsif p_window.drain_before not between interval '0' and interval '7 days' then
        perform pgdispatch.refuse(
            format('drain_before cannot be %s', p_window.drain_before), 'use 0 to 7 days'
        );
    elsif p_window.run_at_end and p_window.scope <> 'schedule' then
        perform pgdispatch.refuse(
            format('a %s has no times to run at the end', p_window.scope),
            'leave run_at_end to windows of schedules: jobs that wait start at the end anyway'
        );
    end if;
    perform pgdispatch.check_time_zone(p_window.time_zone);
    if p_window.recurrence is not null then
        perform pgdispatch.check_calendar(
            p_window.calendar, p_window.on_free_day, p_window.recurrence
        );
        perform pgdispatch.parse_recurrence(p_window.recurrence);
    end if;
end
$$;

comment on function pgdispatch.check_window(pgdispatch.closed_window, text) is
'Refuses what is wrong with a closed window: JD001, JD002, JD009.';
