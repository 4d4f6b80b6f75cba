/*
 * The places among the first p_places of the queue whose jobs could start: what the view queue
 * counts there. For some sites among their own places, of which p_most of all sites are looked at.
 */
create or replace function pgdispatch.free_places(
    p_obstacles jsonb,
    p_now timestamptz,
    p_places integer,
    p_most integer,
    p_sites text[]
)
returns bigint[]
language sql
stable
as $$
    select array(
        select l.place
        from pgdispatch.look_along(
            pgdispatch.place_at(null), false,
            case when p_sites is null then p_places else p_most end, p_places,
            p_sites, '{"kind": "next"}', p_obstacles, p_now
        ) as l
        where l.is_wanted
        order by l.place
    )
$$;

comment on function pgdispatch.free_places(jsonb, timestamptz, integer, integer, text[]) is
'Those of the first p_places places whose jobs could start, given what obstacles_by_gate says; '
'with p_sites among the places of their jobs, looking at p_most of all.';
