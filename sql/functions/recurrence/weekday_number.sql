/* Sunday is 0, as for cron and for extract(dow …). Only the first three letters count. */
create or replace function pgdispatch.weekday_number(p_name text)
returns integer
language sql
immutable
as $$
    select array_position(
        array['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'], left(p_name, 3)
    ) - 1
$$;

comment on function pgdispatch.weekday_number(text) is
'Number of a weekday by its English name in lower case, short or long: 0 is Sunday.';
