/*
 * Records a notice of how a contract stands: for the target that it names, and for those of rules.
 * What was told of the same due time and is so no more may be told again, should it be so again:
 * that it was broken, or fresh.
 * Locks: those notices; its caller is the only one that looks.
 */
create or replace function pgdispatch.tell_contract(
    p_contract pgdispatch.contract,
    p_state text,
    p_due timestamptz,
    p_verdict record
)
returns void
language plpgsql
as $$
declare
    v_notice pgdispatch.notice;
    v_expected text;
    v_data record;
begin
    select s.job, s.began_at
    into v_data
    from pgdispatch.contract_dues(p_contract, 1) as d
    cross join lateral pgdispatch.contract_standing(
        p_contract, d.due, d.data_after, d.until
    ) as s
    where p_state = 'fresh'
        and d.due = p_due
        and s.is_met;
    v_expected := concat(
        ', expected ' || pgdispatch.local_words(p_verdict.expected_at, p_contract.time_zone),
        ' (' || to_char(p_verdict.early_at at time zone p_contract.time_zone, 'HH24:MI')
            || ' to ' || coalesce(
                to_char(p_verdict.late_at at time zone p_contract.time_zone, 'HH24:MI'), 'later'
            ) || ')',
        ', chance of being late ' || round(100 * p_verdict.chance) || ' %'
    );
    v_notice.what := case p_state
        when 'will be late' then 'contract_at_risk'
        else 'contract_' || replace(p_state, ' ', '_')
    end;
    v_notice.contract_state := p_state;
    v_notice.contract := p_contract.id;
    v_notice.target := p_contract.target;
    v_notice.site := p_contract.site;
    v_notice.schedule := p_contract.schedule;
    v_notice.task := p_verdict.task;
    v_notice.job := case when p_state = 'fresh' then v_data.job else p_verdict.job end;
    v_notice.title := p_contract.name;
    v_notice.since := p_due;
    v_notice.text := concat(
        format('contract %s of site %s %s ', left(p_contract.name, 100), p_contract.site,
            case p_state when 'will be late' then '' else 'is ' end || p_state),
        case p_state when 'fresh' then 'again ' end,
        format('(%s): due %s', pgdispatch.subject_words(p_contract),
            pgdispatch.local_words(p_due, p_contract.time_zone)),
        case
            when p_state = 'fresh' then '; data of '
                || pgdispatch.local_words(v_data.began_at, p_contract.time_zone)
            when p_verdict.expected_at is not null then v_expected
            when p_verdict.chance is not null
                then format(
                    ', not expected before %s, chance of being late %s %%',
                    pgdispatch.local_words(p_verdict.beyond, p_contract.time_zone),
                    round(100 * p_verdict.chance)
                )
        end,
        case when p_state <> 'fresh' then concat_ws(
            ': ',
            coalesce('; job ' || p_verdict.job, '; task ' || p_verdict.task, ';'),
            left(p_verdict.reason, 300)
        ) end,
        format('; see pgdispatch contract show %s', p_contract.id)
    );
    update pgdispatch.notice
    set recovered_at = pgdispatch.now()
    where contract = p_contract.id
        and since = p_due
        and what in ('contract_broken', 'contract_fresh')
        and what <> v_notice.what
        and recovered_at is null;
    perform pgdispatch.record_notice(v_notice);
end
$$;

comment on function pgdispatch.tell_contract(
    pgdispatch.contract, text, timestamptz, record
) is
'Records a notice of how a contract stands at a due time, as contract_verdict says.';
