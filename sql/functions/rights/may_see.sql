/*
 * Whether the caller may see what belongs to a site, and, with p_schedule, use that schedule there.
 * Verbs ask in the condition that finds the row, so that another site's object is not found at all:
 * neither its error nor its locks tell that it is there.
 */
create or replace function pgdispatch.may_see(p_site text, p_schedule text default null)
returns boolean
language plpgsql
stable
as $$
declare
    v_sites constant text[] := pgdispatch.caller_sites();
begin
    return v_sites is null
        or p_site = any (v_sites)
        and (
            p_schedule is null
            or exists (  -- as own_schedules, without a look at all of them for each row
                select from pgdispatch.task where schedule = p_schedule and site = any (v_sites)
            )
            or exists (
                select
                from pgdispatch.linked_task
                where schedule = p_schedule
                    and site = any (v_sites)
            )
        );
end
$$;

comment on function pgdispatch.may_see(text, text) is
'Whether the caller is not confined, or to sites among which this one is, and may use this '
'schedule.';
