/*
 * Pauses everything, a site, a type or a schedule's jobs: those that wait keep their places and do
 * not start, those that run go on. It holds from the commit on: whoever claims after that deals
 * with the row of deferral first (apply_pauses).
 * Locks: the pause's row, against those who change the same one. No claim waits for it.
 */
create or replace function pgdispatch.pause(
    p_scope text,
    p_name text default null,
    p_until timestamptz default null,
    p_reason text default null,
    p_by text default session_user
)
returns boolean
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_now constant timestamptz := pgdispatch.now();
    v_name constant text := pgdispatch.check_pause(p_scope, p_name);
    v_is_confined constant boolean := pgdispatch.caller_sites() is not null;
    v_is_new constant boolean := not exists (
        select
        from pgdispatch.pause
        where scope = p_scope
            and name = v_name
            and (until is null or until > v_now)
    );
begin
    if p_until <= v_now or not isfinite(p_until) then
        perform pgdispatch.refuse(
            format('the pause would end at %s, and it is %s', p_until, v_now),
            'give a time that lies ahead, or none: then it goes on until somebody ends it'
        );
    end if;
    insert into pgdispatch.pause as p (
        scope, name, paused_by, reason, paused_at, until, is_confined
    )
    values (
        p_scope, v_name, left(coalesce(p_by, session_user), 500),
        left(nullif(p_reason, ''), 2000), v_now, p_until, v_is_confined
    )
    on conflict (scope, name) do update
    set paused_by = excluded.paused_by,
        reason = excluded.reason,
        paused_at = case when p.until <= v_now then excluded.paused_at else p.paused_at end,
        until = excluded.until,
        is_confined = excluded.is_confined
    where p.is_confined
        or p.until <= v_now
        or not v_is_confined;
    if not found then
        perform pgdispatch.refuse_pause(p_scope, v_name);
    end if;
    perform pgdispatch.note_pause('pause', p_scope, v_name, p_until, p_reason, p_by);
    insert into pgdispatch.deferral (gate, refill_at)
    select pgdispatch.pause_gate(p_scope, v_name), at
    from unnest(array['-infinity', p_until]::timestamptz[]) as at
    where at is not null;
    return v_is_new;
end
$$;

comment on function pgdispatch.pause(text, text, timestamptz, text, text) is
'Pauses everything (scope all), or a site, type or schedule (scope site, type or schedule, and its '
'name), until a time or until end_pause: its waiting jobs keep their places and do not start, '
'those that run go on; schedules still create jobs. If it is paused already, time, reason and '
'person are those given now, and it returns false. People confined to sites pause their sites '
'only. Locks the pause against others who change it. JD001: a bad scope or time; JD002: unknown; '
'JD009: not yours to pause, or paused by an operator of all sites.';
