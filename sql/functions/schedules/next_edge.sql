/*
 * When the clock has to look at closed windows next; in the past for a node that it had to pass by.
 * Locks: none.
 */
create or replace function pgdispatch.next_edge()
returns timestamptz
language sql
volatile
as $$
    select least(
        (
            select min(least(w.closes_at, case
                when n.name is not null and n.closed_until is null
                    then w.opens_at - coalesce(w.drain_before, '0')
            end))
            from pgdispatch.closed_window as w
            left join pgdispatch.node as n
                on w.scope = 'node'
                and n.name = w.target
        ),
        (select min(n.closed_until) from pgdispatch.node as n)
    )
$$;

comment on function pgdispatch.next_edge() is
'When the next closed window opens or closes as far as the clock has to do with it; null: never.';
