"""The two clocks of a page: the day that the facts speak of, and the moment up to which the ledger is read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from django.utils.http import urlencode

from duban.core.periods import YEARS
from duban.core.refusals import Refusal
from duban.ledger import reads as ledger
from duban.web.context import today


@dataclass(frozen=True, slots=True)
class Moment:
    """`head` is what `known_at` was turned into, once; `known_at` of None is now."""

    as_of: date
    head: int
    known_at: datetime | None = None
    turned: bool = False

    @property
    def query(self) -> str:
        """The part of an address that keeps this moment, without a question mark; empty for now."""
        if not self.turned:
            return ""
        facts: dict[str, Any] = {"as_of": self.as_of.isoformat()}
        if self.known_at:
            facts["known_at"] = timezone.localtime(self.known_at).strftime("%Y-%m-%dT%H:%M:%S")
        return urlencode(facts)

    @property
    def known_on(self) -> str:
        """`known_at` as a form's field wants it."""
        return timezone.localtime(self.known_at).strftime("%Y-%m-%dT%H:%M") if self.known_at else ""


def read_day(text: str) -> date:
    """A day as forms send it. Raises `Refusal` "day-unreadable"."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Refusal("day-unreadable", day=text) from None


def read_moment(text: str) -> datetime:
    """A moment as forms send it, in local time unless it says otherwise; a day alone is its end.

    Raises `Refusal` "moment-unreadable".
    """
    try:
        read = datetime.fromisoformat(text)
    except ValueError:
        raise Refusal("moment-unreadable", moment=text) from None
    if read.year not in YEARS:
        raise Refusal("moment-unreadable", moment=text)
    if len(text) == len("2021-08-31"):
        read = datetime.combine(read.date(), time.max)
    return read if timezone.is_aware(read) else timezone.make_aware(read)


def moment(request: HttpRequest) -> Moment:
    """The page's moment: what the reader asked for, else today as known now."""
    day, known = request.GET.get("as_of", "").strip(), request.GET.get("known_at", "").strip()
    as_of = read_day(day) if day else today()
    known_at = read_moment(known) if known else None
    return Moment(as_of=as_of, head=ledger.head(known_at), known_at=known_at, turned=bool(known) or as_of != today())
