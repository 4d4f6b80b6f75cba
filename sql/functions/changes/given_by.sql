/*
 * Who does something, as the session says: `set local pgdispatch.by = 'alice'`. So an application,
 * or a command, in which many people share one login can name whom it serves. Not believed for any
 * right; the login is noted beside it.
 */
create or replace function pgdispatch.given_by()
returns text
language sql
stable
as $$
    select left(nullif(nullif(current_setting('pgdispatch.by', true), ''), session_user), 500)
$$;

comment on function pgdispatch.given_by() is
'Whom the setting pgdispatch.by of the session names; null: nobody, or who has logged in.';
