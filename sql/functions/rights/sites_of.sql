/*
 * The sites of one user. It is confined if it has the rights of a role of confined people, by
 * itself or through others (`usage`), or has been granted one of them itself: then `noinherit` is
 * no way out. Whom it may only become (`set role`) does not count, unless p_may_become: what they
 * may, it may not yet, and then the role that is set decides, see caller_sites.
 *
 * The owner of the schema and superusers have all roles without having been granted any, and are
 * not confined. `pgdispatch bench` brings no roles along: then nobody is.
 */
create or replace function pgdispatch.sites_of(p_user text, p_may_become boolean)
returns text[]
language plpgsql
stable
strict
parallel safe
as $$
declare
    v_kind text := 'usage';
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
    elsif p_may_become then
        v_kind := 'member';
    elsif not (
        pg_has_role(p_user, to_regrole('pgdispatch_site_viewer'), 'usage')
        or pg_has_role(p_user, to_regrole('pgdispatch_site_producer'), 'usage')
        or pgdispatch.is_granted('pgdispatch_site_viewer', p_user)
        or pgdispatch.is_granted('pgdispatch_site_operator', p_user)
        or pgdispatch.is_granted('pgdispatch_site_producer', p_user)
    ) then
        return null;
    end if;
    return array(
        select m.site
        from pgdispatch.site_member as m
        join pg_roles as r on r.rolname = m.member
        where r.rolname = p_user
            or pg_has_role(p_user, r.oid, v_kind)
        group by m.site
    );
end
$$;

comment on function pgdispatch.sites_of(text, boolean) is
'The sites that a user is confined to, by itself and by the roles whose rights it has, or, if '
'p_may_become, by all that it is a member of; null: the user is not confined.';
