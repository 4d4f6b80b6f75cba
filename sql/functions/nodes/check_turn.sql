/* Refuses a turn that says nonsense, or whose node has another supervisor by now. Locks: none. */
create or replace function pgdispatch.check_turn(
    p_node text,
    p_incarnation uuid,
    p_free integer[],
    p_jobs bigint[],
    p_attempts integer[],
    p_outcomes text[]
)
returns void
language plpgsql
as $$
declare
    v_outcomes constant text[] := array[
        'succeeded', 'error', 'killed', 'timed out', 'given back', 'lost'
    ];
begin
    perform pgdispatch.check_isolation();
    if p_node is null or p_node !~ '^[^:]{1,63}$' then
        perform pgdispatch.refuse(
            format('%L is not the name of a node', left(p_node, 80)), 'use for example etl-1'
        );
    elsif p_free is null
        or 1 > any (p_free)
        or 9999 < any (p_free)
        or array_position(p_free, null) is not null
        or cardinality(p_free) <> (select count(distinct f) from unnest(p_free) as f) then
        perform pgdispatch.refuse(
            format('%L are not the numbers of backgrounders', left(p_free::text, 80)),
            'name each that is free once, by its number from 1 to 9999'
        );
    elsif cardinality(p_jobs) > 1000 then
        perform pgdispatch.refuse(
            format('%s attempts are too many for one turn', cardinality(p_jobs)),
            'end 1000 at most'
        );
    elsif cardinality(p_jobs) is distinct from cardinality(p_attempts)
        or cardinality(p_jobs) is distinct from cardinality(p_outcomes)
        or p_jobs is null
        or array_position(p_jobs, null) is not null
        or array_position(p_attempts, null) is not null
        or cardinality(p_jobs) <> (select count(distinct j) from unnest(p_jobs) as j) then
        perform pgdispatch.refuse(
            'the lists of jobs, attempts and outcomes do not fit each other',
            'give each job that has ended one place in all of them'
        );
    elsif not p_outcomes <@ v_outcomes then
        perform pgdispatch.refuse(
            format('an attempt cannot end as %L', (
                select left(o, 40) from unnest(p_outcomes) as o where o <> all (v_outcomes) limit 1
            )),
            'use ' || array_to_string(v_outcomes, ', ')
        );
    end if;
    if p_incarnation is not null and not exists (
        select from pgdispatch.node where name = p_node and incarnation = p_incarnation
    ) then
        raise exception using
            errcode = 'JD007',
            message = format('node %s is not held by this supervisor any more', p_node),
            hint = 'stop: another supervisor has taken its name';
    end if;
end
$$;

comment on function pgdispatch.check_turn(text, uuid, integer[], bigint[], integer[], text[]) is
'Refuses a turn whose arguments are wrong (JD001), or whose node is not the caller''s (JD007).';
