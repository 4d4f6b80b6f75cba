"""A catalogue that has been read, and which of its definitions a job names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from pgdispatch.delivery.mail import Mail
from pgdispatch.errors import InvalidInputError, NotFoundError
from pgdispatch.handlers.catalogue.definition import (
    Alert,
    Extract,
    Flow,
    Housekeeping,
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
