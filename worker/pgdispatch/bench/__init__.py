"""Measure what pgdispatch does on a server, in a schema of its own that is gone afterwards."""

from __future__ import annotations

from pgdispatch.bench.measuring import Measure
from pgdispatch.bench.run import BenchOptions, run

__all__ = ["BenchOptions", "Measure", "run"]
