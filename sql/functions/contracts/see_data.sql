/*
 * Notes in contract_state the newest data of datasources among the jobs that ended since an
 * instant: those of jobs without a task are found no other way, and what a task brought that was
 * deleted since. Reads what has ended lately, by its index, once for all contracts.
 * Locks: the rows of contract_state; its caller is the only one that looks.
 */
create or replace function pgdispatch.see_data(p_since timestamptz)
returns void
language plpgsql
as $$
declare
    v_since timestamptz;
begin
    select min(greatest(
        case
            when s.contract is null then '-infinity'
            else p_since - interval '5 minutes'
        end,
        pgdispatch.now() - coalesce(c.max_age, c.since + interval '1 day')
    ))
    into v_since
    from pgdispatch.contract as c
    left join pgdispatch.contract_state as s on s.contract = c.id
    where c.enabled
        and c.datasource is not null;
    if v_since is null then
        return;
    end if;
    insert into pgdispatch.contract_state as known (contract, job, began_at, ended_at)
    select distinct on (c.id)
        c.id,
        h.id,
        h.started_at,
        h.ended_at
    from pgdispatch.job_history as h
    join pgdispatch.contract as c
        on c.site = h.site
        and c.datasource = h.datasource
        and (c.types is null or h.type = any (c.types))
    where h.ended_at >= v_since
        and h.outcome = 'succeeded'
        and h.datasource is not null
        and c.enabled
    order by
        c.id,
        h.started_at desc,
        h.id
    on conflict (contract) do update
    set job = excluded.job,
        began_at = excluded.began_at,
        ended_at = excluded.ended_at
    where known.began_at is null
        or known.began_at < excluded.began_at;
end
$$;

comment on function pgdispatch.see_data(timestamptz) is
'Notes the newest data of the datasources that contracts name, of jobs that ended since then.';
