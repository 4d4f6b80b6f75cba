/* Refuses what queue_page cannot give: too much at once, both directions, an unknown kind. */
create or replace function pgdispatch.check_page(
    p_limit integer,
    p_after jsonb,
    p_before jsonb,
    p_kind text,
    p_look_at integer
)
returns void
language plpgsql
as $$
declare
    v_kinds constant text[] := array[
        'next', 'time', 'no node', 'paused', 'datasource', 'schedule', 'site limit', 'site budget',
        'held', 'closed'
    ];
begin
    if p_limit is null or p_limit not between 1 and 1000 then
        perform pgdispatch.refuse(
            format('a page of %s jobs is not to be had', coalesce(p_limit::text, 'null')),
            'p_limit: 1 to 1000'
        );
    elsif p_look_at is null or p_look_at not between 1 and 100000 then
        perform pgdispatch.refuse(
            format('it cannot look at %s jobs', coalesce(p_look_at::text, 'null')),
            'p_look_at: 1 to 100000'
        );
    elsif p_after is not null and p_before is not null then
        perform pgdispatch.refuse(
            'a page lies behind a place or before one, not both', 'give p_after or p_before'
        );
    elsif p_kind <> all (v_kinds) then
        perform pgdispatch.refuse(
            format('there is no kind of reason %L', left(p_kind, 60)),
            'use one of: ' || array_to_string(v_kinds, ', ')
        );
    end if;
end
$$;

comment on function pgdispatch.check_page(integer, jsonb, jsonb, text, integer) is
'Raises JD001 for the first parameter of queue_page that makes no sense.';
