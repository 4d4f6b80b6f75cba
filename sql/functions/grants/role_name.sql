/* The name of the role that is granted, after a look at all that may be wrong with it. */
create or replace function pgdispatch.role_name(p_user text, p_role text, p_sites text[])
returns text
language plpgsql
stable
as $$
declare
    v_unknown text;
begin
    if p_role is null or p_role not in ('producer', 'worker', 'viewer', 'operator') then
        perform pgdispatch.refuse(
            format('role %L does not exist', left(p_role, 60)),
            'use producer, worker, viewer or operator'
        );
    elsif p_role = 'worker' and p_sites is not null then
        perform pgdispatch.refuse(
            'a worker cannot be confined to sites',
            'nodes run the jobs of all sites: leave the sites out'
        );
    elsif not exists (select from pg_catalog.pg_roles where rolname = p_user) then
        perform pgdispatch.refuse(
            format('database user %L does not exist', left(p_user, 63)),
            'create that user first, for example with createuser'
        );
    elsif (select rolsuper from pg_catalog.pg_roles where rolname = p_user) then
        perform pgdispatch.refuse(
            format('%s is a superuser, who may do everything anyway', p_user),
            'use a role of its own for this'
        );
    elsif p_sites = '{}' then
        perform pgdispatch.refuse('no site was named', 'name sites, or leave them out for all');
    end if;
    select wanted.name
    into v_unknown
    from unnest(p_sites) as wanted (name)
    where not exists (select from pgdispatch.site as s where s.name = wanted.name)
    limit 1;
    if found then
        perform pgdispatch.refuse(
            format('site %L does not exist', left(v_unknown, 60)),
            'add it first: insert into pgdispatch.site (name) values (…)'
        );
    end if;
    return 'pgdispatch_' || case when p_sites is null then '' else 'site_' end || p_role;
end
$$;

comment on function pgdispatch.role_name(text, text, text[]) is
'The role to grant or revoke; refuses unknown users, roles and sites (JD001).';
