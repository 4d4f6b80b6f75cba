"""The SQL of the measurement; `{schema}` is the name of its own schema, checked beforehand."""

from __future__ import annotations

EXISTS = "select 1 from pg_namespace where nspname = %s"
CREATE = "create schema {schema}"
DROP = "drop schema {schema} cascade"
MARK = "comment on schema {schema} is '{mark}'"
IS_MARKED = """
select 1 from pg_namespace where nspname = %s and obj_description(oid, 'pg_namespace') = %s
"""
ROLL_HISTORY = "select {schema}.roll_history()"

PLAIN_TABLE = """
create table {schema}.plain_job (
    id bigint generated always as identity primary key,
    priority smallint not null,
    payload jsonb not null default '{{}}',
    is_running boolean not null default false
);
create index plain_job_ready_idx on {schema}.plain_job (priority, id) where not is_running;
"""
PLAIN_FILL = """
insert into {schema}.plain_job (priority)
select 1 + (hashint4(n) & 1048575) % 100 from generate_series(1, {jobs}) as n
"""
PLAIN_CLAIM = """
update {schema}.plain_job
set is_running = true
where id = (
    select id
    from {schema}.plain_job
    where not is_running
    order by priority, id
    for update skip locked
    limit 1
)
returning id
"""
PLAIN_DELETE = "delete from {schema}.plain_job where id = $1"
PLAIN_CLEAR = "truncate {schema}.plain_job"

FILL = """
insert into {schema}.job (type, priority)
select (%s::text[])[1 + n %% 7], 1 + (hashint4(n) & 1048575) %% 100
from generate_series(1, %s) as n
"""
INSERT = "insert into {schema}.job (type, priority) values ($1, $2)"
CLEAR = "truncate {schema}.job"
VACUUM = "vacuum (analyze) {schema}.job, {schema}.plain_job"

VERDICT = "select verdict, id, attempt from {schema}."
CLAIM = f"{VERDICT}claim(p_backgrounder => $1, p_types => $2)"
FINISH = f"{VERDICT}finish(p_job => $1, p_attempt => $2, p_claim => true, p_types => $3)"
