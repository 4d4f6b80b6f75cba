"""Make a release of this commit, check it, and say what was done and what was not.

Without --rehearse only of a commit that says it is out. Nothing is handed out: the files are in
the folder of --to, and with --tag the commit has its tag. Exit status 1: refused, or something is
wrong; then there are no files.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from pathlib import Path

from release import artefacts, gate, image, installing, locked
from release.report import Finding, LeftOutError, Row, WrongError, heading
from release.source import RefusedError, Source, find_source
from release.work import Work, find_uv
from support.checkout import ROOT
from support.servers.embedded import open_server

Step = Callable[[Work], Iterator[Finding]]
FIRST = "build"  # without which there is nothing to check
NOTHING = Row("files", "left out", "something is wrong", 0)
STEPS: dict[str, Step] = {
    FIRST: artefacts.build_twice,
    "metadata": artefacts.check_metadata,
    "links": artefacts.check_links,
    "contents": artefacts.check_contents,
    "install": installing.install_everywhere,
    "locked": locked.lock,
    "licences": locked.check_licences,
    "upgrade": gate.roll_over,
    "image": image.build,
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command."""
    options = _options(arguments)
    try:
        source = find_source(ROOT, is_rehearsal=options.rehearse)
        if options.tag and not source.is_out:
            raise RefusedError(f"{source.version} is not out, so it gets no tag", "leave out --tag")
        _check_folder(options.to, source)
        uv = find_uv()
        if uv is None:
            raise RefusedError("there is no uv here", "see Tests in README.md how to get it")
    except RefusedError as refused:
        print(f"error: {refused}\nhint: {refused.hint}", file=sys.stderr)
        return 1
    with tempfile.TemporaryDirectory(prefix="pgdispatch-release-") as made, open_server() as server:
        Path(made).chmod(0o755)
        work = Work(source, Path(made), uv, server)
        rows = list(_play(work, options.skip, is_quiet=options.json))
        is_right = all(row.result != "WRONG" for row in rows)
        last = _hand_out(work, options.to, options.tag) if is_right else NOTHING
        rows += _shown([last], is_quiet=options.json)
        if options.json:
            print(json.dumps(_document(source, rows), indent=2))
    return 0 if is_right else 1


def _play(work: Work, skipped: Sequence[str], *, is_quiet: bool) -> Iterator[Row]:
    """Take the steps, one after the other, and yield what came of each."""
    kind = "release" if work.source.is_out else "rehearsal"
    first = f"{work.source.version}, {kind}, commit {work.source.commit[:12]}"
    if not is_quiet:
        print(heading())
    yield from _shown([Row("version", "done", first, 0)], is_quiet=is_quiet)
    for name, step in STEPS.items():
        if name in skipped and name != FIRST:
            rows: Iterator[Row] | list[Row] = [Row(name, "left out", "as --skip says", 0)]
        elif name != FIRST and len(work.made) < 2:
            rows = [Row(name, "left out", "nothing was built", 0)]
        else:
            rows = _taken(work, name, step)
        yield from _shown(rows, is_quiet=is_quiet)


def _taken(work: Work, name: str, step: Step) -> Iterator[Row]:
    begun = time.monotonic()
    try:
        for finding in step(work):
            yield Row(name, finding.result, finding.what, time.monotonic() - begun)
            begun = time.monotonic()
    except LeftOutError as why:
        yield Row(name, "left out", str(why), time.monotonic() - begun)
    except WrongError as why:
        yield Row(name, "WRONG", str(why), time.monotonic() - begun)


def _shown(rows: Iterator[Row] | list[Row], *, is_quiet: bool) -> Iterator[Row]:
    for row in rows:
        if not is_quiet:
            print("\n".join(row.lines()), flush=True)
        yield row


def _hand_out(work: Work, to: Path, is_tagged: bool) -> Row:
    """Put the files where they are wanted, with their digests; tag the commit if that is wanted."""
    begun = time.monotonic()
    to.mkdir(parents=True, exist_ok=True)
    notes = work.folder / f"pgdispatch-{work.source.version}-notes.md"
    notes.write_text(work.source.notes, encoding="utf-8")
    made = [*work.made, notes]
    sums = "".join(f"{hashlib.sha256(one.read_bytes()).hexdigest()}  {one.name}\n" for one in made)
    for one in made:
        shutil.copyfile(one, to / one.name)
    (to / f"pgdispatch-{work.source.version}-SHA256SUMS").write_text(sums)
    what = f"{len(made) + 1} files in {to}"
    if is_tagged:
        message = f"pgdispatch {work.source.version}\n\n{work.source.notes}\n{sums}"
        work.source.git("tag", "--annotate", work.source.tag, "--cleanup=verbatim", "-m", message)
        what += f"; tag {work.source.tag}, not pushed"
    return Row("files", "done", what, time.monotonic() - begun)


def _check_folder(to: Path, source: Source) -> None:
    there = sorted(to.glob(f"pgdispatch-{source.version}[-.]*")) if source.is_out else []
    if there:
        raise RefusedError(f"there is {there[0]} already", "remove it, or choose another --to")


def _document(source: Source, rows: Sequence[Row]) -> dict[str, object]:
    return {
        "version": source.version,
        "commit": source.commit,
        "is_out": source.is_out,
        "rows": [asdict(row) for row in rows],
    }


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python tests/release",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--rehearse", action="store_true", help="do all of it before it is out")
    parser.add_argument("--to", type=Path, default=ROOT / "dist", help="the folder (dist)")
    parser.add_argument("--tag", action="store_true", help="tag the commit, if nothing is wrong")
    parser.add_argument("--json", action="store_true", help="print one JSON document at the end")
    parser.add_argument(
        "--skip",
        type=lambda text: text.split(","),
        default=[],
        metavar="A,B",
        help=f"leave out steps: {', '.join(name for name in STEPS if name != FIRST)}",
    )
    chosen = parser.parse_args(arguments)
    if unknown := set(chosen.skip) - set(STEPS) | {FIRST} & set(chosen.skip):
        parser.error(f"--skip: no such step, or one that is needed: {', '.join(sorted(unknown))}")
    return chosen
