"""The SQL that worker processes and producers send, in one place.

Lists go as arrays of texts: those of other types asyncpg would have to ask the server about first.
"""

from __future__ import annotations

import re

TURN_FACTS = (
    *("type", "site", "title", "datasource", "schedule", "task", "priority", "created_by"),
    *("traceparent", "scheduled_at"),
)
TURN = (  # what may be of any size, or of any time, is for the process that runs the job
    f"select verdict, backgrounder, id, attempt, {', '.join(TURN_FACTS)}::text, args::text, reason "
    "from pgdispatch.turn($1, $2, $3::text[]::integer[], $4, $5::text[]::bigint[], "
    "$6::text[]::integer[], $7, $8, $9::text[]::jsonb[], $10, $11::text[]::real[], $12, $13)"
)
TURN_IN_BYTES = re.sub(  # where a text may be none
    "(type|site|title|datasource|schedule|created_by|args::text)(?=,)",
    r"pg_catalog.convert_to(\1, 'SQL_ASCII') as \1",
    TURN,
).replace("as args::text", "as args")
NOTE_PROGRESS = (
    "select pgdispatch.note_progress("
    "$1::text[]::bigint[], $2::text[]::integer[], $3::text[]::real[], $4)"
)
APPEND_LOG = (
    "select pgdispatch.append_log($1::text[]::bigint[], $2::text[]::integer[], "
    "$3::text[]::bigint[], $4::text[]::bigint[], $5)"
)
ATTEMPT_ENDS = (
    "select job, attempt, type, site, title, outcome, failed_as, error, again_at, is_suspended "
    "from pgdispatch.attempt_ends($1::text[]::bigint[], $2::text[]::integer[])"
)
ATTEMPT_TRACES = (
    "select job, attempt, wait_seconds, ended_as, error, retry_of "
    "from pgdispatch.attempt_traces($1::text[]::bigint[], $2::text[]::integer[])"
)

INSERT_JOB = "insert into pgdispatch.job ({columns}) values ({values}) returning id"
OWN_JOB_END = (
    "select state, error, cancel_reason, result::text from pgdispatch.own_job where job = {job}"
)
COPY_JOBS = "copy pgdispatch.new_job ({columns}) from stdin with (encoding 'utf8')"

INSTALLED_LEVEL = (
    "select level, oldest_level, package_version, step from pgdispatch.schema_version "
    "order by step desc, installed_at desc limit 1"
)
REGISTER_NODE = "select pgdispatch.register_node($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)"
NODE_HOLDER = "select incarnation, process from pgdispatch.node_holder($1)"
HEARTBEAT = "select backgrounders, application_servers from pgdispatch.heartbeat($1, $2, $3)"
REPORT_CLOCK = "select pgdispatch.report_clock($1, $2, $3)"
REPORT_TARGETS = "select pgdispatch.report_targets($1, $2, $3)"
DEREGISTER_NODE = "select pgdispatch.deregister_node($1, $2)"
NODE_ATTEMPTS = (
    "select job, attempt, is_cancelled, timeout, cancel_grace, overrun_grace, is_drained, "
    "drain_ends_at, drain_left from pgdispatch.node_attempts($1)"
)
START_BACKGROUNDER = "select pgdispatch.start_backgrounder($1, $2)"
STOP_BACKGROUNDER = "select pgdispatch.stop_backgrounder($1)"
DECLARE_LOST = "select pgdispatch.declare_lost()"
TAKE_BACK = "select job, attempt, type, backgrounder, run_seconds from pgdispatch.take_back()"
SWEEP = "select pgdispatch.sweep()"
TEND_NOTICES = "select pgdispatch.tend_notices()"
TICK = "select jobs, wait from pgdispatch.tick()"
BEGIN_FORECAST = (
    "select number, hours, seconds, late_seconds, calibration::text as calibration "
    "from pgdispatch.begin_forecast($1)"
)
END_FORECAST = "select pgdispatch.end_forecast($1, $2)"
FORGET = "select pgdispatch.forget()"
ROLL_HISTORY = "select pgdispatch.roll_history()"

START_APPLICATION_SERVER = "select pgdispatch.start_application_server($1, $2, $3, $4)"
STOP_APPLICATION_SERVER = "select pgdispatch.stop_application_server($1, $2)"
NODE_HEALTH = (
    "select is_held, heartbeat_age, lease, is_drained, wanted, up from pgdispatch.node_health($1)"
)
NODE_METRICS = (
    "select job, type, outcome, failed_as, wait_seconds, run_seconds, gates "
    "from pgdispatch.node_metrics($1, $2::text[]::bigint[], $3::text[]::integer[])"
)
CLUSTER_METRICS = (
    "select state, type, gate, jobs, oldest_seconds from pgdispatch.cluster_metrics($1)"
)
CONSOLE_URL = "select pgdispatch.console_url()"
CLUSTER_ALERTS = "select name, label, value from pgdispatch.cluster_alerts()"
FORECAST_METRICS = "select name, label, value from pgdispatch.forecast_metrics()"
OUTBOX_METRICS = "select target, notices, oldest_seconds from pgdispatch.outbox_metrics()"
CONTRACT_METRICS = (
    "select contract, site, state, late_chance, slack_seconds from pgdispatch.contract_metrics()"
)

VERSION_COLUMNS = """
select attname from pg_catalog.pg_attribute
where attrelid = pg_catalog.to_regclass('pgdispatch.schema_version')
    and attnum > 0 and not attisdropped
"""
INSTALLED_ALL = """
select digest, package_version, step, level, oldest_level, (
    select over.package_version from pgdispatch.schema_version as over
    where over.step < newest.step and over.installed_at > newest.installed_at
    order by over.installed_at desc limit 1
)
from pgdispatch.schema_version as newest
order by step desc, installed_at desc
limit 1
"""
INSTALLED_FIRST = (  # of release 0.1.0
    "select digest, package_version, 0, 1, 1, null "
    "from pgdispatch.schema_version order by installed_at desc limit 1"
)
NOTE_VERSION = (
    "insert into pgdispatch.schema_version (digest, package_version, step, level, oldest_level) "
    "values (%s, %s, %s, %s, %s)"
)
ANNOUNCE_UPGRADE = (
    "insert into pgdispatch.schema_version (digest, package_version, step, level, oldest_level) "
    "select digest, package_version, step, 0, 0 "
    "from pgdispatch.schema_version order by step desc, installed_at desc limit 1"
)
TELL_SCHEMA = "select pg_catalog.pg_notify('pgdispatch', 'schema')"
LIVE_NODES = (
    "select name from pgdispatch.node "
    "where heartbeat_at > pgdispatch.now() - pgdispatch.seconds('lease_seconds') order by name"
)
SEES_ALL = "select pg_catalog.pg_has_role('pg_read_all_stats', 'usage')"
OWNERSHIP = """
select current_user, me.rolsuper, owner.rolname,
    owner.rolname is null or owner.rolname = current_user
        or pg_catalog.pg_has_role(session_user, owner.oid, %s),
    owner.rolname is null or owner.rolsuper or owner.rolcreaterole
from pg_catalog.pg_roles as me
left join pg_catalog.pg_namespace as n on n.nspname = 'pgdispatch'
left join pg_catalog.pg_roles as owner on owner.oid = n.nspowner
where me.rolname = current_user
"""
STRAYS = """
with mine as (
    select oid, nspowner from pg_catalog.pg_namespace where nspname = 'pgdispatch'
)
select
    case c.relkind
        when 'c' then 'type' when 'S' then 'sequence' when 'v' then 'view'
        when 'm' then 'materialized view' when 'f' then 'foreign table' else 'table'
    end,
    pg_catalog.format('pgdispatch.%I', c.relname),
    pg_catalog.pg_get_userbyid(c.relowner)::text
from pg_catalog.pg_class as c
join mine on mine.oid = c.relnamespace and mine.nspowner <> c.relowner
where c.relkind in ('r', 'p', 'v', 'm', 'f', 'c', 'S')
    and not exists (  -- the sequence of a column goes with its table
        select from pg_catalog.pg_depend as d
        where d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass and d.objid = c.oid
            and c.relkind = 'S' and d.deptype in ('a', 'i')
    )
union all
select 'routine',
    pg_catalog.format('pgdispatch.%I(%s)', p.proname,
        pg_catalog.pg_get_function_identity_arguments(p.oid)),
    pg_catalog.pg_get_userbyid(p.proowner)::text
from pg_catalog.pg_proc as p
join mine on mine.oid = p.pronamespace and mine.nspowner <> p.proowner
union all
select 'type', pg_catalog.format('pgdispatch.%I', t.typname),
    pg_catalog.pg_get_userbyid(t.typowner)::text
from pg_catalog.pg_type as t
join mine on mine.oid = t.typnamespace and mine.nspowner <> t.typowner
where t.typtype in ('d', 'e', 'r')
order by 1, 2
"""
TABLES = (
    "select relname from pg_catalog.pg_class "
    "where relnamespace = 'pgdispatch'::regnamespace and relkind in ('r', 'p')"
)
ROLES = "select rolname from pg_catalog.pg_roles where rolname = any (%s) order by rolname"
BLOCKERS = """
(
select pg_catalog.format(
    'process %s of %s (%s), %s, in a transaction for %s s: %s',
    a.pid, a.usename, a.application_name, a.state,
    pg_catalog.round(extract(epoch from pg_catalog.clock_timestamp() - a.xact_start)),
    pg_catalog.left(pg_catalog.regexp_replace(a.query, '\\s+', ' ', 'g'), 80)
)
from pg_catalog.pg_stat_activity as a
where a.pid <> pg_catalog.pg_backend_pid()
    and a.xact_start < pg_catalog.clock_timestamp() - interval '1 second'
    and exists (
        select from pg_catalog.pg_locks as l
        join pg_catalog.pg_class as c on c.oid = l.relation
        where l.pid = a.pid and l.granted
            and c.relnamespace = pg_catalog.to_regnamespace('pgdispatch')
    )
order by a.xact_start
limit 3
)
union all
select pg_catalog.format(
    'prepared transaction %s of %s, for %s s', pg_catalog.quote_literal(p.gid), p.owner,
    pg_catalog.round(extract(epoch from pg_catalog.clock_timestamp() - p.prepared))
)
from pg_catalog.pg_prepared_xacts as p
where exists (
        select from pg_catalog.pg_locks as x
        join pg_catalog.pg_locks as l on l.virtualtransaction = x.virtualtransaction
        join pg_catalog.pg_class as c on c.oid = l.relation
        where x.transactionid = p.transaction and x.granted and l.pid is null and l.granted
            and c.relnamespace = pg_catalog.to_regnamespace('pgdispatch')
    )
"""
