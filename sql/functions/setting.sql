/* One setting, as text. No row: no such setting, which is a programming error. */
create or replace function pgdispatch.setting(p_name text)
returns text
language sql
stable
as $$
    select value
    from pgdispatch.setting
    where name = p_name
$$;

comment on function pgdispatch.setting(text) is
'The value of a setting, as text; null if there is none of that name.';
