"""What names one attempt at a job, in all that the processes of a node tell each other."""

from __future__ import annotations

Attempt = tuple[int, int]
"""The job's number, and the number of the attempt."""
