"""The `pgdispatch` command: a thin skin over the package."""
