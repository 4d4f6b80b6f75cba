"""The SQL of the forecast."""

FORECAST_INPUT = "select pgdispatch.forecast_input(%s)"
