/* Nodes: claim, run and end jobs through functions; no table is writable. */
do $$
begin
    if not exists (select from pg_roles where rolname = 'pgdispatch_worker') then
        create role pgdispatch_worker nologin;
        comment on role pgdispatch_worker is
        'pgdispatch: Nodes: claim, run and end jobs through functions; no table is writable.';
    end if;
exception
    when duplicate_object or unique_violation then
        null; -- somebody else has just made it: roles belong to the whole cluster
end $$;

grant usage on schema pgdispatch to pgdispatch_worker;
grant execute on function
    pgdispatch.now(),
    pgdispatch.turn(
        text, uuid, integer[], text[], bigint[], integer[], text[], text[], jsonb[], text[], real[],
        text[], boolean
    ),
    pgdispatch.claim(text, text[]),
    pgdispatch.finish(bigint, integer, jsonb, text, boolean, text[], real, text),
    pgdispatch.fail(bigint, integer, text, text, text, boolean, text[], real, text),
    pgdispatch.requeue(bigint, integer, boolean),
    pgdispatch.progress(bigint, integer, real, text),
    pgdispatch.note_progress(bigint[], integer[], real[], text[]),
    pgdispatch.append_log(bigint[], integer[], bigint[], bigint[], text[]),
    pgdispatch.hold_attempt(bigint, integer),
    pgdispatch.attempt_ends(bigint[], integer[]),
    pgdispatch.attempt_traces(bigint[], integer[]),
    pgdispatch.register_node(
        text, uuid, integer, text[], integer, text, integer, text, text, uuid
    ),
    pgdispatch.heartbeat(text, uuid, boolean),
    pgdispatch.report_clock(text, uuid, timestamptz),
    pgdispatch.report_targets(text, uuid, text[]),
    pgdispatch.tend_notices(),
    pgdispatch.forecast_input(double precision),
    pgdispatch.outbox_metrics(),
    pgdispatch.contract_metrics(),
    pgdispatch.contract_input(double precision),
    pgdispatch.note_contract_forecasts(timestamptz, timestamptz, jsonb),
    pgdispatch.console_url(),
    pgdispatch.deregister_node(text, uuid),
    pgdispatch.node_orders(text),
    pgdispatch.node_attempts(text),
    pgdispatch.drain(text, interval, text, text),
    pgdispatch.desired_backgrounders(),
    pgdispatch.node_holder(text),
    pgdispatch.start_backgrounder(text, integer),
    pgdispatch.stop_backgrounder(text),
    pgdispatch.recover(text),
    pgdispatch.declare_lost(text),
    pgdispatch.take_back(text),
    pgdispatch.sweep(),
    pgdispatch.tick(),
    pgdispatch.start_application_server(text, integer, integer, text),
    pgdispatch.stop_application_server(text, integer),
    pgdispatch.node_health(text),
    pgdispatch.node_metrics(text, bigint[], integer[]),
    pgdispatch.cluster_metrics(text),
    pgdispatch.cluster_alerts(),
    pgdispatch.begin_forecast(text),
    pgdispatch.forecast_history(double precision),
    pgdispatch.keep_forecast(
        bigint, double precision, double precision, integer, double precision, jsonb, jsonb, jsonb
    ),
    pgdispatch.note_forecast(double precision, double precision, jsonb),
    pgdispatch.end_forecast(bigint, text),
    pgdispatch.forecast_metrics(),
    pgdispatch.forget(),
    pgdispatch.roll_history()
to pgdispatch_worker;
grant select on pgdispatch.schema_version to pgdispatch_worker;
