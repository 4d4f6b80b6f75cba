/* Trigger: a site that has jobs in the queue can be neither deleted nor renamed. */
create or replace function pgdispatch.protect_site()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    if old.name = 'default' or exists (select from pgdispatch.job where site = old.name) then
        perform pgdispatch.refuse(
            format('site %s cannot be deleted or renamed', old.name),
            'the site default stays; another one must have no jobs waiting or running'
        );
    end if;
    return coalesce(new, old);
end
$$;

comment on function pgdispatch.protect_site() is
'Trigger: refuses to delete or rename the site default, or one with jobs in the queue (JD001).';

create or replace trigger protect_site_name
before update of name on pgdispatch.site
for each row
when (old.name is distinct from new.name)
execute function pgdispatch.protect_site();

create or replace trigger protect_site
before delete on pgdispatch.site
for each row execute function pgdispatch.protect_site();

comment on trigger protect_site_name on pgdispatch.site is 'Refuses to rename a site in use.';
comment on trigger protect_site on pgdispatch.site is 'Refuses to delete a site in use.';
