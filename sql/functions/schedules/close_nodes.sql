/*
 * Lets nodes be closed by the windows of them that are open now, from drain_before before they
 * open, and open again when the last of these is over. A person's drain is a column of its own.
 * Locks: the rows of nodes that differ; without p_waits skipping those that others hold.
 */
create or replace function pgdispatch.close_nodes(p_waits boolean)
returns void
language plpgsql
as $$
declare
    v_now constant timestamptz := pgdispatch.now();
    v_node record;
begin
    for v_node in
        select
            n.name,
            max(w.closes_at) as closed_until
        from pgdispatch.node as n
        left join pgdispatch.closed_window as w
            on w.scope = 'node'
            and w.target = n.name
            and w.opens_at - coalesce(w.drain_before, '0') <= v_now
            and w.closes_at > v_now
        group by n.name
        having max(w.closes_at) is distinct from n.closed_until
        order by n.name
    loop
        if p_waits or exists (
            select from pgdispatch.node where name = v_node.name for no key update skip locked
        ) then
            update pgdispatch.node
            set closed_until = v_node.closed_until
            where name = v_node.name;
        end if;
    end loop;
end
$$;

comment on function pgdispatch.close_nodes(boolean) is
'Closes and opens nodes by their closed windows; p_waits: also those whose rows others hold.';
