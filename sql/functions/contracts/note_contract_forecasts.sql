/*
 * Puts what a forecast says of contracts in the place of what the one before said.
 * Locks: the rows of contract_forecast, against another who writes them; readers wait for nobody.
 */
create or replace function pgdispatch.note_contract_forecasts(
    p_made_at timestamptz,
    p_good_until timestamptz,
    p_rows jsonb
)
returns integer
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_count integer;
begin
    lock table pgdispatch.contract_forecast in share row exclusive mode;
    delete from pgdispatch.contract_forecast;
    insert into pgdispatch.contract_forecast (
        contract, due, made_at, good_until, runs, late, early_at, median_at, late_at, beyond, job,
        task, scheduled_at, decided
    )
    select
        r.contract,
        pgdispatch.of_micros(r.due),
        p_made_at,
        coalesce(p_good_until, p_made_at + 3 * f.period),
        r.runs,
        r.late,
        pgdispatch.of_micros(r.early),
        pgdispatch.of_micros(r.median),
        pgdispatch.of_micros(r.latest),
        pgdispatch.of_micros(r.beyond),
        r.job,
        r.task,
        pgdispatch.of_micros(r.scheduled),
        r.decided
    from jsonb_to_recordset(p_rows) as r (
        contract bigint, due bigint, runs integer, late integer, early bigint, median bigint,
        latest bigint, beyond bigint, job bigint, task bigint, scheduled bigint, decided integer
    )
    join pgdispatch.contract as c on c.id = r.contract
    cross join pgdispatch.forecast_state as f;
    get diagnostics v_count = row_count;
    return v_count;
end
$$;

comment on function pgdispatch.note_contract_forecasts(timestamptz, timestamptz, jsonb) is
'Notes what a forecast says of contracts, as of p_made_at, to be believed until p_good_until '
'(null: for three periods of the forecast); p_rows: as pgdispatch.forecast.sums.contracts gives '
'them. '
'Returns how many.';
