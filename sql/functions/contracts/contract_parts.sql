/*
 * What of a contract has to be fresh, each by itself: one row, but for a schedule as many as the
 * site has enabled tasks and linked tasks on it. Of a datasource both numbers are null.
 */
create or replace function pgdispatch.contract_parts(p_contract pgdispatch.contract)
returns table (
    task bigint,
    linked_task bigint
)
language sql
stable
as $$
    select p_contract.task, p_contract.linked_task
    where p_contract.schedule is null
    union all
    select t.id, null
    from pgdispatch.task as t
    where t.schedule = p_contract.schedule
        and t.site = p_contract.site
        and t.enabled
        and (p_contract.types is null or t.type = any (p_contract.types))
    union all
    select null, l.id
    from pgdispatch.linked_task as l
    where l.schedule = p_contract.schedule
        and l.site = p_contract.site
        and l.enabled
        and p_contract.types is null
$$;

comment on function pgdispatch.contract_parts(pgdispatch.contract) is
'The tasks and linked tasks whose data a contract is about, each of which has to be fresh.';
