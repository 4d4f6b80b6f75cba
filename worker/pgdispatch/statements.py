"""The SQL that worker processes send, in one place; `$1` placeholders serve both drivers."""

from __future__ import annotations

ATTEMPT = (
    "verdict, id, attempt, type, site, title, datasource, schedule, task, priority, args, "
    "created_by, scheduled_at, more"
)
CLAIM = f"select {ATTEMPT} from pgdispatch.claim($1, $2)"
FINISH = f"select {ATTEMPT} from pgdispatch.finish($1, $2, $3, $4, $5, $6)"
FAIL = f"select {ATTEMPT} from pgdispatch.fail($1, $2, $3, $4, $5, $6, $7)"
REQUEUE = "select pgdispatch.requeue($1, $2)"
RECOVER = "select pgdispatch.recover($1)"
PROGRESS = "select pgdispatch.progress($1, $2, $3, $4)"

INSTALLED_DIGEST = "select digest from pgdispatch.schema_version order by installed_at desc limit 1"
REGISTER_NODE = "select pgdispatch.register_node($1, $2, $3, $4, $5, $6, $7, $8)"
HEARTBEAT = "select backgrounders, application_servers from pgdispatch.heartbeat($1, $2, $3)"
DEREGISTER_NODE = "select pgdispatch.deregister_node($1, $2)"
NODE_ORDERS = "select job, attempt, stop, is_kill from pgdispatch.node_orders($1)"
START_BACKGROUNDER = "select pgdispatch.start_backgrounder($1, $2)"
STOP_BACKGROUNDER = "select pgdispatch.stop_backgrounder($1)"
DECLARE_LOST = "select pgdispatch.declare_lost()"
SWEEP = "select pgdispatch.sweep()"
TICK = "select jobs, wait from pgdispatch.tick()"
FORGET = "select pgdispatch.forget()"
ROLL_HISTORY = "select pgdispatch.roll_history()"

START_APPLICATION_SERVER = "select pgdispatch.start_application_server($1, $2, $3, $4)"
STOP_APPLICATION_SERVER = "select pgdispatch.stop_application_server($1, $2)"
NODE_HEALTH = (
    "select is_held, heartbeat_age, lease, is_drained, wanted, up from pgdispatch.node_health($1)"
)
NODE_METRICS = (
    "select job, type, outcome, failed_as, wait_seconds, run_seconds, gates "
    "from pgdispatch.node_metrics($1, $2, $3)"
)
CLUSTER_METRICS = (
    "select state, type, gate, jobs, oldest_seconds from pgdispatch.cluster_metrics($1)"
)
