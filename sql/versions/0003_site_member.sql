/*
 * People may be confined to sites: who, to which. Locks: site, for its foreign key, shared with
 * whoever reads.
 */
create table pgdispatch.site_member (
    member text not null,
    site text not null references pgdispatch.site (name) on update cascade on delete cascade,
    primary key (member, site)
);

comment on table pgdispatch.site_member is
'The sites that members of pgdispatch_site_viewer, …_site_operator and …_site_producer may see. '
'Written by grant_role and revoke_role.';
comment on column pgdispatch.site_member.member is
'A database user, or a role whose members are meant.';
comment on column pgdispatch.site_member.site is 'A site that it may see.';
