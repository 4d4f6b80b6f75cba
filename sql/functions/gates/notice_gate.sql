/*
 * Notes that a gate has to be looked at again once this transaction has ended.
 * Locks: a row that says so already, shared, so that nobody deletes it before he can see what this
 * transaction did; one that somebody is just deleting is passed over, and another added.
 */
create or replace function pgdispatch.notice_gate(p_gate text)
returns void
language plpgsql
as $$
begin
    perform
    from pgdispatch.gate_notice
    where gate = p_gate
    limit 1
    for key share skip locked;
    if not found then
        insert into pgdispatch.gate_notice (gate, noticed_at) values (p_gate, pgdispatch.now());
    end if;
end
$$;

comment on function pgdispatch.notice_gate(text) is
'Lets the next claim that gets the lock of a gate unpark those who are parked there.';
