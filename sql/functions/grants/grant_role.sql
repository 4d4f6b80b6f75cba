/*
 * Gives a database user a role, confined to sites if some are named. A user is either confined or
 * not, in all its roles: with both, it would see with one what the other is to hide.
 * Runs with the rights of the caller, who must be allowed to grant the role.
 */
create or replace function pgdispatch.grant_role(
    p_user text,
    p_role text,
    p_sites text[] default null
)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    v_role constant text := pgdispatch.role_name(p_user, p_role, p_sites);
    v_other text;
begin
    select r.rolname
    into v_other
    from pg_catalog.pg_roles as r
    where r.rolname ~ '^pgdispatch_(site_)?(producer|worker|viewer|operator)$'
        and starts_with(r.rolname, 'pgdispatch_site_') <> (p_sites is not null)
        and pg_catalog.pg_has_role(p_user, r.oid, 'member')
    order by r.rolname
    limit 1;
    if v_other is not null then
        perform pgdispatch.refuse(
            format('%s is a member of %s, which is %s', p_user, v_other,
                case when p_sites is null then 'confined to sites' else 'for all sites' end),
            'revoke that first: a user is confined in all its roles or in none'
        );
    end if;
    insert into pgdispatch.site_member (member, site)
    select distinct
        p_user,
        name
    from unnest(p_sites) as name
    on conflict do nothing;
    execute format('grant %I to %I', v_role, p_user);
    perform pgdispatch.note_change(
        'grant', 'user', p_user, site, p_after => jsonb_build_object('role', p_role)
    )
    from unnest(coalesce(p_sites, array[null])) as site;
end
$$;

comment on function pgdispatch.grant_role(text, text, text[]) is
'Gives a database user a role (producer, viewer, operator or worker); with p_sites confined to '
'these and those it has already. Needs the right to grant it: call it as whoever installed (else '
'42501). JD001: also if the user is confined already and would not be now, or the other way round.';
