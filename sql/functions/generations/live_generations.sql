/* The generations that ready jobs are in, for those who look; dispatch reads the table itself. */
create or replace function pgdispatch.live_generations()
returns setof integer
language sql
stable
as $$
    select number
    from (select open, older from pgdispatch.generation order by id desc limit 1) as g
    cross join unnest(array[g.older, g.open]) as number
    where number is not null
$$;

comment on function pgdispatch.live_generations() is 'The generations that ready jobs are in.';
