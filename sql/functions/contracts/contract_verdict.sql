/*
 * How a contract stands now: by what has run, what runs and waits, what is scheduled, and the last
 * forecast, if that is not too old. A due time that has passed without data comes first.
 * `seen` is the state of this moment, `state` the one that counts, see held_state.
 * Locks: none.
 */
create or replace function pgdispatch.contract_verdict(
    p_contract bigint,
    out seen text,
    out state text,
    out due timestamptz,
    out data_after timestamptz,
    out chance double precision,
    out early_at timestamptz,
    out expected_at timestamptz,
    out late_at timestamptz,
    out beyond timestamptz,
    out runs integer,
    out forecast_at timestamptz,
    out began_at timestamptz,
    out ended_at timestamptz,
    out job bigint,
    out task bigint,
    out reason text
)
returns record
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_now constant timestamptz := pgdispatch.now();
    v_contract pgdispatch.contract;
    v_state pgdispatch.contract_state;
    v_due record;
    v_standing record;
    v_forecast pgdispatch.contract_forecast;
begin
    select * into v_contract from pgdispatch.contract as c where c.id = p_contract and c.enabled;
    if not found or not pgdispatch.may_see(v_contract.site) then
        return;
    end if;
    for v_due in
        select d.*
        from pgdispatch.contract_dues(v_contract, 1) as d
        order by d.due
    loop
        v_standing := pgdispatch.contract_standing(
            v_contract, v_due.due, v_due.data_after, v_due.until
        );
        exit when not v_standing.is_met or v_due.due > v_now;
    end loop;
    if v_due is null then
        return;
    end if;
    due := v_due.due;
    data_after := v_due.data_after;
    began_at := v_standing.began_at;
    ended_at := v_standing.ended_at;
    job := v_standing.job;
    task := v_standing.task;
    if not v_standing.is_met then
        select *
        into v_forecast
        from pgdispatch.contract_forecast as f
        where f.contract = v_contract.id
            and f.due = v_due.due
            and f.good_until > v_now;
        chance := v_forecast.late::double precision / v_forecast.runs;
        early_at := v_forecast.early_at;
        expected_at := v_forecast.median_at;
        late_at := v_forecast.late_at;
        beyond := v_forecast.beyond;
        runs := v_forecast.runs;
        forecast_at := v_forecast.made_at;
        if v_standing.is_coming and coalesce(v_forecast.job, v_forecast.task) is not null then
            job := v_forecast.job;
            task := v_forecast.task;
        end if;
        reason := coalesce(v_standing.reason, pgdispatch.job_now(job, coalesce(
            v_forecast.scheduled_at, case when v_standing.how = 'scheduled' then v_standing.at end
        ), v_contract.time_zone));
    end if;
    seen := case
        when v_standing.is_met then 'fresh'
        when not v_standing.is_coming then 'broken'
        when due <= v_now then 'late'
        when chance >= greatest(0.5, v_contract.warn_chance) then 'will be late'
        when chance >= v_contract.warn_chance then 'at risk'
        else 'fresh'
    end;
    select *
    into v_state
    from pgdispatch.contract_state as s
    where s.contract = v_contract.id
        and s.due = v_due.due
        and not v_standing.is_met;
    state := pgdispatch.held_state(
        seen, v_state.state, chance, v_contract.warn_chance, v_state.calm
    );
end
$$;

comment on function pgdispatch.contract_verdict(bigint) is
'How a contract stands now, as contract_status says it; nulls: it is unknown to you or disabled.';
