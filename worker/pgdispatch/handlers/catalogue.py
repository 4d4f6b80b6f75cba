"""The operator's catalogue: a TOML file with data sources and the definitions that jobs name.

    [storage]
    folder = "/var/lib/pgdispatch/files"       # relative: to the catalogue's own folder

    [source.flights]
    dsn = "host=db1 dbname=flights"            # or dsn_env = "FLIGHTS_DSN"

    [extract."flights by day"]
    source = "flights"
    query = "select * from flights.flights"
    watermark = "time_hour"                    # for incremental_extract; only grows
    batch_rows = 10000
    sites = ["default"]                        # any definition; left out: every site

    [flow."joined flights"]
    source = "flights"
    result = "flights.joined"                  # built aside by the steps as "joined"
    steps = ["create table joined as select …", "create index on joined (…)"]
                                               # or tables: {name = "join", sql = "…"}
    [alert."late departures"]
    source = "flights"
    query = "select avg(dep_delay) from flights.flights"
    above = 60                                 # at_least, below, at_most, equals, differs_from
    recipients = ["ops@example.com"]           # optional, with subject

    [subscription."daily report"]
    source = "flights"
    title = "Flights of the day"
    sections = [{heading = "By carrier", query = "select …", limit = 100}]
    recipients = ["team@example.com"]          # left out: the report is only written
    template = "report.html"                   # optional, Jinja2

    [mail]
    host = "localhost"
    port = 25
    sender = "pgdispatch@example.com"          # optional: user, password_env, starttls, timeout

    [housekeeping]
    partials_for_hours = 24
    reports_for_days = 30

Every query is the operator's own SQL. Unknown keys are refused.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from pgdispatch.errors import InvalidInputError, NotFoundError
from pgdispatch.handlers.definition import (
    Alert,
    Extract,
    Flow,
    Housekeeping,
    Mail,
    Source,
    Subscription,
)

if TYPE_CHECKING:
    from pgdispatch.handler import Job

LONGEST = 100  # characters of a name from a job's row that an error repeats

Definition = TypeVar("Definition", Extract, Flow, Alert, Subscription)


@dataclass(frozen=True)
class Catalogue:
    """A catalogue that has been read and checked."""

    path: Path
    storage: Path | None = None
    mail: Mail | None = None
    housekeeping: Housekeeping = field(default_factory=Housekeeping)
    sources: Mapping[str, Source] = field(default_factory=dict)
    extracts: Mapping[str, Extract] = field(default_factory=dict)
    flows: Mapping[str, Flow] = field(default_factory=dict)
    alerts: Mapping[str, Alert] = field(default_factory=dict)
    subscriptions: Mapping[str, Subscription] = field(default_factory=dict)

    @classmethod
    def load(cls, path: Path | str) -> Catalogue:
        """Read and check a catalogue file.

        Raises InvalidInputError naming the file, the table and the key that is wrong.
        """
        from pgdispatch.handlers.catalogue_reader import read  # noqa: PLC0415 - it needs this class

        path = Path(path)
        try:
            values = tomllib.loads(path.read_text(encoding="utf-8-sig"))
        except OSError as error:
            raise InvalidInputError(
                f"catalogue {path} cannot be read: {error.strerror}",
                hint="PGDISPATCH_CATALOGUE names the file",
            ) from error
        except ValueError as error:  # TOMLDecodeError, UnicodeDecodeError
            raise InvalidInputError(f"catalogue {path} is not valid TOML: {error}") from error
        return read(path, values)

    def folder(self) -> Path:
        """Return the storage folder; raises InvalidInputError if the catalogue names none."""
        if self.storage is None:
            raise InvalidInputError(
                f"catalogue {self.path}: there is no storage folder",
                hint='add: [storage] folder = "…"',
            )
        return self.storage


def definition_for(job: Job, kind: str, definitions: Mapping[str, Definition]) -> Definition:
    """Return the definition that `job` names, if its site may use it.

    The name is `args` {"definition": …}, else the datasource. Raises InvalidInputError if the job
    names none and NotFoundError if there is none of that name for its site.
    """
    name = job.args.get("definition", job.datasource)
    if not isinstance(name, str) or not name:
        raise InvalidInputError(
            f"job {job.id} names no {kind}",
            hint='give it a datasource, or args {"definition": "name"}',
        )
    found = definitions.get(name)
    if found is None or (found.sites and job.site not in found.sites):
        usable = [d.name for d in definitions.values() if not d.sites or job.site in d.sites]
        raise NotFoundError(
            f'no {kind} "{name[:LONGEST]}" is defined for site "{job.site}"',
            detail=f"defined: {', '.join(sorted(usable)) or 'none'}",
            hint=f'add [{kind}."{name[:LONGEST]}"] to the node\'s catalogue, or correct the job',
        )
    return found
