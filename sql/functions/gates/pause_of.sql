/*
 * Of the pauses that hold, the one that keeps a job of this kind from starting: the widest.
 * Not in SQL: PostgreSQL would put it in place of the call, and prepare it for each walk of a
 * claim, also when nothing is paused.
 */
create or replace function pgdispatch.pause_of(
    p_site text,
    p_type text,
    p_schedule text,
    p_paused text[]
)
returns text
language plpgsql
immutable
as $$
begin
    return case
        when pgdispatch.pause_gate('all', '') = any (p_paused)
            then pgdispatch.pause_gate('all', '')
        when pgdispatch.pause_gate('site', p_site) = any (p_paused)
            then pgdispatch.pause_gate('site', p_site)
        when pgdispatch.pause_gate('type', p_type) = any (p_paused)
            then pgdispatch.pause_gate('type', p_type)
        when pgdispatch.pause_gate('schedule', p_schedule) = any (p_paused)
            then pgdispatch.pause_gate('schedule', p_schedule)
    end;
end
$$;

comment on function pgdispatch.pause_of(text, text, text, text[]) is
'The first of these gates of pauses that a job of a site, type and schedule has; null: none.';
