"""The faults to plant follow the code: each fits what is there, and names tests that are there."""

from __future__ import annotations

import pytest

from mutation.fault import Fault, MisplacedFaultError, read_faults
from mutation.program import main
from support.checkout import ROOT


def test_each_fault_fits_the_code_and_its_tests_are_there() -> None:
    """Whoever changes such a line changes the table, too."""
    faults = read_faults()

    assert len({fault.name for fault in faults}) == len(faults)
    assert [name for one in faults for name in one.tests if not (ROOT / name).is_file()] == []
    assert all(fault.tests and fault.old != fault.new for fault in faults)


def test_a_fault_whose_text_is_gone_or_is_there_twice_is_refused() -> None:
    """It would plant nothing, or two faults."""
    fault = Fault("less", "x.sql", "a < b", "a <= b", ("t.py",))

    assert fault.planted("where a < b;") == "where a <= b;"
    for text in ("where a > b;", "a < b or a < b"):
        with pytest.raises(MisplacedFaultError, match=r"less: x.sql has \d times: a < b"):
            fault.planted(text)


def test_the_list_fits_80_columns(capsys: pytest.CaptureFixture[str]) -> None:
    """One line each."""
    assert main(["--list"]) == 0

    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == len(read_faults())
    assert max(map(len, lines)) <= 80


def test_names_that_no_fault_has_are_refused() -> None:
    """Rather than planting none and calling it well."""
    with pytest.raises(SystemExit, match="no fault has such a name"):
        main(["--only", "nothing like it"])
