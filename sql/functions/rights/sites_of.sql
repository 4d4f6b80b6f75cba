/*
 * The sites of one user. Who is confined is told by membership in a role of confined people, direct
 * or through others, inherited or not (`member`, not `usage`): `noinherit` is no way out. The owner
 * of the schema and superusers are members of all roles without having been granted any, and are
 * not confined. `pgdispatch bench` brings no roles along: then nobody is.
 */
create or replace function pgdispatch.sites_of(p_user text)
returns text[]
language plpgsql
stable
strict
parallel safe
as $$
begin
    if not coalesce(
        pg_has_role(p_user, to_regrole('pgdispatch_site_viewer'), 'member')
        or pg_has_role(p_user, to_regrole('pgdispatch_site_producer'), 'member'),
        false
    ) then
        return null;  -- without a query: each insert comes here
    elsif exists (
        select
        from pg_roles as r
        where r.rolname = p_user
            and (
                r.rolsuper
                or r.oid = (select nspowner from pg_namespace where nspname = 'pgdispatch')
            )
    ) then
        return null;
    end if;
    return array(
        select m.site
        from pgdispatch.site_member as m
        join pg_roles as r on r.rolname = m.member
        where pg_has_role(p_user, r.oid, 'member')
        group by m.site
    );
end
$$;

comment on function pgdispatch.sites_of(text) is
'The sites that a user is confined to, by itself and by the roles it is a member of; null: the '
'user is not confined.';
