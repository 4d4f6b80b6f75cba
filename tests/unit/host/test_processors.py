"""How many processors a process may use, as the files of its control groups say."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from pgdispatch.host.processors import available_processors, quotas

VERSION_1 = Path("/sys/fs/cgroup/cpu")
MOUNT_2 = "29 23 0:26 {root} /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate"
MOUNT_1 = "33 31 0:30 {root} /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct"
PIDS = "39 31 0:36 / /sys/fs/cgroup/pids rw,relatime - cgroup cgroup rw,pids"
Files = dict[str, str]


def lay_out(top: Path, mine: str, mounts: list[str], files: Files) -> None:
    """Write what the kernel would show."""
    (top / "proc/self").mkdir(parents=True)
    (top / "proc/self/cgroup").write_text(mine)
    (top / "proc/self/mountinfo").write_text("".join(f"{line}\n" for line in mounts))
    for name, text in files.items():
        path = top / "sys/fs/cgroup" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def version_1(folder: str, quota: int, period: int = 100_000) -> Files:
    """Return the files of one group of version 1."""
    where = f"cpu,cpuacct/{folder}".rstrip("/")
    return {
        f"{where}/cpu.cfs_quota_us": f"{quota}\n",
        f"{where}/cpu.cfs_period_us": f"{period}\n",
    }


@pytest.mark.parametrize(
    ("mine", "mounts", "files", "expected"),
    [
        ("0::/\n", [MOUNT_2.format(root="/")], {"cpu.max": "150000 100000\n"}, [1.5]),
        ("0::/\n", [MOUNT_2.format(root="/")], {"cpu.max": "max 100000\n"}, []),
        ("0::/\n", [MOUNT_2.format(root="/")], {}, []),
        (
            "0::/kubepods/pod/box\n",
            [PIDS, MOUNT_2.format(root="/")],
            {"kubepods/pod/box/cpu.max": "max 100000\n", "kubepods/pod/cpu.max": "50000 100000\n"},
            [0.5],
        ),
        (
            "5:cpu,cpuacct:/docker/box\n0::/\n",
            [PIDS, MOUNT_1.format(root="/docker/box")],
            version_1("", 250_000),
            [2.5],
        ),
        (
            "5:cpu,cpuacct:/a/b\n4:pids:/a\n",
            [MOUNT_1.format(root="/"), PIDS],
            {**version_1("a/b", -1), **version_1("a", 300_000, 50_000), **version_1("", -1)},
            [6.0],
        ),
        ("0::/../other\n", [MOUNT_2.format(root="/else")], {"cpu.max": "100000 100000"}, [1.0]),
        ("0::/\n", [MOUNT_2.format(root="/")], {"cpu.max": "nonsense\n"}, []),
    ],
    ids=["2", "2 without", "2 bare", "2 above", "1 in docker", "1 above", "elsewhere", "nonsense"],
)
def test_the_quotas_of_all_groups_around_are_found(
    tmp_path: Path, mine: str, mounts: list[str], files: Files, expected: list[float]
) -> None:
    """In both versions, wherever they are mounted."""
    lay_out(tmp_path, mine, mounts, files)

    assert list(quotas(tmp_path)) == expected


@pytest.mark.parametrize(("quota", "expected"), [(1_000, 1), (100_000, 1), (100_001, 2)])
def test_part_of_a_processor_counts_as_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, quota: int, expected: int
) -> None:
    """The affinity is the other bound."""
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(8)), raising=False)
    lay_out(tmp_path, "0::/\n", [MOUNT_2.format(root="/")], {"cpu.max": f"{quota} 100000\n"})

    assert available_processors(tmp_path) == expected


def test_without_groups_the_affinity_alone_counts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a system that has none, too."""
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(8)), raising=False)

    assert available_processors(tmp_path) == 8


@pytest.fixture
def group() -> Iterator[Path]:
    """Give a control group of the kernel's, version 1, that may use a tenth of a processor."""
    folder = VERSION_1 / f"pgdispatch-test-{os.getpid()}"
    try:
        folder.mkdir()
        (folder / "cpu.cfs_quota_us").write_text("10000")
    except OSError as error:
        pytest.skip(f"no control group can be made here: {error}")
    yield folder
    folder.rmdir()


def test_a_process_in_a_group_of_the_kernel_sees_its_quota(group: Path) -> None:
    """What is asked runs in the group, and leaves it by its end."""
    enter = "import os, sys; open(sys.argv[1] + '/cgroup.procs', 'w').write(str(os.getpid())); "
    ask = "from pgdispatch.host.processors import TOP, quotas; print(list(quotas(TOP)))"

    done = subprocess.run(
        [sys.executable, "-c", enter + ask, str(group)], capture_output=True, text=True, check=True
    )

    assert "0.1" in done.stdout
