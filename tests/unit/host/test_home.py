"""An account need not have a home."""

from __future__ import annotations

from pathlib import Path

import pytest

from pgdispatch.errors import InvalidInputError
from pgdispatch.host.home import expanded


def test_a_path_in_a_home_that_is_not_there_is_refused_in_a_sentence() -> None:
    """Any other is taken as it is."""
    assert expanded(Path("/a/~")) == Path("/a/~")
    with pytest.raises(InvalidInputError, match="~nobody-at-all/x needs a home folder") as refused:
        expanded(Path("~nobody-at-all/x"))

    assert refused.value.hint == "write the whole path, or set HOME"
