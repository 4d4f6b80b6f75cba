/* What obstacles says, as one object to look waiting jobs up in, by gate. Locks: none. */
create or replace function pgdispatch.obstacles_by_gate()
returns jsonb
language sql
stable
as $$
    select jsonb_object_agg(
        o.gate,
        jsonb_build_object(
            'kind', o.kind, 'reason', o.reason, 'holder', o.holder, 'needs_person', o.needs_person
        )
    )
    from pgdispatch.obstacles() as o
$$;

comment on function pgdispatch.obstacles_by_gate() is
'The kind, reason and holder of each gate that is full or held, of each pause, and of each type '
'that no node takes (type/NAME), and whether it needs a person, as a JSON object, for looking many '
'jobs up; null: there is none.';
