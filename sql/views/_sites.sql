/* The sites under the column names of Tableau Server's view _sites. */
create or replace view pgdispatch._sites
with (security_invoker = true) as
select
    s.id,
    s.name,
    'active' as status,
    s.name as url_namespace
from pgdispatch.site as s;

comment on view pgdispatch._sites is
'The sites as Tableau Server''s view _sites shows them: what site_id elsewhere means.';
comment on column pgdispatch._sites.id is 'Number of the site.';
comment on column pgdispatch._sites.name is 'Its name.';
comment on column pgdispatch._sites.status is 'Always active.';
comment on column pgdispatch._sites.url_namespace is 'Its name again.';
