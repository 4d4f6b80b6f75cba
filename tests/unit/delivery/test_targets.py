"""Targets of a configuration file are read whole, and what is wrong is named by its key."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from pgdispatch.backgrounder.handler_sources import from_config
from pgdispatch.delivery.targets import Mailbox, Target, read_targets
from pgdispatch.delivery.webhook import Webhook
from pgdispatch.errors import InvalidInputError

SIGNED = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
MAIL = 'to = ["a@example.com"]\nsender = "b@example.com"\nhost = "mail"\n'


def read(text: str) -> dict[str, Target]:
    """Return the targets in a text."""
    return read_targets(tomllib.loads(text), Path("node.toml"))


def test_webhooks_and_mailboxes_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """Secrets are in the environment of the node, which is asked when it starts."""
    monkeypatch.setenv("SECRET", SIGNED)
    monkeypatch.setenv("URL", "https://example.com/x")

    targets = read(
        '[target.ops]\nurl_env = "URL"\nsecret_env = "SECRET"\n'
        f'[target."on.call"]\n{MAIL}port = 587'
    )

    assert isinstance(targets["ops"], Webhook)
    assert targets["ops"].url == "https://example.com/x"
    assert targets["ops"].key is not None
    assert isinstance(targets["on.call"], Mailbox)
    assert targets["on.call"].server.port == 587


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("target = 1", 'key "target" must hold tables'),
        ('[target."two words"]\nurl = "http://x"', '"two words", which is no name'),
        ("[target.x]", 'key "url" or url_env, or to, must be given'),
        ('[target.x]\nurl = "http://x"\nurl_env = "URL"', "not more than one of them"),
        ('[target.x]\nurl = "file:///etc/passwd"', "must be a URL"),
        ('[target.x]\nurl = "http://[x"', "must be a URL"),
        ('[target.x]\nurl_env = "NOT_SET"', "names NOT_SET, which is not set"),
        ('[target.x]\nurl = "http://x"\nsecret_env = "SHORT"', "no secret of a webhook"),
        ('[target.x]\nurl = "http://x"\nhost = "mail"', 'key "host" is not known'),
        (f"[target.x]\n{MAIL}".replace("a@", "a b@"), "which is no mail address"),
        (f"[target.x]\n{MAIL}".replace('["a@example.com"]', "[]"), 'key "to" is empty'),
        (f'[target.x]\n{MAIL}user = "u"\npassword_env = "NOT_SET"', "names NOT_SET"),
    ],
)
def test_what_is_wrong_is_refused(monkeypatch: pytest.MonkeyPatch, text: str, said: str) -> None:
    """With the file and the table."""
    monkeypatch.setenv("SHORT", "whsec_c2hvcnQ=")
    with pytest.raises(InvalidInputError) as refused:
        read(text)

    assert said in refused.value.message
    assert "configuration file node.toml" in refused.value.message


def test_a_node_with_targets_serves_notices(tmp_path: Path) -> None:
    """And no other one does."""
    path = tmp_path / "node.toml"
    path.write_text('[target.ops]\nurl = "http://127.0.0.1/"\n[handler.flow]\nprogram = ["true"]')

    assert from_config(path, dsn=None).types() == ["flow", "notice"]
