/* Whether who logged in is a login, or may become it. From PostgreSQL 16 on that is a right. */
create or replace function pgdispatch.may_become(p_login text)
returns boolean
language plpgsql
stable
as $$
declare
    v_right constant text := case
        when current_setting('server_version_num')::integer >= 160000 then 'set'
        else 'member'
    end;
begin
    if p_login = session_user then
        return true;
    end if;
    return exists (
        select
        from pg_catalog.pg_roles
        where rolname = p_login
            and pg_has_role(session_user, oid, v_right)
    );
end
$$;

comment on function pgdispatch.may_become(text) is
'Whether the database user who logged in is that one, or may set its role.';
