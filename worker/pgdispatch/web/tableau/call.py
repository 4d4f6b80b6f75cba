"""One request, as a resource sees it: what is asked, by whom, of which site; and the database."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID
from xml.etree.ElementTree import Element

from pgdispatch.web.console.login import Link
from pgdispatch.web.tableau import statements
from pgdispatch.web.tableau.asking import USUAL, asked_of, page_of
from pgdispatch.web.tableau.errors import RefusedError, not_found
from pgdispatch.web.tableau.statements import Listing
from pgdispatch.web.tableau.writing import element

Row = dict[str, Any]
ALL = 10_000  # rows of a list that Tableau's own server does not divide into pages
KNOWN = 100_000  # identifiers of jobs


@dataclass(frozen=True)
class Place:
    """Which site somebody signed in to, and as whom."""

    site: int
    site_name: str
    site_luid: UUID
    content_url: str
    user_luid: UUID
    user_name: str


@dataclass(frozen=True)
class Targets:
    """What addresses of webhooks stand for: the names of targets, by the operator's word."""

    by_url: Mapping[str, str] = field(default_factory=dict)


class KnownJobs:
    """Which job of a site an identifier is, of those that were told of: there is no index."""

    def __init__(self) -> None:
        self._numbers: OrderedDict[tuple[int, UUID], int] = OrderedDict()

    def note(self, site: int, luid: UUID, job: int) -> None:
        """Keep it, and forget the one that was told of first if there are too many."""
        self._numbers[site, luid] = job
        if len(self._numbers) > KNOWN:
            self._numbers.popitem(last=False)

    def get(self, site: int, luid: UUID) -> int | None:
        """Return the job's number, if it is known."""
        return self._numbers.get((site, luid))


@dataclass(frozen=True)
class Call:
    """A request of somebody who has signed in, in a transaction of theirs."""

    link: Link
    place: Place
    path: Mapping[str, str]
    query: Mapping[str, str]
    body: Element
    known_jobs: KnownJobs
    targets: Targets

    def rows(self, statement: str, **values: Any) -> list[Row]:
        """Return the rows of a statement, which may also name the site.

        Transaction: joins the request's.
        """
        given = {"site": self.place.site, "site_name": self.place.site_name, **values}
        return self.link.execute(statement, given).fetchall()

    def one(self, kind: str, statement: str, **values: Any) -> Row:
        """Return the one thing that the path names. Raises `RefusedError` if there is none."""
        luid = self.luid(kind)
        found = self.rows(statement, luid=luid, **values)
        if not found:
            raise not_found(kind, luid)
        return found[0]

    def luid(self, kind: str) -> UUID:
        """Return the identifier in the path. Raises `RefusedError` if it is none."""
        try:
            return UUID(self.path["id"])
        except ValueError:
            raise not_found(kind, self.path["id"][:60]) from None

    def job_number(self) -> int:
        """Return the number of the job in the path. Raises `RefusedError` if there is none."""
        luid = self.luid("job")
        known = self.known_jobs.get(self.place.site, luid)
        if known is not None:
            return known
        found = self.rows(statements.FIND_JOB, luid=luid)
        if not found:
            raise not_found("job", luid)
        return self.noted(luid, found[0]["id"])

    def noted(self, luid: UUID, job: int) -> int:
        """Keep which job of the site an identifier is, and return its number."""
        self.known_jobs.note(self.place.site, luid, job)
        return job

    def do(self, statement: str, **values: Any) -> Row:
        """Return the row of a statement that does something, as the person.

        Transaction: joins the request's.
        """
        (row,) = self.rows(statement, by=self.place.user_name, **values)
        return row

    def listed(
        self,
        listing: Listing,
        show: Callable[[Row], Element],
        tag: str,
        *,
        usual: int = USUAL,
        **values: Any,
    ) -> list[Element]:
        """Return a page of a list, with its pagination. Raises `RefusedError`.

        Transaction: joins the request's, whose snapshot both statements share.
        """
        found, pagination = self.page(listing, usual=usual, **values)
        return [pagination, element(tag, *(show(row) for row in found))]

    def page(
        self, listing: Listing, *, usual: int = USUAL, **values: Any
    ) -> tuple[list[Row], Element]:
        """Return the rows of a page, and its pagination. Raises `RefusedError`.

        Transaction: joins the request's, whose snapshot both statements share.
        """
        page, asked = page_of(self.query, usual), asked_of(listing, self.query)
        given = {**values, **asked.values}
        (counted,) = self.rows(listing.count(asked.conditions), **given)
        if page.number > 1 and page.offset >= counted["rows"]:
            raise RefusedError(400, "400006", f"there is no page {page.number}")
        found = self.rows(
            listing.page(asked.conditions, asked.order),
            limit=page.size,
            offset=page.offset,
            **given,
        )
        pagination = element(
            "pagination",
            pageNumber=page.number,
            pageSize=page.size,
            totalAvailable=counted["rows"],
        )
        return found, pagination
