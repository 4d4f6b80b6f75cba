/*
 * What one supervisor does for the notices of all: sees what there is to tell, follows deliveries,
 * makes new ones. Nothing is looked at while there is neither a rule nor a contract nor a notice to
 * deliver.
 * Locks: the one row of notice_look, skipping if another holds it, so that one caller at a time is
 * at it; then as see_recoveries, judge_contracts and queue_deliveries.
 */
create or replace function pgdispatch.tend_notices()
returns integer
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_now timestamptz;
    v_look pgdispatch.notice_look;
    v_is_close boolean;
begin
    perform pgdispatch.check_isolation();
    if not exists (select from pgdispatch.notice_rule)
        and not exists (select from pgdispatch.notice where ended_at is null)
        and not exists (select from pgdispatch.contract where enabled) then
        return 0;
    end if;
    select * into v_look from pgdispatch.notice_look for update skip locked;
    v_now := pgdispatch.now();
    if not found or v_look.looked_at between v_now - interval '1 s' and v_now then
        return 0;
    end if;
    v_is_close := v_look.looked_closely_at not between v_now - interval '10 s' and v_now;
    update pgdispatch.notice_look
    set looked_at = v_now,
        looked_closely_at = case when v_is_close then v_now else looked_closely_at end;
    if v_is_close then
        perform pgdispatch.see_recoveries();
        perform pgdispatch.judge_contracts(v_look.looked_closely_at);
    end if;
    perform pgdispatch.see_states(v_is_close);
    perform pgdispatch.follow_deliveries();
    return pgdispatch.queue_deliveries();
end
$$;

comment on function pgdispatch.tend_notices() is
'Records notices of lost nodes, late schedules, spent budgets, recoveries and contracts, and makes '
'the jobs that deliver what waits; returns how many. Somebody does so once a second at most; '
'supervisors call it every 2 seconds. JD008.';
