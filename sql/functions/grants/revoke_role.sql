/*
 * Takes a role from a database user. Sites named are taken from the user, whatever its roles; with
 * the last of them go all roles that are confined.
 * Runs with the rights of the caller, who must be allowed to revoke the role.
 */
create or replace function pgdispatch.revoke_role(
    p_user text,
    p_role text,
    p_sites text[] default null
)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    v_sites text[] := array(
        select site
        from pgdispatch.site_member
        where member = p_user
            and (p_sites is null or site = any (p_sites))
        order by site
    );
    v_role text := pgdispatch.role_name(p_user, p_role, p_sites);
    v_roles text[];
begin
    if p_sites is null and p_role <> 'worker'
        and not pgdispatch.is_granted(v_role, p_user) then
        v_role := 'pgdispatch_site_' || p_role;
    end if;
    if not pgdispatch.is_granted(v_role, p_user) then
        raise exception using
            errcode = 'JD002',
            message = format('%s has not been granted %s', p_user, p_role),
            hint = 'what it has through another role is revoked there';
    end if;
    delete from pgdispatch.site_member where member = p_user and site = any (p_sites);
    v_roles := array[v_role];
    if p_sites is not null then
        v_roles := array(
            select name
            from unnest(array['viewer', 'operator', 'producer']) as kind,
                concat('pgdispatch_site_', kind) as name
            where pgdispatch.is_granted(name, p_user)
                and not exists (select from pgdispatch.site_member where member = p_user)
        );
    end if;
    foreach v_role in array v_roles loop
        execute format('revoke %I from %I', v_role, p_user);
        if pgdispatch.is_granted(v_role, p_user) then
            perform pgdispatch.refuse(
                format('%s is still a member of %s, which another user granted', p_user, v_role),
                'revoke it as that user, the grantor in pg_auth_members'
            );
        end if;
    end loop;
    delete from pgdispatch.site_member
    where member = p_user
        and not (
            pgdispatch.is_granted('pgdispatch_site_viewer', p_user)
            or pgdispatch.is_granted('pgdispatch_site_operator', p_user)
            or pgdispatch.is_granted('pgdispatch_site_producer', p_user)
        );
    if not starts_with(v_role, 'pgdispatch_site_') then
        v_sites := array[null];
    end if;
    perform pgdispatch.note_change(
        'revoke', 'user', p_user, site, p_before => jsonb_build_object('role', p_role)
    )
    from unnest(v_sites) as site;
end
$$;

comment on function pgdispatch.revoke_role(text, text, text[]) is
'Takes a role from a database user, confined or not; with p_sites only these sites, and when none '
'is left all roles that were confined. Call it as whoever installed (else 42501). JD001; JD002: it '
'has not been granted to the user itself.';
