/*
 * Refuses a calendar that there is not, or that the caller may not see, and what needs one where
 * none is given: who says what becomes of free days, and has none, would never learn that it
 * becomes nothing.
 */
create or replace function pgdispatch.check_calendar(
    p_calendar text,
    p_on_free_day text,
    p_recurrence text
)
returns void
language plpgsql
stable
as $$
begin
    if p_on_free_day is null or p_on_free_day not in ('run', 'skip', 'before', 'after') then
        perform pgdispatch.refuse(
            format('on_free_day cannot be %s',
                coalesce(quote_literal(left(p_on_free_day, 40)), 'null')),
            'use run, skip, before (the last working day before) or after (the first one after)'
        );
    elsif p_calendar is null and p_on_free_day <> 'run' then
        perform pgdispatch.refuse(
            format('on_free_day %L needs a calendar, which says what days are free', p_on_free_day),
            'give it a calendar, see pgdispatch.calendar, or say run'
        );
    elsif p_calendar is null
        and (pgdispatch.parse_recurrence(p_recurrence)).workdays is not null then
        perform pgdispatch.refuse(
            format('recurrence %L needs a calendar, which says what days are working days',
                left(p_recurrence, 60)),
            'give it a calendar, see pgdispatch.calendar; or write: weekly on mon, tue, wed, thu, '
            'fri at 06:30'
        );
    elsif p_calendar is not null and not exists (
        select
        from pgdispatch.calendar
        where name = p_calendar
            and (pgdispatch.caller_sites() is null
                or name = any (pgdispatch.own_calendars()))
    ) then
        raise exception using
            errcode = 'JD002',
            message = format('calendar %L does not exist', left(p_calendar, 60)),
            hint = 'see pgdispatch.calendar';
    end if;
end
$$;

comment on function pgdispatch.check_calendar(text, text, text) is
'Refuses an on_free_day that there is not, and a recurrence or an on_free_day that needs a '
'calendar and has none (JD001); a calendar that there is not (JD002).';
