"""The demo: real data, every kind of job, and a check of the order at the end."""

from __future__ import annotations

from pgdispatch.demo.play import DemoOptions, run

__all__ = ["DemoOptions", "run"]
