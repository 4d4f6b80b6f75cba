/*
 * An attempt has ended: charges its run time to the budget of its site, if that has one.
 * Locks: none; the table of charges is appended to.
 */
create or replace function pgdispatch.charge_site(p_site text, p_started_at timestamptz)
returns void
language plpgsql
as $$
declare
    v_site pgdispatch.site;
begin
    select * into v_site from pgdispatch.site where name = p_site;
    if v_site.seconds_limit is null then
        return;
    end if;
    insert into pgdispatch.charge (site, started_at, seconds)
    values (
        p_site,
        least(p_started_at, pgdispatch.now()),
        greatest(extract(epoch from pgdispatch.now() - p_started_at), 0)
    );
end
$$;

comment on function pgdispatch.charge_site(text, timestamptz) is
'Charges the run time of an attempt that has ended to the budget of its site.';
