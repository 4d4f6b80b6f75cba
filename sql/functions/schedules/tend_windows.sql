/*
 * What the clock does for closed windows: one that is over gets its next opening, see
 * fill_closed_window; nodes are closed and opened. Of sites and types it is claims that close and
 * open at the very instant: the rows of deferral stand there before.
 * Locks: the rows of windows that are over, skipping those that somebody edits; then of nodes,
 * skipping likewise: those are seen to at the next turn.
 */
create or replace function pgdispatch.tend_windows()
returns void
language plpgsql
as $$
begin
    update pgdispatch.closed_window
    set opens_at = null
    where name in (
        select name
        from pgdispatch.closed_window
        where closes_at <= pgdispatch.now()
        order by name
        for no key update skip locked
    );
    perform pgdispatch.close_nodes(false);
end
$$;

comment on function pgdispatch.tend_windows() is
'Gives closed windows that are over their next opening, and closes and opens nodes.';
