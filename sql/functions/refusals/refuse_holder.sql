/* Refuses a supervisor whose node's name another has taken, or that was forgotten. */
create or replace function pgdispatch.refuse_holder(p_node text)
returns void
language plpgsql
as $$
begin
    raise exception using
        errcode = 'JD007',
        message = format('node %s is not held by this supervisor any more', left(p_node, 63)),
        hint = 'stop: another supervisor has taken its name';
end
$$;

comment on function pgdispatch.refuse_holder(text) is
'Refuses a supervisor that does not hold the name of its node any more (JD007).';
