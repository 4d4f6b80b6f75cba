/* Trigger: the site default stays. Others are looked at by protect_used and protect_queued. */
create or replace function pgdispatch.protect_site()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    perform pgdispatch.refuse(
        'site default cannot be deleted or renamed', 'jobs that name no site belong to it'
    );
    return null;
end
$$;

comment on function pgdispatch.protect_site() is
'Trigger: refuses to delete or rename the site default (JD001).';

create or replace trigger protect_site_name
before update of name on pgdispatch.site
for each row
when (old.name = 'default' and new.name <> 'default')
execute function pgdispatch.protect_site();

create or replace trigger protect_site
before delete on pgdispatch.site
for each row
when (old.name = 'default')
execute function pgdispatch.protect_site();

comment on trigger protect_site_name on pgdispatch.site is 'Refuses to rename the site default.';
comment on trigger protect_site on pgdispatch.site is 'Refuses to delete the site default.';
