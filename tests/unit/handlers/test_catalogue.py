"""The catalogue file: what is in it, and that whatever is wrong is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from pgdispatch.errors import InvalidInputError, NotFoundError
from pgdispatch.handlers.catalogue import Catalogue, definition_for, load_catalogue
from pgdispatch.testing import context

BASE = """
[storage]
folder = "files"
[source.flights]
dsn = "dbname=flights"
[mail]
host = "localhost"
sender = "jobs@example.com"
"""
EXTRACT = '[extract.a]\nsource = "flights"\nquery = "select 1"\n'
ALERT = '[alert.a]\nsource = "flights"\nquery = "select 1"\n'
FLOW = '[flow.a]\nsource = "flights"\n'
REPORT = '[subscription.a]\nsource = "flights"\n'
SECTION = 'sections = [{heading = "h", query = "select 1"}]\n'


def load(folder: Path, text: str) -> Catalogue:
    """Write a catalogue file and load it."""
    path = folder / "catalogue.toml"
    path.write_text(text)
    return load_catalogue(path)


def test_the_example_of_the_documentation_is_a_catalogue(tmp_path: Path) -> None:
    """The module's docstring can be copied, but for the template that it names."""
    import pgdispatch.handlers.catalogue as module  # noqa: PLC0415 - it is the thing tested

    example = (module.__doc__ or "").split("\n\n", 1)[1].rsplit("\n\n", 1)[0]
    (tmp_path / "report.html").write_text("")

    catalogue = load(tmp_path, example)

    assert catalogue.extracts["flights by day"].watermark == "time_hour"
    assert catalogue.flows["joined flights"].result == ("flights", "joined")
    assert [step.name for step in catalogue.flows["joined flights"].steps] == ["step 1", "step 2"]
    assert catalogue.alerts["late departures"].threshold == 60
    assert catalogue.subscriptions["daily report"].template == tmp_path / "report.html"
    assert catalogue.housekeeping.reports_for_days == 30


def test_a_relative_storage_folder_starts_at_the_catalogue(tmp_path: Path) -> None:
    """It does not depend on where the worker is started."""
    assert load(tmp_path, BASE).folder() == tmp_path / "files"


def test_the_semicolon_that_ends_a_query_is_taken_off(tmp_path: Path) -> None:
    """A query is used inside another one."""
    text = BASE + '[extract.a]\nsource = "flights"\nquery = "select 1 ; \\n"'

    assert load(tmp_path, text).extracts["a"].query == "select 1"


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("[storage", "is not valid TOML"),
        ("[strage]\nfolder = '.'", 'top level: key "strage" is not known'),
        ("[storage]\nfolder = ''", '[storage]: key "folder" must be a text'),
        ("[source]\nflights = 3", 'top level: key "source" "flights" must be a table'),
        (BASE + '[flow."a\\nb"]', "must be a table with a name"),
        ("[source.a]\n", '[source."a"]: key "dsn" or dsn_env must be given'),
        ("[source.a]\ndsn = 'secret'\n", '[source."a"]: key "dsn" is not a connection string'),
        (BASE + EXTRACT + "watermak = 'x'", '[extract."a"]: key "watermak" is not known'),
        (BASE + EXTRACT + "batch_rows = 0", 'key "batch_rows" must be a whole number from 1'),
        (BASE + "[extract.a]\nsource = 'x'\nquery = 'y'", 'key "source" names "x"'),
        (BASE + "[extract.a]\nsource = 'flights'", '[extract."a"]: key "query" is missing'),
        (BASE + ALERT, 'key "above" or one of its kind must be given once'),
        (BASE + ALERT + "above = 1\nbelow = 2", 'key "above" or one of its kind'),
        (BASE + ALERT + "above = 'high'", 'key "above" must be a number'),
        (BASE + ALERT + "above = 1\nrecipients = ['ops']", 'holds "ops", which is no mail'),
        (BASE + ALERT + 'above = 1\nsubject = "a\\nb"', 'key "subject" must be one line'),
        (BASE + FLOW, 'key "steps" must be a list of SQL texts'),
        (BASE + FLOW + "steps = [3]", "has a step 1 that is neither"),
        (BASE + FLOW + "steps = [{sq = 'x'}]", '[flow."a"], step 1: key "sql" is missing'),
        (BASE + FLOW + "steps = ['x']\nresult = 'joined'", 'key "result" must be schema.table'),
        (BASE + REPORT, 'key "sections" is missing'),
        (BASE + REPORT + SECTION + "template = 'no.html'", "which is no file"),
        (BASE + "[housekeeping]\npartials_for_hours = 0", "must be a number of at least 1"),
        (BASE.replace('"localhost"', '"x"\nport = 0'), '[mail]: key "port" must be a whole'),
    ],
)
def test_what_is_wrong_is_named_by_file_table_and_key(
    tmp_path: Path, text: str, complaint: str
) -> None:
    """Every refusal says where to look."""
    with pytest.raises(InvalidInputError) as refused:
        load(tmp_path, text)

    assert complaint in refused.value.message
    assert "catalogue.toml" in refused.value.message
    assert "secret" not in f"{refused.value.message}{refused.value.hint}"


def test_an_unknown_key_is_refused_with_the_one_that_is_meant(tmp_path: Path) -> None:
    """A misspelt optional key must not be ignored."""
    with pytest.raises(InvalidInputError) as refused:
        load(tmp_path, BASE + EXTRACT + 'watermak = "x"')

    assert 'did you mean "watermark"?' in (refused.value.hint or "")


def test_a_byte_order_mark_is_read_over(tmp_path: Path) -> None:
    """As some editors write one."""
    assert load(tmp_path, "\ufeff") == load(tmp_path, "")


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    """The hint names the variable that names the file."""
    with pytest.raises(InvalidInputError, match="cannot be read: No such file"):
        load_catalogue(tmp_path / "catalogue.toml")


def test_a_source_may_take_its_dsn_from_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So that no password has to be in the file."""
    source = load(tmp_path, '[source.a]\ndsn_env = "A_DSN"').sources["a"]
    with pytest.raises(InvalidInputError, match="A_DSN is not set"):
        source.conninfo()
    monkeypatch.setenv("A_DSN", "dbname=a")

    assert source.conninfo() == "dbname=a"


def test_a_job_names_a_definition_by_argument_or_datasource(tmp_path: Path) -> None:
    """The argument wins."""
    catalogue = load(tmp_path, BASE + EXTRACT + EXTRACT.replace(".a]", ".b]"))
    by_datasource = context("full_extract", datasource="a").job
    by_argument = context("full_extract", datasource="a", args={"definition": "b"}).job

    assert definition_for(by_datasource, "extract", catalogue.extracts).name == "a"
    assert definition_for(by_argument, "extract", catalogue.extracts).name == "b"


@pytest.mark.parametrize("argument", [None, 3, "", ["a"]])
def test_a_job_that_names_no_definition_is_refused(tmp_path: Path, argument: object) -> None:
    """Arguments are data of any shape."""
    catalogue = load(tmp_path, BASE + EXTRACT)
    job = context("full_extract", args={"definition": argument}).job

    with pytest.raises(InvalidInputError, match="job 1 names no extract"):
        definition_for(job, "extract", catalogue.extracts)


def test_a_definition_of_other_sites_is_not_found(tmp_path: Path) -> None:
    """A site learns not even that it exists."""
    catalogue = load(tmp_path, BASE + EXTRACT + 'sites = ["north"]')
    there = context("full_extract", datasource="a", site="north").job
    elsewhere = context("full_extract", datasource="a", site="south").job

    assert definition_for(there, "extract", catalogue.extracts).name == "a"
    with pytest.raises(NotFoundError) as refused:
        definition_for(elsewhere, "extract", catalogue.extracts)
    assert refused.value.detail == "defined: none"
