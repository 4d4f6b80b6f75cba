/* When the newest data of one part of a contract began, however old; for max_age. Locks: none. */
create or replace function pgdispatch.part_newest(
    p_contract pgdispatch.contract,
    p_task bigint,
    p_linked_task bigint
)
returns timestamptz
language sql
stable
as $$
    select case
        when p_linked_task is not null then (
            select max(r.began_at)
            from pgdispatch.part_runs(p_contract, null, p_linked_task, '-infinity') as r
        )
        else greatest(
            (
                select s.began_at
                from pgdispatch.contract_state as s
                where s.contract = p_contract.id
                    and p_contract.datasource is not null
            ),
            (
                select max(l.started_at)
                from pgdispatch.contract_tasks(p_contract, p_task, null) as c
                cross join lateral (
                    select h.started_at
                    from pgdispatch.job_history as h
                    where h.task = c.task
                        and h.outcome = 'succeeded'
                        and (p_contract.types is null or h.type = any (p_contract.types))
                    order by h.ended_at desc
                    limit 1
                ) as l
            )
        )
    end
$$;

comment on function pgdispatch.part_newest(pgdispatch.contract, bigint, bigint) is
'When the newest data of one part of a contract began; null: there have been none.';
