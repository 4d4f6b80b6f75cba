"""What the database's hints mean at the command line: commands in place of tables and functions.

The database tells people at psql what to do there. The command shows the same hints, each of these
phrases put in its own words. A test compares them with all hints of the schema.
"""

from __future__ import annotations

import re

PHRASES = {
    "see pgdispatch.queue, pgdispatch.running and pgdispatch.job_history": (
        "see: pgdispatch queue, pgdispatch status and pgdispatch jobs"
    ),
    "see pgdispatch.task and pgdispatch.linked_task": (
        "see: pgdispatch task list and pgdispatch linked-task list"
    ),
    "see the columns site and datasource of pgdispatch.task": "see: pgdispatch task list",
    "see pgdispatch.job_history": "see: pgdispatch jobs",
    "see pgdispatch.linked_task_step": "see: pgdispatch linked-task steps --help",
    "see pgdispatch.linked_task": "see: pgdispatch linked-task list",
    "see pgdispatch.schedule": "see: pgdispatch schedule list",
    "see pgdispatch.task and pgdispatch.node": (
        "see: pgdispatch task list and pgdispatch node list"
    ),
    "to delete them, too, pgdispatch.delete": (
        "to delete them, too: pgdispatch site delete NAME --yes"
    ),
    "to take it from them, pgdispatch.delete": (
        "to take it from them: pgdispatch schedule delete NAME --yes"
    ),
    "see pgdispatch.window_status": "see: pgdispatch window list",
    "see pgdispatch.calendar": "see: pgdispatch calendar list",
    "see pgdispatch.site": "see: pgdispatch site list",
    "see pgdispatch.node": "see: pgdispatch node list",
    "see pgdispatch.job_type": "see: pgdispatch type list",
    "see pgdispatch.paused for what is": "see: pgdispatch paused",
    "see pgdispatch.setting": "see: pgdispatch setting list",
    "see pgdispatch.task_status": "see: pgdispatch task list",
    "see pgdispatch.token_status": "see: pgdispatch token list",
    "see pgdispatch.task": "see: pgdispatch task list",
    "delete or change the contracts first: see pgdispatch.contract": (
        "delete or change the contracts first: see pgdispatch contract list"
    ),
    "see pgdispatch.contract": "see: pgdispatch contract list",
    "give due, such as daily at 07:00, or max_age, such as 26 hours": (
        "give --due, such as 'daily at 07:00', or --max-age, such as 26h"
    ),
    "give since: how long before the due time a run may have begun, such as 7 hours": (
        "give --since: how long before the due time a run may have begun, such as 7h"
    ),
    "leave since out: max_age says it all": "leave --since out: --max-age says it all",
    "by except_types in pgdispatch.node": "by: pgdispatch node change NAME --except TYPES",
    "or add it to pgdispatch.job_type": "see: pgdispatch type list",
    "add it first: insert into pgdispatch.site (name) values (…)": (
        "add it first: pgdispatch site add NAME"
    ),
    "add it first: insert into pgdispatch.schedule (name) values (…)": (
        "add it first: pgdispatch schedule add NAME"
    ),
    "its default: update pgdispatch.setting set value = default_value where name =": (
        "its default with pgdispatch setting set:"
    ),
    "give it back with pgdispatch.recover": "stop its node: pgdispatch node drain NAME",
    "p_early => true": "--early",
    "such as now()": "such as 2030-01-31T22:00",
    "set run_now_enabled": "allow it: pgdispatch site change NAME --run-now",
    "leave task out": "leave --task out",
    "set one of them to null": "give up one of them: --clear only or --clear except",
    "set backgrounders to": "set --backgrounders to",
    "set application_servers to": "set --application-servers to",
    "-1 for no limit; null for the default": "none for no limit; --clear for the default",
}
PHRASE = "|".join(re.escape(phrase) for phrase in sorted(PHRASES, key=len, reverse=True))


def in_command(hint: str) -> str:
    """Return a hint as the command gives it; one that names nothing of SQL stays as it is."""
    return re.sub(PHRASE, lambda found: PHRASES[found[0]], hint)
