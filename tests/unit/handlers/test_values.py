"""Values: watermarks, thresholds of alerts, cells of reports."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from pgdispatch.errors import InvalidInputError, PgdispatchError
from pgdispatch.handlers.alert import holds
from pgdispatch.handlers.catalogue.definition import Alert, Section, Source, Subscription
from pgdispatch.handlers.extract.watermark import Watermark
from pgdispatch.handlers.subscription import Filled, render, show
from pgdispatch.testing import context

SOURCE = Source("flights", dsn="dbname=flights")


def alert(condition: Any, threshold: Any) -> Alert:
    """Return an alert with this condition."""
    return Alert("late", (), SOURCE, "select 1", condition, threshold, (), None)


def report(template: Path | None = None) -> Subscription:
    """Return a subscription with one section."""
    section = Section("By carrier", "select 1", 10)
    return Subscription("daily", (), SOURCE, "Flights & more", (section,), (), template)


@pytest.mark.parametrize(
    ("condition", "threshold", "value", "expected"),
    [
        ("above", 60, 61, True),
        ("above", 60, 60, False),
        ("at_least", 60, Decimal("60.0"), True),
        ("below", 0.5, 0.25, True),
        ("at_most", 3, 4, False),
        ("equals", 3, Decimal(3), True),
        ("equals", "late", "late", True),
        ("equals", True, False, False),
        ("differs_from", "ok", "late", True),
        ("above", 60, None, False),
        ("differs_from", "ok", None, False),
        ("above", 60, Decimal("NaN"), False),
    ],
)
def test_an_alert_holds_by_its_condition(
    condition: str, threshold: Any, value: Any, expected: bool
) -> None:
    """Nothing to compare never fires."""
    assert holds(alert(condition, threshold), value) is expected


@pytest.mark.parametrize(("threshold", "value"), [(60, "late"), (60, True), (True, 1)])
def test_an_alert_refuses_a_value_of_another_kind(threshold: Any, value: Any) -> None:
    """A wrong query must not look like a quiet alert."""
    with pytest.raises(InvalidInputError, match="cannot be compared"):
        holds(alert("equals", threshold), value)


def test_a_watermark_survives_its_file() -> None:
    """What is decoded is what was encoded."""
    watermark = Watermark("time_hour", "timestamptz", "2013-01-01T10:00:00+00:00")

    assert Watermark.decode(watermark.encode()) == watermark


def test_a_watermark_without_a_value_asks_for_rows_that_have_one() -> None:
    """The extract was empty so far."""
    assert Watermark("id", "bigint", None).condition().as_string(None) == (
        'where "q"."id" is not null'
    )


def test_a_watermark_is_a_literal_of_its_type() -> None:
    """Quotes in it stay data."""
    assert Watermark('i"d', "date", "a'b").condition().as_string(None) == (
        """where "q"."i""d" > 'a''b'::date"""
    )


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (None, ""),
        (1234.5678, "1,234.57"),
        (0.00123, "0.00123"),
        (0, "0"),
        (2013, "2013"),
        (Decimal("1234.50"), "1,234.50"),
        (Decimal("20.2155425219941349"), "20.22"),
        (Decimal("NaN"), "NaN"),
        (datetime(2013, 1, 2, 3, 4, 5, 6, tzinfo=UTC), "2013-01-02 03:04:05+00:00"),
    ],
)
def test_cells_are_shown_for_people(value: Any, shown: str) -> None:
    """Null is empty, zero is not."""
    assert show(value) == shown


def test_a_report_escapes_whatever_comes_from_outside() -> None:
    """Titles, columns and values."""
    section = Filled("<h>", ("<c>",), [["<script>alert(1)</script>"]], cut=True)

    html = render(context("subscription"), report(), [section], datetime.now(UTC))

    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html
    assert "<h1>Flights &amp; more</h1>" in html
    assert "<script>" not in html
    assert "Only the first 1 rows are shown" in html


def test_a_template_of_the_operator_is_used(tmp_path: Path) -> None:
    """Escaped too, whatever its file is called."""
    template = tmp_path / "own.txt"
    template.write_text("{{ title }}: {{ sections[0].rows[0][0] | show }}")
    section = Filled("h", ("c",), [["<b>"]], cut=False)

    html = render(context("subscription"), report(template), [section], datetime.now(UTC))

    assert html == "Flights &amp; more: &lt;b&gt;"


@pytest.mark.parametrize("text", ["{{ nothing }}", "{% if %}"])
def test_a_wrong_template_is_named(tmp_path: Path, text: str) -> None:
    """With what it may use."""
    template = tmp_path / "own.html"
    template.write_text(text)

    with pytest.raises(PgdispatchError, match=r'"daily": template own\.html'):
        render(context("subscription"), report(template), [], datetime.now(UTC))
