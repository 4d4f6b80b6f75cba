"""Build the container image without docker and without a registry of images, and run it.

buildah needs neither a daemon nor namespaces (`--isolation chroot`); the base that the Dockerfile
wants is made by debootstrap. Root only, on Debian or a relative of it.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from support.checkout import ROOT
from support.nodes.node import MARK, Node
from support.nodes.processes import parent_of

SUITE = "bookworm"
PACKAGES = "python3,python3-venv,ca-certificates"
CERTIFICATES = "/etc/ssl/certs/ca-certificates.crt"
BASE, NAME = "pgdispatch-base", "pgdispatch"
BUILD_TIMEOUT = 900


class BuildFailedError(Exception):
    """A step of the build failed; the text is the end of what it wrote."""


def leader_of(node: Node) -> int:
    """Return the process that is the command itself: that nobody in the container has started."""
    family = node.family()
    (leader,) = [pid for pid in family if parent_of(pid) not in family]
    return leader


def missing_tools() -> list[str]:
    """Return what this machine lacks to build the image."""
    lacks = [name for name in ("buildah", "debootstrap") if shutil.which(name) is None]
    return lacks if os.geteuid() == 0 else [*lacks, "root"]


@dataclass(frozen=True)
class Image:
    """The image that was built, in a store of its own under `folder`, and one container of it."""

    folder: Path
    container: str

    def facts(self) -> dict[str, Any]:
        """Return the image's configuration as docker knows it: User, Entrypoint, Healthcheck, …."""
        told = json.loads(buildah(self.folder, "inspect", "--type", "image", NAME))
        found: dict[str, Any] = told["Docker"]["config"]
        return found

    def added_bytes(self) -> int:
        """Return by how much the image is larger than its base, unpacked."""
        mounted = buildah(self.folder, "mount", self.container).strip()
        return disk_usage(Path(mounted)) - disk_usage(self.folder / "base")

    def run(
        self, *command: str, log_file: Path, volumes: Mapping[Path, str], **environment: str
    ) -> Node:
        """Start `command` in the container, as the image's user, on this host's network.

        `volumes` are folders of the host and where they are seen, to be read only. `environment`
        is added to the image's. The node's process is buildah's, which passes on no signal.
        """
        mark = uuid.uuid4().hex
        options = [f"--env={name}={value}" for name, value in {**environment, MARK: mark}.items()]
        options += [f"--volume={folder}:{place}:ro" for folder, place in volumes.items()]
        run = ("run", "--isolation", "chroot")
        with log_file.open("wb") as log:
            process = subprocess.Popen(
                command_line(self.folder, *run, *options, self.container, "--", *command),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        return Node(command[0], process, log_file, mark)


def build_image(folder: Path, *, arguments: Mapping[str, str] | None = None) -> Image:
    """Build docker/Dockerfile on a base made here, storing everything under `folder`.

    `arguments` are build arguments. Takes minutes and fetches packages from the registries that
    this machine is set up for. Raises BuildFailedError.
    """
    make_base(folder)
    given = [f"--build-arg={name}={value}" for name, value in (arguments or {}).items()]
    buildah(
        folder,
        "build",
        "--isolation=chroot",
        "--format=docker",
        "--pull-never",
        f"--build-arg=BASE=localhost/{BASE}",
        *given,
        f"--file={ROOT / 'docker' / 'Dockerfile'}",
        f"--tag={NAME}",
        str(ROOT),
    )
    return Image(folder, buildah(folder, "from", "--pull-never", NAME).strip())


def make_base(folder: Path) -> None:
    """Make the image that stands for Python's own: Debian with Python, and nothing else."""
    tree = folder / "base"
    step(["debootstrap", "--variant=minbase", f"--include={PACKAGES}", SUITE, str(tree)])
    shutil.rmtree(tree / "var" / "cache" / "apt")
    shutil.rmtree(tree / "var" / "lib" / "apt" / "lists")
    container = buildah(folder, "from", "scratch").strip()
    if trusted := os.environ.get("SSL_CERT_FILE"):  # what this machine trusts, the build trusts too
        shutil.copyfile(trusted, tree / CERTIFICATES.removeprefix("/"))
        for name in ("SSL_CERT_FILE", "PIP_CERT"):
            buildah(folder, "config", "--env", f"{name}={CERTIFICATES}", container)
    buildah(folder, "copy", container, str(tree), "/")
    buildah(folder, "commit", "--format=docker", "--rm", container, BASE)


def remove_images(folder: Path) -> None:
    """Remove the store with everything in it."""
    buildah(folder, "rm", "--all")
    buildah(folder, "rmi", "--all", "--force")
    shutil.rmtree(folder)


def buildah(folder: Path, *arguments: str) -> str:
    """Run buildah on the store in `folder` and return what it printed."""
    return step(command_line(folder, *arguments))


def command_line(folder: Path, *arguments: str) -> list[str]:
    """Return the command line of buildah on the store in `folder`."""
    places = [f"--root={folder / 'store'}", f"--runroot={folder / 'run'}", "--storage-driver=vfs"]
    return ["buildah", *places, *arguments]


def step(command: list[str]) -> str:
    """Run one step of the build and return what it printed."""
    done = subprocess.run(
        command,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=BUILD_TIMEOUT,
        check=False,
    )
    if done.returncode != 0:
        said = "\n".join((done.stdout + done.stderr).splitlines()[-40:])
        raise BuildFailedError(f"{' '.join(command)}: status {done.returncode}\n{said}")
    return done.stdout


def disk_usage(folder: Path) -> int:
    """Return the bytes of all files under `folder`."""
    told = step(["du", "--summarize", "--bytes", "--one-file-system", str(folder)])
    return int(told.split()[0])
