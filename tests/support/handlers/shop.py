"""A small source database with a catalogue on it, for the ready-made handlers."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

from pgdispatch.demo.mail import MailServer
from pgdispatch.handlers.catalogue import Catalogue, load_catalogue
from pgdispatch.handlers.registry import RUNS
from pgdispatch.testing import RecordingContext, context

CATALOGUE = """
[storage]
folder = "files"
[source.shop]
dsn = "{dsn}"
[mail]
host = "{host}"
port = {port}
sender = "jobs@example.com"
[extract.orders]
source = "shop"
query = "select * from orders order by id -- all of them"
watermark = "id"
batch_rows = 100
[extract.kinds]
source = "shop"
query = "select * from kinds"
[flow.totals]
source = "shop"
result = "public.total"
steps = [
    "create table step_one as select customer, amount from orders",
    {{name = "sum", sql = '''
        create table total as select customer, sum(amount) as amount from step_one group by 1;
        create unique index on total (customer)
    '''}},
]
[flow.broken]
source = "shop"
result = "public.total"
steps = ["create table total as select 1 as one", "select 1 / 0"]
[flow.resultless]
source = "shop"
steps = ["delete from orders where id <= 10"]
[flow.forgetful]
source = "shop"
result = "public.total"
steps = ["create table totals as select 1 as one"]
[flow.committing]
source = "shop"
steps = ["commit"]
[flow.endless]
source = "shop"
steps = ["select pg_sleep(1000)"]
[alert.many]
source = "shop"
query = "select count(*) from orders"
above = 200
recipients = ["ops@example.com"]
[alert.ambiguous]
source = "shop"
query = "select id from orders"
above = 200
[alert.writing]
source = "shop"
query = "select nextval('numbers')"
above = 1
[subscription.report]
source = "shop"
title = "Orders of the day"
recipients = ["one@example.com", "two@example.com"]
sections = [{{heading = "Largest", query = "select * from orders order by amount desc", limit = 3}}]
"""


@dataclass(frozen=True)
class Shop:
    """A connection to the database, a catalogue on it, and the mail server that it names."""

    connection: psycopg.Connection[Any]
    catalogue: Catalogue
    mail: MailServer

    def add_orders(self, first: int, last: int) -> None:
        """Insert orders with these ids."""
        self.connection.execute(
            "insert into orders"
            " select id, '<c' || id %% 7 || '>', id * 1.25"
            " from generate_series(%s::int, %s::int) as id",
            [first, last],
        )

    def run(self, job_type: str, name: str | None = None, **changes: Any) -> dict[str, Any]:
        """Run a job of `job_type` that names a definition; `changes` as for `context`."""
        return self.work(context(job_type, datasource=name, **changes))

    def work(self, job: RecordingContext) -> dict[str, Any]:
        """Run a job in its context."""
        return RUNS[job.job.type](job, self.catalogue)

    def query(self, query: str) -> list[tuple[Any, ...]]:
        """Return the rows of a query."""
        return self.connection.execute(query).fetchall()

    def visible(self) -> list[Path]:
        """Return the Parquet files that readers of the extract of orders see."""
        return sorted(self.catalogue.folder().glob("*/extracts/orders-*/current/*.parquet"))

    def all_files(self) -> list[Path]:
        """Return every file in the storage folder, hidden ones too."""
        return sorted(path for path in self.catalogue.folder().rglob("*") if path.is_file())


def open_shop(
    connection: psycopg.Connection[Any], dsn: str, mail: MailServer, folder: Path
) -> Shop:
    """Make a shop with 250 orders in an empty database, and its catalogue in `folder`."""
    connection.execute("create sequence numbers")
    connection.execute(
        "create table orders (id bigint primary key, customer text, amount numeric(10, 2))"
    )
    path = folder / "catalogue.toml"
    path.write_text(CATALOGUE.format(dsn=dsn, host=mail.host, port=mail.port))
    shop = Shop(connection, load_catalogue(path), mail)
    shop.add_orders(1, 250)
    return shop
