"""What a workbook says of itself, hidden: which site, body, month and head it was written for, and what stood in its headings and rows.

It stands whole on a very hidden sheet. The first, hidden cell of every page says the most of it again, its first row the key of each
column and its first column the code of each row, so that a page is understood wherever its rows, columns and name have gone.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from django.conf import settings
from django.utils.crypto import salted_hmac

from duban.core import periods
from duban.core.refusals import Refusal
from duban.people.models import Body

FORMAT: Final = "1"
SHEET: Final = "duban"
WORKBOOK: Final = "duban-workbook"
PAGE: Final = "duban-page"
GUIDE: Final = "duban-guide"
NUMBER: Final = "number"
NAME: Final = "name"
BODY: Final = "body"
REASON: Final = "reason"
KEY: Final = re.compile(r"(?:(plan|last|now):([\w-]+):(.*)|number|name|body|reason)")


def site(secret: str = "") -> str:
    """What tells this site from every other, and says nothing about its secret."""
    return salted_hmac("duban.workbook", "site", secret=secret or settings.SECRET_KEY, algorithm="sha256").hexdigest()[:16]


@dataclass(slots=True)
class Told:
    """One page as it was written: its name, its headings by key, its rows' names by the undertakings' codes."""

    name: str = ""
    headings: dict[str, str] = field(default_factory=dict)
    rows: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Passport:
    """Where a workbook comes from. `parts` is what stands in cells that parts report for; `pages` goes by the programme's code."""

    site: str
    body: str
    period: date
    language: str
    head: int
    parts: str = ""
    pages: dict[str, Told] = field(default_factory=dict)

    def mark(self, programme: str) -> str:
        """The first cell of a programme's page."""
        return "|".join([PAGE, FORMAT, self.site, self.body, self.period.isoformat(), self.language, str(self.head), programme])

    def rows(self) -> Iterator[tuple[str, ...]]:
        """The very hidden sheet, row by row."""
        yield (WORKBOOK, FORMAT, self.site, self.body, self.period.isoformat(), self.language, str(self.head))
        yield ("parts", self.parts)
        for programme, told in self.pages.items():
            yield ("page", programme, told.name)
            yield from (("heading", programme, key, heading) for key, heading in told.headings.items())
            yield from (("row", programme, code, name) for code, name in told.rows.items())


def stood(mark: Sequence[str]) -> Passport:
    """The passport that a mark's words tell. Raises `Refusal` "workbook-format-unknown"."""
    try:
        _, version, site, body, period, language, head, *_ = (str(word) for word in mark)
        passport = Passport(site, body, periods.read_day(period), language, int(float(head)))
    except (ValueError, Refusal):
        raise Refusal("workbook-format-unknown", format=_said(mark)) from None
    if version.removesuffix(".0") != FORMAT:
        raise Refusal("workbook-format-unknown", format=version)
    return passport


def _said(mark: Sequence[str]) -> str:
    return str(mark[1]) if len(mark) > 1 else ""


def from_mark(cell: str) -> tuple[Passport, str]:
    """The passport and the programme's code that a page's first cell says."""
    words = cell.split("|")
    return stood(words), words[-1]


def from_rows(rows: Iterable[Sequence[Any]]) -> Passport:
    """The passport that the very hidden sheet tells, its pages included."""
    told = [["" if cell is None else str(cell) for cell in row] for row in rows]
    passport = stood([cell for cell in told[0] if cell] if told else [])
    for kind, *words in (row for row in told[1:] if row):
        words += [""] * (3 - len(words))
        if kind == "parts":
            passport.parts = words[0]
        elif kind == "page":
            passport.pages.setdefault(words[0], Told()).name = words[1]
        elif kind == "heading":
            passport.pages.setdefault(words[0], Told()).headings[words[1]] = words[2]
        elif kind == "row":
            passport.pages.setdefault(words[0], Told()).rows[words[1]] = words[2]
    return passport


def check(passport: Passport, *, body: Body, head: int, on: date) -> None:
    """Raise `Refusal` for a workbook of another site, of another body than the one it is sent for, or of a month that has not ended."""
    secrets = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    if passport.site not in {site(secret) for secret in secrets} or passport.head > head:
        raise Refusal("workbook-of-another-site")
    if passport.body != body.code:
        other = Body.objects.filter(code=passport.body).first()
        raise Refusal("workbook-of-another-body", body=other.name if other else passport.body, expected=body.name)
    if passport.period > on:
        raise Refusal("period-not-ended", period=passport.period)
