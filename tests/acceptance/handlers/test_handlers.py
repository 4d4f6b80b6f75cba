"""Flows, alerts, subscriptions and housekeeping on a real database, with a real mail server."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from pgdispatch.demo.mail import MailServer
from pgdispatch.errors import InvalidInputError, PgdispatchError
from pgdispatch.handler import StoppedError
from pgdispatch.handlers.catalogue import load_catalogue
from pgdispatch.handlers.flow import REPLACING
from pgdispatch.testing import context
from support.handlers.shop import Shop, open_shop
from support.nodes.processes import wait_until
from support.servers.embedded import Connect

pytestmark = pytest.mark.usefixtures("newest_only")


@pytest.fixture
def shop(empty_database: str, connect: Connect, tmp_path: Path) -> Iterator[Shop]:
    """Give a shop with 250 orders."""
    with MailServer() as mail:
        yield open_shop(connect(empty_database), empty_database, mail, tmp_path)


def tables(shop: Shop) -> set[str]:
    """Return the names of all tables and schemas that are not PostgreSQL's own."""
    return {
        name
        for (name,) in shop.query("""
            select nspname || '.' || relname
            from pg_class
            join pg_namespace on pg_namespace.oid = relnamespace
            where relkind = 'r'
            and nspname !~ '^(pg_catalog|information_schema|pg_toast)'
        """)
    }


def test_a_flow_builds_its_result_and_drops_the_rest(shop: Shop) -> None:
    """With its index; the steps are told as they go."""
    job = context("flow", datasource="totals")

    result = shop.work(job)

    assert result == {"rows": 7, "steps": 2, "result": "public.total"}
    assert shop.query("select sum(amount) from total") == shop.query(
        "select sum(amount) from orders"
    )
    assert tables(shop) == {"public.orders", "public.total"}
    assert shop.query("select indexname from pg_indexes where tablename = 'total'")
    assert [note for _, note in job.reports] == ["step 1", "sum", "replace the result"]


def test_a_flow_replaces_its_result_with_the_grants_on_it(shop: Shop) -> None:
    """Readers keep their rights."""
    shop.run("flow", "totals")
    shop.connection.execute("grant select on total to public")
    shop.add_orders(251, 260)

    shop.run("flow", "totals")

    assert shop.query("select sum(amount) from total") == shop.query(
        "select sum(amount) from orders"
    )
    assert shop.query("""
        select privilege_type from information_schema.role_table_grants
        where table_name = 'total' and grantee = 'PUBLIC'
    """) == [("SELECT",)]


@pytest.mark.parametrize(
    ("name", "complaint"), [("broken", "division by zero"), ("forgetful", "made no table")]
)
def test_a_flow_that_fails_leaves_the_old_result(shop: Shop, name: str, complaint: str) -> None:
    """And nothing of its own."""
    shop.run("flow", "totals")

    with pytest.raises(PgdispatchError, match=complaint):
        shop.run("flow", name)

    assert shop.query("select count(*) from total") == [(7,)]
    assert tables(shop) == {"public.orders", "public.total"}


def test_of_two_flows_with_one_result_the_second_waits_for_the_first(
    shop: Shop, empty_database: str, connect: Connect
) -> None:
    """Neither has found an old one, so nothing else keeps them apart."""
    first = connect(empty_database, autocommit=False)
    first.execute(REPLACING, ['"public"."total"'])
    first.execute("create table total as select 1 as one")
    second = threading.Thread(target=shop.run, args=("flow", "totals"), daemon=True)
    second.start()
    waits = (
        "select from pg_locks where locktype = 'advisory' and not granted and database = "
        "(select oid from pg_database where datname = current_database())"
    )
    wait_until(lambda: len(shop.query(waits)) == 1)

    first.commit()
    second.join()

    assert len(shop.query("select customer from total")) == 7


def test_a_flow_without_a_result_is_one_transaction(shop: Shop) -> None:
    """It reports the rows of its last step."""
    assert shop.run("flow", "resultless")["rows"] == 10
    assert shop.query("select count(*) from orders") == [(240,)]


def test_a_step_may_not_end_the_transaction(shop: Shop) -> None:
    """All or nothing would not hold any more."""
    with pytest.raises(InvalidInputError, match='step "step 1" ended the transaction'):
        shop.run("flow", "committing")


def test_a_stop_interrupts_a_running_statement(shop: Shop) -> None:
    """The job need not wait for the statement to end."""
    job = context("flow", datasource="endless")

    def stop() -> None:
        wait_until(lambda: bool(shop.query(ours)))
        job.request_stop("timed out")

    ours = "select from pg_stat_activity where application_name = 'pgdispatch job 1 flow'"
    stopper = threading.Thread(target=stop)
    stopper.start()
    with pytest.raises(StoppedError, match="timed out"):
        shop.work(job)
    stopper.join()


def test_an_alert_tells_people_when_its_condition_holds(shop: Shop) -> None:
    """By mail, with the value."""
    result = shop.run("alert", "many")

    assert result == {"rows": 1, "value": 250, "fired": True, "notified": 1}
    assert shop.mail.messages[0]["Subject"] == "Alert: many"
    assert "many: 250 is above 200" in shop.mail.messages[0].get_content()


def test_an_alert_is_quiet_when_its_condition_does_not_hold(shop: Shop) -> None:
    """No mail."""
    shop.connection.execute("delete from orders where id > 200")

    result = shop.run("alert", "many")

    assert (result["value"], result["fired"], result["notified"]) == (200, False, 0)
    assert shop.mail.messages == []


def test_an_alert_needs_one_value(shop: Shop) -> None:
    """It cannot know which of several is meant."""
    with pytest.raises(InvalidInputError, match="must return one value"):
        shop.run("alert", "ambiguous")


def test_an_alert_cannot_write(shop: Shop) -> None:
    """Its transaction is read-only."""
    with pytest.raises(PgdispatchError, match="read-only transaction"):
        shop.run("alert", "writing")


def test_a_subscription_is_written_and_sent(shop: Shop) -> None:
    """As HTML, to every recipient, with no more rows than asked for."""
    result = shop.run("subscription", "report")

    (message,) = shop.mail.messages
    html = message.get_body(("html",))
    assert html is not None
    assert (result["rows"], result["sent"]) == (3, 2)
    assert message["Subject"] == "Orders of the day"
    assert message["X-Envelope-To"] == "one@example.com, two@example.com"
    assert "312.50" in html.get_content()
    assert "&lt;c5&gt;" in html.get_content()
    assert "Only the first 3 rows are shown" in html.get_content()
    assert (shop.catalogue.folder() / result["file"]).read_text() == (
        html.get_content().replace("\r\n", "\n")
    )


def test_a_report_shows_texts_whatever_encoding_a_database_sets(shop: Shop) -> None:
    """A client that takes SQL_ASCII as it comes gets bytes."""
    name = shop.connection.info.dbname
    shop.connection.execute(f"alter database {name} set client_encoding = 'SQL_ASCII'")
    shop.connection.execute("insert into orders values (1000, 'Élan', 9000)")

    result = shop.run("subscription", "report")

    assert ">Élan<" in (shop.catalogue.folder() / result["file"]).read_text()


def test_a_mail_server_that_is_away_fails_the_job(shop: Shop) -> None:
    """The report is there all the same."""
    broken = shop.catalogue.path.read_text().replace(f"port = {shop.mail.port}", "port = 1")
    shop.catalogue.path.write_text(broken)
    without_mail = Shop(shop.connection, load_catalogue(shop.catalogue.path), shop.mail)

    with pytest.raises(PgdispatchError, match=r"mail server 127\.0\.0\.1:1: .*refused"):
        without_mail.run("subscription", "report")

    assert len(shop.all_files()) == 1


def test_housekeeping_leaves_what_is_in_use(shop: Shop) -> None:
    """Extracts and young reports stay."""
    shop.run("full_extract", "orders")
    shop.run("subscription", "report")
    before = shop.all_files()

    result = shop.run("system")

    assert result["rows"] == 0
    assert shop.all_files() == before
