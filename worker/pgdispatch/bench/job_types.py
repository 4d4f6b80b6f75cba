"""The job types that an installation has from the start; it may have more."""

from __future__ import annotations

JOB_TYPES = (  # by rank, from fast to slow, as in sql/rows/job_type.sql
    "flow",
    "alert",
    "system",
    "subscription",
    "extract_creation",
    "incremental_extract",
    "full_extract",
)
