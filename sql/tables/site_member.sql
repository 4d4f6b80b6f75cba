/*
 * Which sites a confined user is confined to. That somebody is confined is a matter of roles, see
 * roles/site_viewer.sql: without a row here, such a user sees nothing. So whatever is lost, a row
 * or a database restored without its users, nobody sees more than before.
 */
create table if not exists pgdispatch.site_member (
    member text not null,
    site text not null references pgdispatch.site (name) on update cascade on delete cascade,
    primary key (member, site)
);

comment on table pgdispatch.site_member is
'The sites that members of pgdispatch_site_viewer, …_site_operator and …_site_producer may see. '
'Written by grant_role and revoke_role. Whoever is in such a role and not here sees nothing.';
comment on column pgdispatch.site_member.member is
'A database user, or a role whose members are meant.';
comment on column pgdispatch.site_member.site is 'A site that it may see.';
