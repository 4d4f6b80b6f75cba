"""Measure what pgdispatch does on a server, in a schema of its own that is gone afterwards."""
