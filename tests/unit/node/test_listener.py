"""Where application servers listen."""

from __future__ import annotations

import pytest

from pgdispatch.errors import InvalidInputError, PgdispatchError
from pgdispatch.node.listener import address_of, open_listener, split_address


@pytest.mark.parametrize(
    ("address", "host", "port"),
    [
        ("127.0.0.1:8050", "127.0.0.1", 8050),
        ("0.0.0.0:0", "0.0.0.0", 0),  # noqa: S104
        ("[::1]:80", "::1", 80),
        ("etl-1.example:65535", "etl-1.example", 65535),
    ],
)
def test_an_address_is_a_host_and_a_port(address: str, host: str, port: int) -> None:
    """With brackets around what has colons of its own."""
    assert split_address(address) == (host, port)


@pytest.mark.parametrize(
    "address",
    [
        "",
        ":",
        "8050",
        ":8050",
        "host:",
        "host:-1",
        "host:65536",
        "::1:80",
        "host:8²",
        "host:" + "9" * 5000,
    ],
)
def test_anything_else_is_refused_with_an_example(address: str) -> None:
    """Nothing is guessed: all networks are named, too."""
    with pytest.raises(InvalidInputError) as refused:
        split_address(address)

    assert "127.0.0.1:8050" in str(refused.value.hint)


@pytest.mark.parametrize("host", ["127.0.0.1", "[::1]", "localhost"])
def test_port_0_takes_one_that_is_free(host: str) -> None:
    """Two of them never the same."""
    with open_listener(f"{host}:0") as one, open_listener(f"{host}:0") as other:
        addresses = {address_of(one), address_of(other)}

    assert len(addresses) == 2
    assert not [address for address in addresses if address.endswith(":0")]


@pytest.mark.parametrize("host", ["x" * 70, "a..b", "\u202e", "../../etc/passwd", "$(id)"])
def test_a_host_that_is_no_name_is_refused_with_a_hint(host: str) -> None:
    """Whether it is refused here or by whoever is asked for names."""
    with pytest.raises(PgdispatchError, match="cannot listen on") as refused:
        open_listener(f"{host}:0")

    assert "--listen" in str(refused.value.hint)


def test_an_address_that_is_taken_is_refused_with_a_hint() -> None:
    """So is one of another machine, which is documentation's here."""
    with open_listener("127.0.0.1:0") as listener:
        for address in (address_of(listener), "192.0.2.1:8050"):
            with pytest.raises(PgdispatchError, match="cannot listen on") as refused:
                open_listener(address)

            assert "--listen" in str(refused.value.hint)
