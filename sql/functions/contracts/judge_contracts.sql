/*
 * Judges all contracts, and records what people are to be told, in the same transaction: a state
 * of a due time once, and that it is over. A chance is told warn_before ahead at the earliest, and
 * taken back when two forecasts in a row say less than half of it.
 * What is fresh and due much later is looked at about once a minute, the others each time.
 * Locks: the rows of contract_state; its caller is the only one that looks.
 */
create or replace function pgdispatch.judge_contracts(p_since timestamptz)
returns void
language plpgsql
as $$
declare
    v_now constant timestamptz := pgdispatch.now();
    v_contract pgdispatch.contract;
    v_was pgdispatch.contract_state;
    v_is record;
    v_is_time boolean;
begin
    perform pgdispatch.see_data(p_since);
    for v_contract in
        select *
        from pgdispatch.contract
        where enabled
        order by id
    loop
        select * into v_was from pgdispatch.contract_state where contract = v_contract.id;
        continue when v_was.state = 'fresh'
            and v_was.due > v_now + v_contract.warn_before + interval '10 minutes'
            and (extract(epoch from v_now)::bigint / 10 + v_contract.id) % 6 <> 0;
        insert into pgdispatch.contract_state (contract)
        values (v_contract.id)
        on conflict do nothing;
        perform pgdispatch.count_calm(v_contract);
        v_is := pgdispatch.contract_verdict(v_contract.id);
        select * into v_was from pgdispatch.contract_state where contract = v_contract.id;
        continue when v_is.state is null;
        if v_was.is_told and (
            v_is.state = 'fresh'
            or v_was.due <> v_is.due and v_is.due > v_now
        ) then
            perform pgdispatch.tell_contract(v_contract, 'fresh', v_was.due, v_is);
            v_was.is_told := false;
        end if;
        v_is_time := v_is.state in ('late', 'broken')
            or v_is.state <> 'fresh' and v_is.due - v_now <= v_contract.warn_before;
        if v_is_time and (
            not v_was.is_told
            or (v_is.state, v_is.due) is distinct from (v_was.state, v_was.due)
        ) then
            perform pgdispatch.tell_contract(v_contract, v_is.state, v_is.due, v_is);
            v_was.is_told := true;
        end if;
        update pgdispatch.contract_state as s
        set state = v_is.state,
            due = v_is.due,
            is_told = v_was.is_told,
            changed_at = case when s.state = v_is.state then s.changed_at else v_now end,
            calm = case when s.state = v_is.state and s.due = v_is.due then s.calm else 0 end
        where s.contract = v_contract.id
            and (s.state, s.due, s.is_told)
                is distinct from (v_is.state, v_is.due, v_was.is_told);
    end loop;
end
$$;

comment on function pgdispatch.judge_contracts(timestamptz) is
'Judges all contracts and records notices of those whose state has changed. p_since: since when '
'what has ended was not looked at.';
