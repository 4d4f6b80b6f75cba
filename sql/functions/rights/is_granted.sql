/* Whether a role has been granted to a user itself, not by way of another role. */
create or replace function pgdispatch.is_granted(p_role text, p_user text)
returns boolean
language sql
stable
as $$
    select exists (
        select
        from pg_catalog.pg_auth_members
        where roleid = (select oid from pg_catalog.pg_roles where rolname = p_role)
            and member = (select oid from pg_catalog.pg_roles where rolname = p_user)
    )
$$;

comment on function pgdispatch.is_granted(text, text) is
'Whether a user is a member of a role by itself.';
