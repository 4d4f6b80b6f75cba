"""What a careless or hostile caller sends: texts, numbers, instants and documents, by kind."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hypothesis import strategies as st

HUGE = "x" * 1_000_000
DEEP = 10_000
CANARY = "public.canary"
SQL = [
    f"'; drop table {CANARY}; --",
    f'"; drop table {CANARY}; --',
    f"$$; drop table {CANARY}; $$",
    f"\\'; drop table {CANARY}; --",
    f"'||(select pg_terminate_backend(pg_backend_pid()))||'drop table {CANARY}",
    *("%s %I %L %1$s %", "{0} {x} {", "\\", "'", '"', "--", "/*", "null", "NULL", "$1", ":x"),
]
SHELL = ["$(touch canary)", "`touch canary`", "; touch canary", "| touch canary", "-rf", "--help"]
PATHS = [
    *("../../canary", "/etc/passwd", "..", ".", "/", "~root", "a/../../canary", "C:\\canary"),
    *("file:///etc/passwd", "..%2f..%2fcanary", "link", "x" * 300, "./" * 3000, "\\\\host\\canary"),
]
UNICODE = [
    *("\u202eevil\u202c", "\u200b", "\ufeff", "e" + "\u0301" * 60, "\U0001f4a5", "\uffff", "ß"),
    *("\u2028", "\x85", "\x1b[2J\x1b]0;owned\x07", "a\rb\r\nX-Owned: yes", "\t\n", "\x7f\x08"),
]
NO_TEXT = ["\x00", "a\x00b", "\ud800", "\udcff", "a\udc80b"]  # nothing that a text can hold
TEXTS = ["", " ", *SQL, *SHELL, *PATHS, *UNICODE, HUGE]
NUMBERS = [
    *("0", "-0", "-1", "101", "32767", "32768", "-32769", "2147483647", "2147483648", "1e400"),
    *("9223372036854775807", "9223372036854775808", "9" * 400, "NaN", "Infinity", "-Infinity"),
    *("1.5", "1e3", "0x10", "1_000", "+5", " 5 ", "٣", "1,000", "", "five", "-2147483648"),
]
INSTANTS = [
    *("infinity", "-infinity", "4713-01-01 00:00 BC", "0001-01-01", "294276-12-31 23:59:59+00"),
    *("294277-01-01", "99999-01-01", "2026-02-30", "2026-01-01 25:00", "now", "epoch", "allballs"),
    *("9999-12-31 23:59:59.999999+00", "9999-12-31T23:59:59-15:00", "0001-01-01T00:00+15:00"),
    *("20000-01-01", "+99999999d", "+1e9d", "0044-03-15 BC"),
    *("2026-01-01", "2026-01-01 00:00:00.0000001+15:59", "10:30", "", "tomorrow"),
]
SPANS = [
    *("0", "-1 s", "1 us", "10 years", "10 years 1 s", "178000000 years", "infinity", "-infinity"),
    *("1 mon -31 days", "1e30 s", "5 s", "P1Y", "-0", ""),
]
DOCUMENTS = [
    *("{}", "[]", "1", '"x"', "null", "true", "", "{", '{"a": 1, "a": 2}', '{"a": NaN}', "'{}'"),
    *('{"\\u0000": 1}', '{"a": "\\u0000"}', '{"a": "\\ud800"}', '{"a": 1e999}', '{"": null}'),
    "[" * DEEP + "]" * DEEP,
    '{"a":' * DEEP + "1" + "}" * DEEP,
    '{"a":' * (DEEP // 20) + "1" + "}" * (DEEP // 20),
    '{"a": "' + HUGE + '"}',
    '{"a": ' + "9" * 5000 + "}",
    '{"definition": "../../canary", "path": "/etc/passwd", "x": "$(touch canary)"}',
    '{"a": "\u202e\x1b[2J"}',
]
LISTS = [
    *("{}", "{NULL}", "{1}", "{1,1}", "{1,2}", "{{1}}", "[5:5]={1}", "{0}", "{NaN}", "{", "{'}"),
    *("{a,b}", "{flow}", "{{flow}}", "[5:5]={flow}", "[0:1]={flow,NULL}"),
    "{" + "1," * 1000 + "1}",
    "{" + ",".join(map(str, range(1, 2001))) + "}",
]
TIMES = ["00:00", "24:00", "23:59:59.999", "25:00", "-01:00", "noon", "12:30", "allballs", ""]
UUIDS = ["00000000-0000-0000-0000-000000000000", "{}", "x", "0" * 33, "0" * 32, ""]
WORDS = ["t", "off", "yes", "maybe", "2", ""]
BY_TYPE: Mapping[str, list[str]] = {
    "text": [],
    **dict.fromkeys(("smallint", "integer", "bigint", "real", "double precision"), NUMBERS),
    "boolean": WORDS,
    "timestamp with time zone": INSTANTS,
    "time without time zone": TIMES,
    "interval": SPANS,
    "jsonb": DOCUMENTS,
    "uuid": UUIDS,
    **dict.fromkeys(("text[]", "bigint[]", "integer[]", "real[]", "jsonb[]"), LISTS),
}
texts = st.sampled_from(TEXTS) | st.text(max_size=40)
whatever = texts | st.sampled_from([*NUMBERS, *INSTANTS, *DOCUMENTS]) | st.sampled_from(NO_TEXT)


def bad(kind: str) -> st.SearchStrategy[str | None]:
    """Draw what may be sent for a value of an SQL type: nothing, an extreme one, or no such."""
    own = BY_TYPE.get(kind)
    likely = st.sampled_from(own) if own else texts
    return st.one_of(likely, likely, likely, whatever, st.none())


@st.composite
def spoiled(
    draw: st.DrawFn, good: Mapping[str, Any], kinds: Mapping[str, str], most: int = 3
) -> dict[str, str | None]:
    """Draw a row or call that would be good but for a few of its values; `kinds` are SQL types."""
    chosen = st.lists(st.sampled_from(sorted(kinds)), min_size=1, max_size=most, unique=True)
    return {**good, **{name: draw(bad(kinds[name])) for name in draw(chosen)}}
