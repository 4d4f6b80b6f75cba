/*
 * Sums the charges of each site up by the minute of their start, and forgets those of old days:
 * what a claim adds up stays small. Ten thousand charges a call: the clock calls it again.
 * Locks: the rows that it sums, skipping what another caller holds.
 */
create or replace function pgdispatch.sum_charges()
returns void
language plpgsql
as $$
begin
    with taken as (
        delete from pgdispatch.charge
        where ctid = any (array(
            select ctid from pgdispatch.charge where not is_sum limit 10000 for update skip locked
        ))
        returning *
    )
    insert into pgdispatch.charge (site, started_at, seconds, is_sum)
    select
        site,
        date_trunc('minute', started_at),
        sum(seconds),
        true
    from taken
    group by 1, 2;
    delete from pgdispatch.charge
    where is_sum
        and started_at < pgdispatch.now() - interval '3 days';
end
$$;

comment on function pgdispatch.sum_charges() is
'Sums charges up by the minute and forgets those older than three days.';
