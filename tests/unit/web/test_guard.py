"""Whom the console believes what a proxy says."""

from __future__ import annotations

import pytest

from pgdispatch.web.console.guard import is_trusted


@pytest.mark.parametrize(
    ("peer", "is_believed"),
    [
        ("10.0.0.5", True),
        ("10.0.0.6", False),
        ("192.168.7.9", True),
        ("192.169.0.1", False),
        ("fd00::7", True),
        ("fe80::7", False),
        ("", False),
        ("somebody", False),
    ],
)
def test_addresses_and_networks_are_believed_and_nobody_else(peer: str, is_believed: bool) -> None:
    """Of either kind of address."""
    assert is_trusted(peer, ("10.0.0.5", "192.168.0.0/16", "fd00::/8")) is is_believed
