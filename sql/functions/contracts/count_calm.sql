/*
 * Counts how many forecasts in a row have said less than half of the chance at which a contract is
 * in the state that it is in. Each forecast counts once.
 * Locks: the contract's row of contract_state.
 */
create or replace function pgdispatch.count_calm(p_contract pgdispatch.contract)
returns void
language sql
as $$
    update pgdispatch.contract_state as s
    set calm = case
            when f.late < f.runs / 2.0 * case s.state
                when 'will be late' then greatest(0.5, p_contract.warn_chance)
                else p_contract.warn_chance
            end then s.calm + 1
            else 0
        end,
        calm_at = f.made_at
    from pgdispatch.contract_forecast as f
    where s.contract = p_contract.id
        and f.contract = s.contract
        and f.due = s.due
        and f.late is not null
        and f.made_at is distinct from s.calm_at
        and f.good_until > pgdispatch.now()
        and s.state in ('at risk', 'will be late')
$$;

comment on function pgdispatch.count_calm(pgdispatch.contract) is
'Counts the forecasts in a row that say a contract is less than half as likely to be late.';
