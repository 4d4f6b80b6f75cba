/*
 * Refuses a turn that says nonsense. Locks: none.
 * All that needs no query is one expression: each costs anew in every transaction.
 */
create or replace function pgdispatch.check_turn(
    p_node text,
    p_free integer[],
    p_jobs bigint[],
    p_attempts integer[],
    p_outcomes text[]
)
returns boolean
language plpgsql
as $$
declare
    v_outcomes constant text[] := array[
        'succeeded', 'error', 'failed', 'retry', 'killed', 'timed out', 'snoozed', 'given back',
        'not begun', 'lost'
    ];
    v_wrong text;
begin
    v_wrong := case
        when p_node is null or p_node !~ '^[^:]{1,63}$' then 'node'
        when p_free is null
            or array_ndims(p_free) > 1
            or array_position(p_free, null) is not null
            or 1 > any (p_free)
            or 9999 < any (p_free) then 'free'
        when cardinality(p_jobs) > 1000 then 'many'
        when p_jobs is null
            or p_outcomes is null
            or array_ndims(p_jobs) > 1
            or array_lower(p_jobs, 1) <> 1
            or array_dims(p_jobs) is distinct from array_dims(p_attempts)
            or array_dims(p_jobs) is distinct from array_dims(p_outcomes)
            or array_position(p_jobs, null) is not null
            or array_position(p_attempts, null) is not null then 'lists'
        when not p_outcomes <@ v_outcomes then 'outcome'
        when cardinality(p_free) > 1 or cardinality(p_jobs) > 1 then 'perhaps'
    end;
    if v_wrong = 'perhaps' then
        v_wrong := case
            when cardinality(p_free) <> (select count(distinct f) from unnest(p_free) as f)
                then 'free'
            when cardinality(p_jobs) <> (select count(distinct j) from unnest(p_jobs) as j)
                then 'lists'
        end;
    end if;
    if v_wrong is null then
        return pgdispatch.check_isolation();
    end if;
    case v_wrong
        when 'node' then
            perform pgdispatch.refuse(
                format('%L is not the name of a node', left(p_node, 80)), 'use for example etl-1'
            );
        when 'free' then
            perform pgdispatch.refuse(
                format('%L are not the numbers of backgrounders', left(p_free::text, 80)),
                'name each that is free once, by its number from 1 to 9999'
            );
        when 'many' then
            perform pgdispatch.refuse(
                format('%s attempts are too many for one turn', cardinality(p_jobs)),
                'end 1000 at most'
            );
        when 'lists' then
            perform pgdispatch.refuse(
                'the lists of jobs, attempts and outcomes do not fit each other',
                'give each job that has ended one place in all of them'
            );
        when 'outcome' then
            perform pgdispatch.refuse(
                format('an attempt cannot end as %L', (
                    select left(o, 40)
                    from unnest(p_outcomes) as o
                    where o <> all (v_outcomes) is not false
                    limit 1
                )),
                'use ' || array_to_string(v_outcomes, ', ')
            );
    end case;
end
$$;

comment on function pgdispatch.check_turn(text, integer[], bigint[], integer[], text[]) is
'Refuses a turn whose arguments are wrong (JD001), or whose transaction is (JD008).';
