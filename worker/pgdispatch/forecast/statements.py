"""The SQL of the forecast."""

FORECAST_INPUT = "select pgdispatch.forecast_input(%s)"
FORECAST_HISTORY = "select pgdispatch.forecast_history(%s)"
READ_ONLY = "set transaction isolation level repeatable read, read only"
BEGIN_FORECAST = (
    "select number, hours, seconds, late_seconds, calibration from pgdispatch.begin_forecast(%s)"
)
END_FORECAST = "select pgdispatch.end_forecast(%s, %s)"
KEEP_FORECAST = "select pgdispatch.keep_forecast(%s, %s, %s, %s, %s, %s, %s, %s)"
NOTE_FORECAST = "select pgdispatch.note_forecast(%s, %s, %s)"
CONTRACT_INPUT = "select pgdispatch.contract_input(%s)"
NOTE_CONTRACTS = "select pgdispatch.note_contract_forecasts(%s, %s, %s)"
