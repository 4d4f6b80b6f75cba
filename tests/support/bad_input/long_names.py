"""A database whose names are as long as people make them, in every listing of the command."""

from __future__ import annotations

import psycopg
from psycopg.conninfo import make_conninfo

SITE = "Vertrieb Nord und Ost - EMEA region 12"
NODE = "etl-worker-07.eu-central-1.compute.example.internal"
SCHEDULE = "Nightly refresh of all sales extracts after the warehouse has closed its books"
TITLE = "Verkäufe je Filiale — 売上高レポート日次 📈 full refresh with currency conversion"
TYPE = "warehouse_reconciliation_of_the_day"
PREPARE = f"""
insert into pgdispatch.site (name, max_running_jobs, daily_seconds, time_zone)
values ('{SITE}', 2, 28800, 'Asia/Tokyo'), ('acme', null, null, 'UTC');
insert into pgdispatch.job_type (name, description)
values ('{TYPE}', 'compares what the warehouse says with what the ledgers say, day by day');
insert into pgdispatch.schedule (name, recurrence, time_zone, execution, last_error)
values (
    '{SCHEDULE}', 'monthly on 1, 5, 10, 15, 20, 25, 28, last at 03:00',
    'America/Argentina/ComodRivadavia', 'parallel',
    'null value in column "title" of relation "job" violates not-null constraint'
), ('hourly', 'every 1 hour from 00:00 to 23:59', 'UTC', 'serial', null);
insert into pgdispatch.task (site, type, title, schedule, datasource)
values
    ('{SITE}', 'incremental_extract', '{TITLE}', '{SCHEDULE}', 'warehouse.public.{"x" * 60}'),
    ('acme', 'flow', 'Load', null, null), ('{SITE}', 'flow', '{TITLE}', null, null);
insert into pgdispatch.linked_task (site, title, schedule)
values ('{SITE}', '{TITLE}', '{SCHEDULE}');
insert into pgdispatch.linked_task_step (linked_task, step, task) values (1, 1, 3);
select pgdispatch.register_node('{NODE}', gen_random_uuid(), 12, null, 64, '{NODE}', 4194303,
    '0.2.0');
select pgdispatch.register_node('etl-2', gen_random_uuid(), 1, array['flow', '{TYPE}'], 2);
select pgdispatch.start_backgrounder('{NODE}:' || n, 4194000 + n) from generate_series(1, 12) as n;
select pgdispatch.start_application_server('{NODE}', 1, 4194302, 'http://{NODE}:8850');
insert into pgdispatch.job (site, type, title, datasource, args)
select '{SITE}', 'incremental_extract', '{TITLE}', 'sales', '{{"table": "{"y " * 60}"}}'
from generate_series(1, 4);
insert into pgdispatch.job (type) values ('system');
insert into pgdispatch.job (site, type, title) values ('acme', '{TYPE}', '{TITLE}');
select pgdispatch.claim('{NODE}:12');
select pgdispatch.progress(1, 1, 40, '{TITLE}');
select pgdispatch.fail(1, 1,
    'ConnectionResetError: the warehouse at {NODE} has closed the connection',
    p_log => 'line ' || repeat('word ', 60));
select pgdispatch.claim('{NODE}:12');
select pgdispatch.claim('{NODE}:11');
select pgdispatch.progress(2, 1, 7);
select pgdispatch.run_now_linked_task(1);
insert into pgdispatch.job (site, type, title, not_before)
values ('{SITE}', 'flow', '{TITLE}', pgdispatch.now() + interval '40 days');
insert into pgdispatch.suspension values (1, 5, 1, null, pgdispatch.now() - interval '3 days');
alter table pgdispatch.job disable trigger user;
update pgdispatch.job set created_at = created_at - interval '20 days 3 hours';
alter table pgdispatch.job enable trigger user;
"""


def furnish(dsn: str) -> None:
    """Fill a fresh database with long names, and with something in every listing."""
    with psycopg.connect(make_conninfo(dsn), autocommit=True) as connection:
        for statement in PREPARE.split(";\n"):
            if statement.strip():
                connection.execute(statement.encode())
