/* Which of the types that a backgrounder asks for its node takes now. */
create or replace function pgdispatch.accepted_types(p_backgrounder text, p_types text[])
returns text[]
language plpgsql
as $$
declare
    v_node pgdispatch.node;
begin
    select * into v_node from pgdispatch.node where name = split_part(p_backgrounder, ':', 1);
    if v_node.is_drained then
        return '{}';
    elsif v_node.types is null or p_types is null then
        return coalesce(v_node.types, p_types);
    elsif p_types <@ v_node.types then
        return p_types;
    end if;
    return array(select unnest(p_types) intersect select unnest(v_node.types));
end
$$;

comment on function pgdispatch.accepted_types(text, text[]) is
'The job types that a backgrounder may be given: those it asks for and its node takes; null: '
'all; empty: none, as its node is drained.';
