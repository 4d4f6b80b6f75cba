/*
 * Trigger: lets a closed window that was added, changed, deleted or rolled on take effect at once.
 * At a site or of a type the next claim sees to it, and those at its edges: see apply_pauses. The
 * next run of a schedule is set anew; a time that was due already stays due unless the window has
 * it. A node is closed or opened.
 * Locks: the schedule, or the node.
 */
create or replace function pgdispatch.apply_closed_window()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_now constant timestamptz := pgdispatch.now();
    v_windows pgdispatch.closed_window[] := '{}';
    v_is_rolled boolean := false;
    v_window pgdispatch.closed_window;
begin
    if tg_op <> 'INSERT' then
        v_windows := v_windows || old;
    end if;
    if tg_op <> 'DELETE' then
        v_windows := v_windows || new;
    end if;
    if tg_op = 'UPDATE' then
        v_is_rolled := to_jsonb(old) - '{opens_at,closes_at}'::text[]
            = to_jsonb(new) - '{opens_at,closes_at}'::text[];
    end if;
    foreach v_window in array v_windows loop
        case v_window.scope
            when 'schedule' then
                continue when v_is_rolled;  -- its times follow from what people have set
                update pgdispatch.schedule as s
                set next_run_at = (pgdispatch.schedule_runs(
                        s, least(s.next_run_at - interval '1 microsecond', v_now), 1
                    ))[1]
                where s.name = v_window.target
                    and s.enabled
                    and s.recurrence is not null;
            when 'node' then
                perform pgdispatch.close_nodes(not v_is_rolled);
            else
                insert into pgdispatch.deferral (gate, refill_at)
                select pgdispatch.pause_gate(v_window.scope, v_window.target), e.at
                from (
                    values
                        (case when v_window.opens_at <= v_now then '-infinity'::timestamptz end),
                        (v_window.opens_at),
                        (v_window.closes_at)
                ) as e (at)
                where v_window.closes_at > v_now
                    and (e.at = '-infinity' or e.at > v_now);
        end case;
    end loop;
    perform pgdispatch.notify_idle_nodes();
    return null;
end
$$;

comment on function pgdispatch.apply_closed_window() is
'Trigger: lets a change of a closed window take effect at once.';

create or replace trigger apply_closed_window
after insert or delete or update on pgdispatch.closed_window
for each row execute function pgdispatch.apply_closed_window();

comment on trigger apply_closed_window on pgdispatch.closed_window is
'Lets it take effect at once.';
