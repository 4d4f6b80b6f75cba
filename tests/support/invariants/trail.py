"""A record of every attempt, kept by a trigger: when it started, when its fence fell, and how.

The product forgets when an attempt started that was taken back. The trail is written in the same
transactions as the jobs, so neither can have what the other has not.
"""

from __future__ import annotations

from typing import Any

import psycopg

LAY = """
create table public.trail (
    job bigint not null,
    attempt integer not null,
    what text not null,
    at timestamptz not null,
    asked_at timestamptz,
    node text,
    backgrounder text,
    ready_at timestamptz
);

create function public.leave_trail()
returns trigger
language plpgsql
as $$
begin
    if tg_op = 'UPDATE' and new.state = 'running' and old.state <> 'running' then
        insert into public.trail (job, attempt, what, at, asked_at, node, backgrounder)
        values (
            new.id, new.attempt, 'start', new.started_at, new.asked_at, new.node, new.backgrounder
        );
    elsif old.state = 'running' and (tg_op = 'DELETE' or new.state <> 'running') then
        insert into public.trail (job, attempt, what, at, node, backgrounder, ready_at)
        values (
            old.id, old.attempt,
            case
                when tg_op = 'DELETE' then 'end'
                when new.failures > old.failures then 'retry'
                else 'back'
            end,
            clock_timestamp(), old.node, old.backgrounder,
            case when tg_op = 'UPDATE' then greatest(clock_timestamp(), new.not_before) end
        );
    end if;
    return null;
end
$$;

create trigger trail after update of state or delete on pgdispatch.job
for each row execute function public.leave_trail();
"""


def lay(connection: psycopg.Connection[Any]) -> None:
    """Keep a trail from now on, in the table public.trail.

    Transaction: joins the caller's; commits nothing.
    """
    connection.execute(LAY)


def is_laid(connection: psycopg.Connection[Any]) -> bool:
    """Tell whether a trail is kept."""
    row = connection.execute("select to_regclass('public.trail') is not null").fetchone()
    return row is not None and bool(row[0])
