/*
 * Trigger: notes an edit of a site's timeout as a change of the site. What goes or is renamed with
 * its site or job type is noted there.
 */
create or replace function pgdispatch.note_timeout_edit()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
set intervalstyle = postgres
as $$
declare
    v_before jsonb;
    v_after jsonb;
begin
    if tg_op <> 'INSERT' then
        if not exists (select from pgdispatch.site where name = old.site)
            or not exists (select from pgdispatch.job_type where name = old.type) then
            return null;
        end if;
        v_before := jsonb_build_object('timeout of ' || old.type, old.timeout);
    end if;
    if tg_op <> 'DELETE' then
        v_after := jsonb_build_object('timeout of ' || new.type, new.timeout);
    end if;
    if v_before is distinct from v_after or old.site <> new.site then
        perform pgdispatch.note_change(
            'change', 'site', coalesce(new.site, old.site), coalesce(new.site, old.site),
            v_before, v_after
        );
    end if;
    return null;
end
$$;

comment on function pgdispatch.note_timeout_edit() is
'Trigger: notes who edited a timeout of a site, and how.';

create or replace trigger note_timeout_edit
after insert or update or delete on pgdispatch.site_timeout
for each row execute function pgdispatch.note_timeout_edit();

comment on trigger note_timeout_edit on pgdispatch.site_timeout is
'Notes who edited a timeout, and how.';
