/*
 * Ends a pause: its jobs have their old places again from the commit on, see apply_pauses; unless
 * a closed window holds them, too.
 * Locks: the pause's row, against those who change the same one. No claim waits for it.
 */
create or replace function pgdispatch.end_pause(p_scope text, p_name text default null)
returns interval
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_now constant timestamptz := pgdispatch.now();
    v_name constant text := pgdispatch.check_pause(p_scope, p_name, false);
    v_was pgdispatch.pause;
begin
    select *
    into v_was
    from pgdispatch.pause
    where scope = p_scope
        and name = v_name
        and (until is null or until > v_now)
    for update;
    if not found then
        raise exception using
            errcode = 'JD002',
            message = format('%s is not paused', concat_ws(
                ' ', replace(p_scope, 'all', 'everything'), nullif(v_name, '')
            )),
            hint = 'see pgdispatch.paused for what is';
    elsif not v_was.is_confined and pgdispatch.caller_sites() is not null then
        perform pgdispatch.refuse_pause(p_scope, v_name);
    end if;
    delete from pgdispatch.pause where scope = p_scope and name = v_name;
    perform pgdispatch.note_pause('end pause', p_scope, v_name);
    insert into pgdispatch.deferral (gate, refill_at)
    values (pgdispatch.pause_gate(p_scope, v_name), '-infinity');
    perform pgdispatch.notify_idle_nodes();
    return date_trunc('milliseconds', v_now - v_was.paused_at);
end
$$;

comment on function pgdispatch.end_pause(text, text) is
'Ends the pause of everything (scope all), or of a site, type or schedule: its jobs start again in '
'their old places. Returns how long it was paused. Locks the pause against others who change it. '
'JD001: a bad scope; JD002: it is not paused; JD009: not yours, or paused by an operator of all '
'sites.';
