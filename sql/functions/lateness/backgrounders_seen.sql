/*
 * Every backgrounder of which the history has a job or an attempt, one step in the index for each,
 * however many jobs it has run. Locks: none.
 */
create or replace function pgdispatch.backgrounders_seen()
returns setof text
language plpgsql
stable
rows 50
as $$
begin
    return query
    with recursive hand as (
        select least(
            (select min(h.backgrounder) from pgdispatch.job_history as h),
            (select min(a.backgrounder) from pgdispatch.attempt as a)
        ) as name
        union all
        select least(
            (select min(h.backgrounder) from pgdispatch.job_history as h
                where h.backgrounder > hand.name),
            (select min(a.backgrounder) from pgdispatch.attempt as a
                where a.backgrounder > hand.name)
        )
        from hand
        where hand.name is not null
    )
    select hand.name from hand where hand.name is not null;
end
$$;

comment on function pgdispatch.backgrounders_seen() is
'Every backgrounder that the history has a job or an attempt of.';
