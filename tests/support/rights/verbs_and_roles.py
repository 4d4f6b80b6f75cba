"""Who may do what: each verb, view, table and write, with the roles that it is for."""

from __future__ import annotations

ROLES = (
    *("producer", "worker", "operator", "viewer"),
    *("site_producer", "site_operator", "site_viewer", "nobody"),
)
WORKER, OPERATOR = {"worker"}, {"operator"}
ALL_SITES = {"operator", "viewer"}
LOOK = {*ALL_SITES, "site_operator", "site_viewer"}
STEER = {"operator", "site_operator"}
INSERT = {"producer", "operator", "site_producer", "site_operator"}
VERBS: dict[str, tuple[str, set[str]]] = {
    "turn": ("select * from pgdispatch.turn('n', null, '{1}')", WORKER),
    "claim": ("select * from pgdispatch.claim('n:1')", WORKER),
    "finish": ("select * from pgdispatch.finish(1, 1)", WORKER),
    "fail": ("select * from pgdispatch.fail(1, 1, 'boom')", WORKER),
    "requeue": ("select pgdispatch.requeue(1, 1)", WORKER),
    "progress": ("select pgdispatch.progress(1, 1, 5)", WORKER),
    "note_progress": (
        "select pgdispatch.note_progress('{1}'::bigint[], '{1}'::integer[], '{5}'::real[], null)",
        WORKER,
    ),
    "append_log": (
        "select pgdispatch.append_log('{1}', '{1}', '{1}', '{1}', '{x}')",
        WORKER,
    ),
    "hold_attempt": ("select * from pgdispatch.hold_attempt(1, 1)", WORKER),
    "attempt_ends": ("select * from pgdispatch.attempt_ends('{1}', '{1}')", WORKER),
    "attempt_traces": ("select * from pgdispatch.attempt_traces('{1}', '{1}')", WORKER),
    "recover": ("select pgdispatch.recover('n:1')", WORKER),
    "register_node": ("select pgdispatch.register_node('n', gen_random_uuid())", WORKER),
    "heartbeat": ("select pgdispatch.heartbeat('n', gen_random_uuid())", WORKER),
    "report_clock": ("select pgdispatch.report_clock('n', gen_random_uuid(), now())", WORKER),
    "deregister_node": ("select pgdispatch.deregister_node('n', gen_random_uuid())", WORKER),
    "node_orders": ("select * from pgdispatch.node_orders('n')", WORKER),
    "node_attempts": ("select * from pgdispatch.node_attempts('n')", {*WORKER, *OPERATOR}),
    "drain": ("select pgdispatch.drain('n', '1 min', 'gone', 'alice')", {*WORKER, *OPERATOR}),
    "desired_backgrounders": (
        "select * from pgdispatch.desired_backgrounders()", {"worker", "viewer", "operator"}),
    "node_holder": ("select * from pgdispatch.node_holder('n')", WORKER),
    "start_backgrounder": ("select pgdispatch.start_backgrounder('n:1', 1)", WORKER),
    "stop_backgrounder": ("select pgdispatch.stop_backgrounder('n:1')", WORKER),
    "declare_lost": ("select pgdispatch.declare_lost()", WORKER),
    "take_back": ("select pgdispatch.take_back()", WORKER),
    "sweep": ("select pgdispatch.sweep()", WORKER),
    "forget": ("select pgdispatch.forget()", WORKER),
    "roll_history": ("select pgdispatch.roll_history()", WORKER),
    "node_metrics": ("select * from pgdispatch.node_metrics('n', '{}', '{}')", WORKER),
    "cluster_metrics": ("select * from pgdispatch.cluster_metrics('n')", WORKER),
    "cluster_alerts": ("select * from pgdispatch.cluster_alerts()", WORKER),
    "node_health": ("select * from pgdispatch.node_health('n')", WORKER),
    "start_application_server": (
        "select pgdispatch.start_application_server('other', 1, 1, 'x')", WORKER),
    "stop_application_server": ("select pgdispatch.stop_application_server('n', 1)", WORKER),
    "report_targets": (
        "select pgdispatch.report_targets('n', gen_random_uuid(), '{ops}')", WORKER),
    "tend_notices": ("select pgdispatch.tend_notices()", WORKER),
    "outbox_metrics": ("select * from pgdispatch.outbox_metrics()", WORKER),
    "begin_forecast": ("select * from pgdispatch.begin_forecast('n')", WORKER),
    "keep_forecast": (
        "select pgdispatch.keep_forecast(0, 0, 0, 1, 1, '[]', '[]', '[]')", WORKER),
    "note_forecast": ("select pgdispatch.note_forecast(0, 0, '[]')", WORKER),
    "end_forecast": ("select pgdispatch.end_forecast(0, 'x')", WORKER),
    "forecast_metrics": ("select * from pgdispatch.forecast_metrics()", WORKER),
    "forecast_history": (
        "select pgdispatch.forecast_history()", {"worker", "viewer", "operator"}),
    "forecast_lead": ("select pgdispatch.forecast_lead(1)", LOOK),
    "look_at_forecast": ("select pgdispatch.look_at_forecast()", LOOK),
    "job_forecasts": ("select * from pgdispatch.job_forecasts('{1}')", LOOK),
    "contract_metrics": ("select * from pgdispatch.contract_metrics()", WORKER),
    "contract_input": ("select pgdispatch.contract_input()", WORKER),
    "note_contract_forecasts": (
        "select pgdispatch.note_contract_forecasts(now(), now(), '[]')", WORKER),
    "contract_verdict": ("select * from pgdispatch.contract_verdict(1)", LOOK),
    "subject_words": ("select pgdispatch.subject_words(null)", LOOK),
    "lock_configuration": ("select pgdispatch.lock_configuration()", STEER),
    "configured_columns": ("select pgdispatch.configured_columns('site')", LOOK),
    "console_url": ("select pgdispatch.console_url()", WORKER),
    "test_notice": ("select pgdispatch.test_notice('ops', 'default')", STEER),
    "tick": ("select * from pgdispatch.tick()", WORKER),
    "cancel": ("select pgdispatch.cancel(1)", STEER),
    "cancel_own_job": ("select pgdispatch.cancel_own_job(1)", {"producer", "site_producer"}),
    "why_own_job": ("select * from pgdispatch.why_own_job(1)", {"producer", "site_producer"}),
    "set_priority": ("select pgdispatch.set_priority(1, 5)", STEER),
    "run_now": ("select pgdispatch.run_now(1)", STEER),
    "retry_job": ("select pgdispatch.retry_job(1)", STEER),
    "republish": ("select pgdispatch.republish('default', 'sales')", STEER),
    "fire": ("select pgdispatch.fire('hourly', now())", STEER),
    "backfill": ("select * from pgdispatch.backfill('hourly', now(), now())", STEER),
    "preview_backfill": (
        "select * from pgdispatch.preview_backfill('hourly', now(), now())", STEER),
    "run_now_schedule": ("select * from pgdispatch.run_now_schedule('hourly')", STEER),
    "run_now_linked_task": ("select pgdispatch.run_now_linked_task(1)", STEER),
    "resume": ("select pgdispatch.resume(1)", STEER),
    "pause": ("select pgdispatch.pause('site', 'default')", STEER),
    "end_pause": ("select pgdispatch.end_pause('site', 'default')", STEER),
    "rename": ("select pgdispatch.rename('task', '1', 'other')", STEER),
    "delete": ("select pgdispatch.delete('task', '2')", STEER),
    "consequences": ("select * from pgdispatch.consequences('delete', 'task', '2')", STEER),
    "next_run": ("select pgdispatch.next_run('daily at 02:30', 'UTC', now())", LOOK),
    "last_run": ("select pgdispatch.last_run('daily at 02:30', 'UTC', now())", LOOK),
    "next_runs": ("select pgdispatch.next_runs('daily at 02:30', 'UTC', now(), 5)", LOOK),
    "preview_runs": (
        "select * from pgdispatch.preview_runs('daily at 02:30', 'UTC', now(), 5)",
        LOOK,
    ),
    "schedule_runs": (
        "select pgdispatch.schedule_runs(s, now(), 5) from pgdispatch.schedule as s",
        LOOK,
    ),
    "preview_schedule": (
        "select * from pgdispatch.preview_schedule('nightly', now(), 5)",
        LOOK,
    ),
    "own_calendars": ("select pgdispatch.own_calendars()", LOOK),
    "now": ("select pgdispatch.now()", {"worker", *LOOK}),
    "setting": ("select pgdispatch.setting('tie_break')", LOOK),
    "seconds": ("select pgdispatch.seconds('lease_seconds')", LOOK),
    "usual_seconds": ("select pgdispatch.usual_seconds(1)", LOOK),
    "forecast_input": ("select pgdispatch.forecast_input(0)", {"worker", *LOOK}),
    "failure_streak": ("select pgdispatch.failure_streak(1)", LOOK),
    "obstacles": ("select * from pgdispatch.obstacles()", LOOK),
    "obstacles_by_gate": ("select pgdispatch.obstacles_by_gate()", LOOK),
    "gate_queue": ("select * from pgdispatch.gate_queue()", LOOK),
    "queue_counts": ("select * from pgdispatch.queue_counts()", LOOK),
    "history_reach": ("select pgdispatch.history_reach()", LOOK),
    "log_lines": ("select * from pgdispatch.log_lines(1)", LOOK),
    "site_budget": ("select * from pgdispatch.site_budget('default')", LOOK),
    "recurrence_masks": ("select * from pgdispatch.recurrence_masks('daily at 02:30')", LOOK),
    "own_sites": ("select pgdispatch.own_sites()", {*LOOK, *INSERT}),
    "own_schedules": ("select pgdispatch.own_schedules()", LOOK),
    "find_queued": ("select * from pgdispatch.find_queued()", LOOK),
    "find_ended": ("select * from pgdispatch.find_ended()", LOOK),
    "find_tasks": ("select * from pgdispatch.find_tasks()", LOOK),
    "queue_page": ("select * from pgdispatch.queue_page()", LOOK),
    "add_token": ("select pgdispatch.add_token('mine', sha256('secret'))", LOOK),
    "revoke_token": ("select pgdispatch.revoke_token(1)", LOOK),
    "why": ("select * from pgdispatch.why(1)", LOOK),
    "why_late": ("select * from pgdispatch.why_late(1)", LOOK),
    "waits": ("select * from pgdispatch.waits(now() - interval '1 h')", LOOK),
}  # fmt: skip
VIEWS = {
    "own_job": {*LOOK, *INSERT},
    "new_job": ALL_SITES,
    "status": ALL_SITES,
    "node_status": ALL_SITES,
    "load_ahead": ALL_SITES,
}
TABLES = {
    "job": {*LOOK, *INSERT},
    "schema_version": {"worker", *LOOK},
    "token": set(),  # but for its hashes it is for those who look, see token_status
    **dict.fromkeys(
        (
            *("node", "node_state", "backgrounder", "application_server", "site_member"),
            *("site_type", "generation", "due", "gate_notice", "deferral", "watch", "swept_job"),
            *("notice_look", "forecast_look", "forecast_load", "forecast_state"),
            *("contract_state", "contract_forecast"),
        ),
        ALL_SITES,
    ),
}
WRITES: dict[str, tuple[str, set[str]]] = {
    "insert a job": ("insert into pgdispatch.job (type) values ('system') returning id",
                     INSERT),
    "insert a job and see what was filled in": (
        "insert into pgdispatch.job (type) values ('system') returning *", INSERT),
    "copy a job": ("insert into pgdispatch.new_job (type) values ('system')", INSERT),
    "let somebody see a site": (
        "insert into pgdispatch.site_member (member, site) values ('x', 'default')", set()),
    "insert with all that is optional": (
        "insert into pgdispatch.job (type, site, title, datasource, schedule, task, priority, args,"
        " not_before, timeout, max_attempts, created_by, key, key_until, on_conflict)"
        " values ('system', 'default', 't', 'd', null, null, 5, '{}', now(), '5 s', 3, 'me',"
        " 'a', 'ended', 'nothing')", INSERT),
    "insert a job as a step": (
        "insert into pgdispatch.job (type, linked_run) values ('flow', 1)", set()),
    "insert a job with a run time": (
        "insert into pgdispatch.job (type, usual_seconds) values ('system', 1)", set()),
    "insert a job as Run Now": (
        "insert into pgdispatch.job (type, run_now) values ('system', true)", set()),
    "insert a job on another's behalf": (
        "insert into pgdispatch.job (type, inserted_by) values ('system', 'x')", set()),
    "insert a running job": (
        "insert into pgdispatch.job (type, state) values ('system', 'running')", set()),
    "insert a scheduled job": (
        "insert into pgdispatch.job (type, scheduled_at) values ('system', now())", set()),
    "update a job": ("update pgdispatch.job set priority = 1", set()),
    "delete a job": ("delete from pgdispatch.job", set()),
    "truncate jobs": ("truncate pgdispatch.job", set()),
    "update the history": ("update pgdispatch.job_history set outcome = 'failed'", set()),
    "delete history": ("delete from pgdispatch.job_history", set()),
    "update a log": ("update pgdispatch.job_log set lines = 'x'", set()),
    "delete a log": ("delete from pgdispatch.job_log", set()),
    "insert a log": ("insert into pgdispatch.job_log (job) values (1)", set()),
    "insert history": ("insert into pgdispatch.job_history (id) values (1)", set()),
    "add a site": ("insert into pgdispatch.site (name) values ('acme')", OPERATOR),
    "limit a site": ("update pgdispatch.site set max_running_jobs = 1", OPERATOR),
    "add a schedule": ("insert into pgdispatch.schedule (name) values ('s')", OPERATOR),
    "change a schedule": ("update pgdispatch.schedule set priority = 1", OPERATOR),
    "add a task": ("insert into pgdispatch.task (type, title) values ('flow', 't')", STEER),
    "delete a task": ("delete from pgdispatch.task where id = 2", STEER),
    "add a type": ("insert into pgdispatch.job_type (name) values ('t')", OPERATOR),
    "change a type": ("update pgdispatch.job_type set timeout = '5 s', rank = 3", OPERATOR),
    "delete a type": ("delete from pgdispatch.job_type where name = 't'", OPERATOR),
    "make a type one of the package": (
        "insert into pgdispatch.job_type (name, is_built_in) values ('t', true)", set()),
    "change a setting": ("update pgdispatch.setting set value = '61' "
                         "where name = 'batch_seconds'", OPERATOR),
    "rename a setting": ("update pgdispatch.setting set name = 'x'", set()),
    "give a site a budget": ("update pgdispatch.site set daily_seconds = 1", OPERATOR),
    "give a site a timeout": (
        "insert into pgdispatch.site_timeout (site, type) values ('default', 'flow')", OPERATOR),
    "give a schedule a recurrence": (
        "update pgdispatch.schedule set recurrence = 'daily at 02:30'", OPERATOR),
    "edit a task": ("update pgdispatch.task set max_attempts = 2", STEER),
    "add a linked task": ("insert into pgdispatch.linked_task (title) values ('l')", STEER),
    "add a step": ("insert into pgdispatch.linked_task_step (linked_task, step, task) "
                   "values (1, 2, 3)", STEER),
    "delete a linked task": ("delete from pgdispatch.linked_task", STEER),
    "suspend a task": ("insert into pgdispatch.suspension values (1, 5, 1, now())", set()),
    "lift a suspension": ("delete from pgdispatch.suspension", set()),
    "charge a site": ("insert into pgdispatch.charge values ('default', now(), 5)", set()),
    "forget charges": ("delete from pgdispatch.charge", set()),
    "forget a refill": ("delete from pgdispatch.deferral", set()),
    "forget a run": ("delete from pgdispatch.linked_run", set()),
    "hide an occurrence": ("delete from pgdispatch.occurrence", set()),
    "add a node": ("insert into pgdispatch.node (name, only_types) values ('x', '{flow}')",
                   OPERATOR),
    "drain a node": ("update pgdispatch.node set is_drained = true, except_types = '{flow}',"
                     " application_servers = 2", OPERATOR),
    "give a drain an end": ("update pgdispatch.node set drain_ends_at = now()", set()),
    "tell a node its types": ("update pgdispatch.node set types = null", set()),
    "tell a node what it serves": ("update pgdispatch.node set served_types = null", set()),
    "give a node processors": ("update pgdispatch.node set processors = 99", set()),
    "add an application server": ("delete from pgdispatch.application_server", set()),
    "change a node": ("update pgdispatch.node set backgrounders = 3", OPERATOR),
    "take a node": ("update pgdispatch.node set incarnation = gen_random_uuid()", set()),
    "delete a node": ("delete from pgdispatch.node", OPERATOR),
    "make an occurrence": (
        "insert into pgdispatch.occurrence (task, scheduled_at) values (1, now())", set()),
    "add a rule of notices": (
        "insert into pgdispatch.notice_rule (what, target, site) "
        "values ('failure', 'ops', 'default')", STEER),
    "remove a rule of notices": ("delete from pgdispatch.notice_rule", STEER),
    "add a contract": (
        "insert into pgdispatch.contract (name, datasource, max_age) values ('a', 'x', '2 h')",
        STEER),
    "remove a contract": ("delete from pgdispatch.contract", STEER),
    "say how a contract stands": (
        "insert into pgdispatch.contract_state (contract) values (1)", set()),
    "foretell a contract": ("delete from pgdispatch.contract_forecast", set()),
    "hide a notice": ("delete from pgdispatch.notice", set()),
    "tell a lie": ("insert into pgdispatch.notice (at, what, target, text) "
                   "values (now(), 'failure', 'ops', 'x')", set()),
    "free a key": ("delete from pgdispatch.job_key", set()),
    "hide a sweep": ("delete from pgdispatch.swept_job", set()),
    "create a table": ("create table pgdispatch.mine (id int)", set()),
    "create a function": (
        "create function pgdispatch.mine() returns int language sql as 'select 1'", set()),
}  # fmt: skip
