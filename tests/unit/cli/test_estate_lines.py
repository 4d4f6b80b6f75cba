"""On which line something of a TOML file stands."""

from __future__ import annotations

from pgdispatch_cli.estate.toml_lines import lines_of

FILE = '''\
# [[task]]
format = 1 # "
node = {}
[site."a.b"] # [x]
timeouts = { flow = "2h", x = "]" }
  [ site . \'c\' ]

[[task]]
title = """
[[task]]
title = "no\\""""
a."b=c".d = [ # ]
  1, \'\'\'
key = 2\'\'\', ["]"],
]
[task.args]
table = 5
[[task]]
title = 'x = "'
[[task.steps]]
n = 1
[[task.steps]]
n = 2'''
LINES = {
    ("format",): 2,
    ("node",): 3,
    ("site",): 4,
    ("site", "a.b"): 4,
    ("site", "a.b", "timeouts"): 5,
    ("site", "c"): 6,
    ("task",): 8,
    ("task", 0): 8,
    ("task", 0, "title"): 9,
    ("task", 0, "a"): 12,
    ("task", 0, "a", "b=c"): 12,
    ("task", 0, "a", "b=c", "d"): 12,
    ("task", 0, "args"): 16,
    ("task", 0, "args", "table"): 17,
    ("task", 1): 18,
    ("task", 1, "title"): 19,
    ("task", 1, "steps"): 20,
    ("task", 1, "steps", 0): 20,
    ("task", 1, "steps", 0, "n"): 21,
    ("task", 1, "steps", 1): 22,
    ("task", 1, "steps", 1, "n"): 23,
}


def test_headers_and_keys_are_told_from_what_looks_like_them() -> None:
    """In strings of all kinds, lists, and comments; also where lines end as on Windows."""
    assert lines_of(FILE) == LINES
    assert lines_of(FILE.replace("\n", "\r\n")) == LINES
