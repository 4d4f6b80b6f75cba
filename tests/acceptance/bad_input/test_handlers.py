"""Jobs that ask the ready-made handlers for what is none of their business: paths, SQL, shell.

HYPOTHESIS_PROFILE=long looks for longer. On the newest server only, to save time.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from psycopg.types.json import set_json_loads

from pgdispatch.backgrounder.procedure_handler import procedure
from pgdispatch.backgrounder.program_handler import program
from pgdispatch.backgrounder.runner import run
from pgdispatch.demo.mail import MailServer
from pgdispatch.errors import PgdispatchError
from pgdispatch.handler import Handlers
from pgdispatch.handlers.registry import RUNS
from pgdispatch.testing import context
from support.bad_input.effort import effort
from support.bad_input.fingerprint import set_canary, untouchable
from support.bad_input.values import DOCUMENTS, HUGE, texts
from support.handlers.shop import Shop, open_shop
from support.servers.embedded import Connect

pytestmark = [pytest.mark.usefixtures("newest_only"), pytest.mark.timeout(3600)]
NAMES = ["orders", "kinds", "totals", "broken", "resultless", "many", "ambiguous", "report"]
TOO_DEEP = "RecursionError: maximum recursion depth exceeded"
PROCEDURE = """
create table kept (args jsonb);
create procedure keep(job jsonb) language sql as 'insert into kept values (job->''args'')'
"""


def stored(text: str) -> str:
    """Return a text as a database can hold it."""
    return text.replace("\x00", "").encode(errors="replace").decode()


held = texts.filter(lambda text: text != HUGE).map(stored)
short = held.map(lambda text: text[:100])  # as a site's name
names = st.sampled_from(NAMES) | held
values = held | st.none() | st.integers() | st.lists(held, max_size=3) | st.dictionaries(held, held)
arguments = st.dictionaries(
    st.sampled_from(["definition", "path", "folder", "query", "sql", "source", "result"]) | held,
    names | values,
    max_size=4,
)


@pytest.fixture
def shop(
    empty_database: str, connect: Connect, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Shop]:
    """Give a shop whose storage folder has a link that leads out of it."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "canary").write_text("alive")
    (tmp_path / "files").mkdir()
    (tmp_path / "files" / "link").symlink_to(tmp_path / "outside")
    with MailServer() as mail:
        connection = connect(empty_database)
        set_canary(connection)
        yield open_shop(connection, empty_database, mail, tmp_path)


def outside(folder: Path) -> dict[str, bytes]:
    """Return all files that are none of the handlers' business."""
    return {
        str(path): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and "files" not in path.relative_to(folder).parts
    }


@pytest.mark.parametrize("job_type", RUNS)
def test_a_job_gets_what_its_name_stands_for_or_a_clear_error(
    shop: Shop, job_type: str, tmp_path: Path
) -> None:
    """Nothing is written outside of the storage folder; nothing that a row says is executed."""
    before = outside(tmp_path)
    code = fingerprint_of_code(shop)

    numbers = count(1)  # reports of one job and second have one name

    @effort(5)
    @given(name=st.none() | names, args=arguments, site=st.just("default") | short, title=held)
    def try_job(name: str | None, args: dict[str, Any], site: str, title: str) -> None:
        error = None
        try:
            shop.run(job_type, name, id=next(numbers), args=args, site=site, title=title)
        except PgdispatchError as refused:
            error = refused

        assert error is None or len(error.message) < 1000
        assert outside(tmp_path) == before
        assert [path for path in shop.all_files() if not is_inside(path, tmp_path)] == []

    try_job()
    assert fingerprint_of_code(shop) == code


@pytest.mark.parametrize(
    ("job_type", "name"), [("full_extract", "orders"), ("subscription", "report")]
)
def test_no_site_leads_out_of_the_storage_folder(
    shop: Shop, job_type: str, name: str, tmp_path: Path
) -> None:
    """Neither by what it is called nor by a link that is there."""
    sites = ["../../canary", "..", "link", str(tmp_path / "canary"), "x" * 100, ".", "a/b", "\\"]
    before = outside(tmp_path)

    for site in sites:
        shop.run(job_type, name, site=site)

    assert outside(tmp_path) == before
    assert len(shop.all_files()) == len(sites)
    assert [path for path in shop.all_files() if not is_inside(path, tmp_path)] == []


def is_inside(path: Path, folder: Path) -> bool:
    """Tell whether a file is in the storage folder, whatever links there are."""
    return path.resolve().is_relative_to(folder / "files")


def fingerprint_of_code(shop: Shop) -> dict[str, str]:
    """Return what no handler has to change: roles and the canary."""
    found = untouchable(shop.connection)
    return {name: found[name] for name in found if name != "relations"}


def readable(text: str) -> dict[str, Any]:
    """Return a document that Python reads and PostgreSQL holds, or an empty one."""
    try:
        found = json.loads(text)
        json.dumps(found, allow_nan=False, ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) and "\\u0000" not in text else {}


documents = st.sampled_from(DOCUMENTS).map(readable) | arguments


def test_programs_and_procedures_get_the_arguments_as_they_are(
    shop: Shop, empty_database: str, tmp_path: Path
) -> None:
    """To the byte, by way of no shell and no SQL."""
    shop.connection.execute(PROCEDURE)
    set_json_loads(str, shop.connection)
    handlers = Handlers()
    handlers.add("system", program(["sh", "-c", "cat > got"]))
    handlers.add("flow", procedure("public.keep", dsn=empty_database))
    before = set(outside(tmp_path))

    @effort(8)
    @given(args=documents, title=held)
    def try_job(args: dict[str, Any], title: str) -> None:
        endings = [
            run(context(kind, args=args, title=title), handlers) for kind in ("system", "flow")
        ]

        if [ending.outcome for ending in endings] == ["succeeded", "succeeded"]:
            got = json.loads((tmp_path / "got").read_text())
            assert (got["args"], got["title"]) == (args, title)
            assert shop.connection.execute(
                "delete from kept returning args = %s::jsonb", [json.dumps(args)]
            ).fetchall() == [(True,)]
        assert {ending.error for ending in endings} <= {None, TOO_DEEP}
        assert set(outside(tmp_path)) - before == {str(tmp_path / "got")}

    try_job()
