/* Refuses a recurrence that cannot be read, with the form of the kind that it looks most like. */
create or replace function pgdispatch.refuse_recurrence(p_recurrence text)
returns void
language plpgsql
immutable
as $$
declare
    v_text constant text := lower(p_recurrence collate "C");
begin
    perform pgdispatch.refuse(
        format('recurrence %L cannot be read', left(p_recurrence, 60)),
        case
            when v_text ~ 'work' then
                'write: on working days at 06:30; on working days every 2 hours from 06:00 to '
                '22:00; monthly on first working day at 06:30, or second, 10th, last'
            when v_text ~ 'month|first|second|third|fourth|fifth|last' then
                'write days of the month or one weekday, such as: monthly on 1, 15, last at 06:30, '
                'or: monthly on second tuesday at 06:30'
            when v_text ~ 'every|hour|min' then
                'write 15 or 30 minutes, or 1, 2, 4, 6, 8 or 12 hours, such as: every 15 minutes, '
                'or: every 2 hours from 06:00 to 22:00'
            when v_text ~ 'week|(mon|tues|wednes|thurs|fri|satur|sun)day' then
                'write weekdays and one time of day, such as: weekly on mon, wed at 06:30'
            when v_text ~ 'day|dai|daly' then
                'write one time of day, 00:00 to 23:59, such as: daily at 06:30'
            when v_text ~ '^[[:space:]]*(cron|[0-9*@])' then
                'write cron and five fields: minute, hour, day of month, month and weekday, '
                'such as: cron 30 6 * * mon-fri'
            else
                'write one of: every 15 minutes; every 2 hours from 06:00 to 22:00; '
                'daily at 06:30; weekly on mon, wed at 06:30; monthly on 1, last at 06:30; '
                'monthly on second tuesday at 06:30; on working days at 06:30; '
                'monthly on first working day at 06:30; cron 30 6 * * mon-fri'
        end
    );
end
$$;

comment on function pgdispatch.refuse_recurrence(text) is
'Raises JD001 for a recurrence that cannot be read; the hint shows the form that is nearest.';
