"""Environments with a wheel in them, which borrow everything else from this one."""

from __future__ import annotations

import subprocess
import sysconfig
import venv
import zipfile
from dataclasses import dataclass
from pathlib import Path

from support.checkout import TESTS
from support.cli.command import Finished, command_environment

BORROWED = "borrowed.pth"


@dataclass(frozen=True)
class Environment:
    """An environment of Python in a folder of its own."""

    folder: Path

    @property
    def python(self) -> Path:
        """The interpreter that sees what is in it."""
        return self.folder / "bin" / "python"

    @property
    def variables(self) -> dict[str, str]:
        """What a node has to be told, so that it sees no other package: support alone."""
        return {"PYTHONPATH": str(TESTS)}

    def run(self, dsn: str, *arguments: str) -> Finished:
        """Run its `pgdispatch` command on a database until it ends, outside of any checkout."""
        done = subprocess.run(
            [str(self.python), "-m", "pgdispatch_cli", *arguments],
            cwd=self.folder,
            env=command_environment(dsn),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        return Finished(done.returncode, done.stdout, done.stderr)


def environment_with(wheel: Path, folder: Path) -> Environment:
    """Make an environment and unpack a wheel into it, as installers do; nothing is fetched.

    Dependencies are those of this process, after it: a checkout that is installed here is not seen.
    """
    venv.create(folder, with_pip=False, symlinks=True)
    bases = {"base": str(folder), "platbase": str(folder)}
    site = Path(sysconfig.get_path("purelib", "venv", bases))
    with zipfile.ZipFile(wheel) as packed:
        packed.extractall(site)
    own = dict.fromkeys(sysconfig.get_path(name) for name in ("purelib", "platlib"))
    (site / BORROWED).write_text("".join(f"{path}\n" for path in own))
    return Environment(folder)
