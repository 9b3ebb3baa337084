"""What a page that was turned back sets beside itself: the same question at the other one of then and since."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any, Final, TypeVar

from django.db.models import Count, Max
from django.utils.translation import gettext as _

from duban.ledger.models import Entry
from duban.ledger.reads import Slot
from duban.registry import past
from duban.registry.models import RulebookVersion
from duban.standing.actions import stand_at
from duban.standing.models import Snapshot, Standing
from duban.web.moment import Moment

SUMS: Final = ("done", "planned", "target", "finished", "count")
"""What the public is shown of a programme's tally."""


def stood(now: Moment) -> tuple[Snapshot, Snapshot | None]:
    """The lights of a page's moment, and those of the other one of then and since; None for a page that names no moment."""
    here, *there = stand_at([(now.as_of, one.read) for one in (now, now.other) if one])
    return here, there[0] if there else None


Told = TypeVar("Told")


def at_other(now: Moment, tell: Callable[[Moment], Told]) -> Told | None:
    """What `tell` says at the other one of then and since, with the registry as it was known there; None where no moment was named."""
    if (other := now.other) is None:
        return None
    with past.at(other.registry):
        return tell(other)


def other_key(now: Moment) -> Hashable:
    """What names the other one of then and since for what is kept: everything that is read there; None where no moment was named."""
    if (other := now.other) is None:
        return None
    adopted = RulebookVersion.objects.filter(state=RulebookVersion.State.ADOPTED).aggregate(Count("pk"), Max("pk"))
    return (other.head, other.revision, other.known_at, *adopted.values())


def other_side(now: Moment) -> str:
    """What the other one of then and since is called."""
    return _("As known then") if now.corrected else _("As corrected since")


@dataclass(frozen=True, slots=True)
class Rewritten:
    """A slot of which something was written between two heads: what it said before (None was silence), and the last word on it."""

    slot: Slot
    before: Entry | None

    @property
    def after(self) -> Entry:
        return self.slot.entries[0]


def as_known(slots: Iterable[Slot], head: int) -> list[Slot]:
    """Slots read at a later head, as they were known at `head`; what nothing had been said of by then is left out."""
    known = (replace(slot, entries=[entry for entry in slot.entries if entry.seq <= head]) for slot in slots)
    return [slot for slot in known if slot.entries]


def rewritten(slots: Iterable[Slot], head: int) -> list[Rewritten]:
    """The slots of which something was written after `head`, with what they had said by then; the last word first."""
    found = [
        Rewritten(slot, next((entry for entry in slot.entries if entry.seq <= head), None)) for slot in slots if slot.entries[0].seq > head
    ]
    return sorted(found, key=lambda one: -one.after.seq)


@dataclass(frozen=True, slots=True)
class Beside:
    """One undertaking as it was known then, as it was corrected since, and everything that was written in between."""

    then: Standing | None
    since: Standing | None
    rewritten: list[Rewritten]

    @property
    def measure(self) -> Any:
        told = self.then or self.since
        return told.measure if told else None

    def differs(self, *names: str) -> bool:
        """Whether one of these columns is told otherwise; what has no standing on one side tells nothing there."""
        return any(getattr(self.then, name, None) != getattr(self.since, name, None) for name in names)

    @property
    def lights(self) -> bool:
        return self.differs("light", "rule")

    @property
    def done(self) -> bool:
        return self.differs("done")

    @property
    def planned(self) -> bool:
        return self.differs("planned")

    @property
    def target(self) -> bool:
        return self.differs("target")

    @property
    def gap(self) -> bool:
        return self.differs("gap")

    @property
    def tells(self) -> bool:
        """Whether anything differs that everybody is shown."""
        return self.done or self.planned or self.target


def of(now: Moment, slots: Sequence[Slot], here: Standing | None, there: Standing | None) -> Beside:
    """What stands beside one undertaking's page; `slots` were read at the later of both heads, `here` is the page's own standing."""
    then, since = (there, here) if now.corrected else (here, there)
    return Beside(then, since, rewritten(slots, min(now.head, now.beside or now.head)))


def newest_head(now: Moment) -> int:
    """The later of the heads of a page's two moments, or its only one."""
    return max(now.head, now.beside or 0)


def pair(rows: Iterable[Any], there: Snapshot | None, differ: frozenset[int]) -> None:
    """Give every standing among `rows` that differs its fellow at the other moment as `beside` (None where it has none)."""
    shown = [row for row in rows if row.undertaking_id in differ]
    if not shown or there is None:
        return
    found = {one.undertaking_id: one for one in there.standings.filter(undertaking__in=[row.undertaking_id for row in shown])}
    for row in shown:
        row.differs, row.beside = True, found.get(row.undertaking_id)


def otherwise(here: Any, there: Any) -> Any:
    """The other moment's tally of a programme where it adds up to something else, else None."""
    if there is None or all(getattr(here, name, None) == getattr(there, name) for name in SUMS):
        return None
    return there


@dataclass(frozen=True, slots=True)
class Record:
    """A record on which a figure rests at one of two moments otherwise than at the other."""

    undertaking: Any
    then: Any
    since: Any

    @property
    def open(self) -> bool:
        return bool((self.then or self.since).open)


def records(then: Iterable[Any], since: Iterable[Any]) -> list[Record]:
    """The records that differ between two lists of a receipt's lines."""
    before, after = ({line.undertaking.pk: line for line in lines if line.undertaking} for lines in (then, since))

    def said(line: Any) -> tuple[date | None, Decimal | None, Decimal | None] | None:
        return (line.day, line.part, line.whole) if line else None

    keys = [*before, *(key for key in after if key not in before)]
    return [
        Record((before.get(key) or after[key]).undertaking, before.get(key), after.get(key))
        for key in keys
        if said(before.get(key)) != said(after.get(key))
    ]
