"""The turns that a page offers: days and moments that officials mostly look back to."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from django.utils import timezone
from django.utils.translation import gettext as _

from duban.core import periods
from duban.web import display
from duban.web.context import today
from duban.web.moment import Moment, end_of, written


@dataclass(frozen=True, slots=True)
class Turn:
    """One day and moment with its name; without a moment it is as known now."""

    name: str
    as_of: date
    then: datetime | None = None

    @property
    def known_at(self) -> str:
        """The moment as an address asks for it; empty for now."""
        return written(self.then) if self.then else ""


def turns(here: Moment) -> list[Turn]:
    """Where a reader of `here` may turn to, without where they are and what lies ahead."""
    return [
        turn
        for turn in _near(here)
        if (turn.as_of, turn.then) != (here.as_of, here.then) and (turn.then is None or turn.then <= timezone.now())
    ]


def _near(here: Moment) -> Iterator[Turn]:
    last, earlier, day = periods.previous_month_end(today()), periods.previous_month_end(here.as_of), here.as_of
    yield Turn(_("%(day)s, the end of last month") % {"day": display.day(last)}, last)
    if earlier != last:
        yield Turn(_("%(day)s, a month earlier") % {"day": display.day(earlier)}, earlier)
    if day < today():
        yield Turn(_("%(day)s, as known on that evening") % {"day": display.day(day)}, day, end_of(day))
        after = periods.next_month_end(day)
        facts = {"day": display.day(day), "known": display.day(after)}
        yield Turn(_("%(day)s, as known on %(known)s") % facts, day, end_of(after))
        yield Turn(_("%(day)s, as known now") % {"day": display.day(day)}, day)
