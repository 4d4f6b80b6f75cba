/*
 * Why something is done, as the session says: `set local pgdispatch.reason = 'ticket 12'`. So an
 * edit by plain SQL can give its reason as a verb does.
 */
create or replace function pgdispatch.given_reason()
returns text
language sql
stable
as $$
    select left(nullif(current_setting('pgdispatch.reason', true), ''), 2000)
$$;

comment on function pgdispatch.given_reason() is
'What the setting pgdispatch.reason of the session says; null: nothing.';
