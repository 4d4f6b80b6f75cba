/* Refuses what a contract says that can be no contract, whatever there is. */
create or replace function pgdispatch.check_contract_terms(p_contract pgdispatch.contract)
returns void
language plpgsql
as $$
declare
    v_wrong text;
    v_hint text;
begin
    select w.wrong, w.hint
    into v_wrong, v_hint
    from (
        values
            (1, length(p_contract.name) not between 1 and 200,
                'a contract needs a name', 'use up to 200 characters'),
            (2, num_nonnulls(p_contract.datasource, p_contract.task, p_contract.schedule,
                    p_contract.linked_task) <> 1,
                'a contract is about one thing',
                'name a datasource, a task, a schedule or a linked task, one of them'),
            (3, num_nonnulls(p_contract.due, p_contract.max_age) <> 1,
                'a contract says by when data have to be there, or how old they may be',
                'give due, such as daily at 07:00, or max_age, such as 26 hours'),
            (4, p_contract.due is not null and p_contract.since is null,
                'a contract with due says since when data count',
                'give since: how long before the due time a run may have begun, such as 7 hours'),
            (5, p_contract.max_age is not null and p_contract.since is not null,
                'since is for a contract with due', 'leave since out: max_age says it all'),
            (6, p_contract.since <= interval '0' or p_contract.since > interval '366 days',
                format('since cannot be %s', p_contract.since), 'use up to 366 days'),
            (7, p_contract.max_age < interval '1 minute'
                    or p_contract.max_age > interval '366 days',
                format('max_age cannot be %s', p_contract.max_age), 'use 1 minute to 366 days'),
            (8, not (p_contract.warn_chance > 0 and p_contract.warn_chance <= 1),
                format('warn_chance cannot be %s', p_contract.warn_chance),
                'use a share, such as 0.2: more than 0, and 1 at most'),
            (9, p_contract.warn_before < interval '0'
                    or p_contract.warn_before > interval '31 days',
                format('warn_before cannot be %s', p_contract.warn_before), 'use up to 31 days'),
            (10, p_contract.linked_task is not null and p_contract.types is not null,
                'types are not for a linked task', 'leave types out: all its steps are flows'),
            (11, p_contract.types = '{}', 'no type counts', 'name job types, or leave types out'),
            (12, p_contract.calendar is not null and p_contract.due is null,
                'a calendar is for a contract with due', 'leave calendar out'),
            (13, p_contract.target !~ '^[[:alnum:]][[:alnum:]._-]{0,62}$',
                format('%L cannot be a target', left(p_contract.target, 60)),
                'use up to 63 letters, digits, dots, underscores and hyphens')
    ) as w (place, is_wrong, wrong, hint)
    where w.is_wrong
    order by w.place
    limit 1;
    if found then
        perform pgdispatch.refuse(v_wrong, v_hint);
    end if;
    perform pgdispatch.check_time_zone(p_contract.time_zone);
    if p_contract.due is not null then
        perform pgdispatch.next_run(
            p_contract.due, p_contract.time_zone, pgdispatch.now(), p_contract.calendar
        );
    end if;
end
$$;

comment on function pgdispatch.check_contract_terms(pgdispatch.contract) is
'Refuses (JD001) terms of a contract that make no sense, with a hint.';
