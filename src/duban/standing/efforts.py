"""What was tried about an undertaking: what was said, re-planned, explained and shown since its light came on."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from typing import Final

from django.db.models import Exists, OuterRef, Subquery
from django.utils import timezone

from duban.intake.models import Reminder, SubmissionFinding
from duban.ledger.models import Entry
from duban.people.models import User
from duban.registry.models import Evidence, Measure
from duban.standing.watching import Watched

CHUNK: Final = 500
"""Undertakings asked about in one query."""


@dataclass(frozen=True, slots=True)
class Tried:
    """One thing that somebody did about an undertaking.

    `act` is "corrected" or "withdrawn" for a report, "replanned" for a plan, "said" for a first entry that came with words,
    "explained" for a check's finding, "shown" for files of one person and day, "chased" for a body that owed a report. `before` and
    `after` are what the slot said: an amount, a day or nothing.
    """

    act: str
    at: datetime
    by: User | None = None
    words: str = ""
    measure: Measure | None = None
    period: date | None = None
    before: Decimal | date | None = None
    after: Decimal | date | None = None
    files: int = 0


def tried(rows: Sequence[Watched], *, head: int, known_at: datetime | None = None) -> dict[int, list[Tried]]:
    """By undertaking what was tried since the month in which its light came on, in the order of time, as known at a head."""
    found: dict[int, list[Tried]] = defaultdict(list)
    for first in range(0, len(rows), CHUNK):
        chunk = {one.standing.undertaking_id: one for one in rows[first : first + CHUNK]}
        for undertaking, one in _all(chunk, head, known_at or timezone.now()):
            if one.at >= _begin(chunk[undertaking].since):
                found[undertaking].append(one)
    return {undertaking: sorted(efforts, key=lambda one: one.at) for undertaking, efforts in found.items()}


def _begin(since: date) -> datetime:
    """The first moment of the month in which a light came on."""
    return timezone.make_aware(datetime.combine(since.replace(day=1), time.min))


def _all(chunk: Mapping[int, Watched], head: int, known_at: datetime) -> Iterator[tuple[int, Tried]]:
    earliest = _begin(min(one.since for one in chunk.values()))
    yield from _written(chunk, head, earliest)
    yield from _explained(chunk, head, earliest)
    yield from _shown(chunk, earliest, known_at)
    yield from _chased(chunk, earliest, known_at)


def _written(chunk: Mapping[int, Watched], head: int, earliest: datetime) -> Iterator[tuple[int, Tried]]:
    """Entries that came with a reason, beside what they replaced."""
    replaced = Entry.objects.filter(seq=OuterRef("replaces"))
    entries = Entry.objects.filter(undertaking__in=chunk, seq__lte=head, recorded_at__gte=earliest).exclude(reason="")
    entries = entries.annotate(was_amount=Subquery(replaced.values("amount")), was_day=Subquery(replaced.values("day")))
    for entry in entries.select_related("measure", "submitted_by").order_by("seq"):
        yield entry.undertaking_id, Tried(
            act=_act(entry), at=entry.recorded_at, by=entry.submitted_by, words=entry.reason, measure=entry.measure, period=entry.period,
            before=entry.was_amount if entry.was_day is None else entry.was_day, after=entry.amount if entry.day is None else entry.day,
        )  # fmt: skip


def _act(entry: Entry) -> str:
    if entry.replaces is None:
        return "said"
    if entry.kind == Entry.Kind.PLAN:
        return "replanned"
    return "withdrawn" if entry.amount is None and entry.day is None else "corrected"


def _explained(chunk: Mapping[int, Watched], head: int, earliest: datetime) -> Iterator[tuple[int, Tried]]:
    """What a check found in a report that was accepted, as its sender explained it."""
    accepted = Exists(Entry.objects.filter(batch__submission=OuterRef("submission"), seq__lte=head))
    explained = SubmissionFinding.objects.filter(accepted, line__undertaking__in=chunk, explained_at__gte=earliest).exclude(explanation="")
    for one in explained.select_related("line__measure", "explained_by").order_by("pk"):
        yield (
            one.line.undertaking_id,
            Tried(
                act="explained",
                at=one.explained_at,
                by=one.explained_by,
                words=one.explanation,
                measure=one.line.measure,
                period=one.line.period,
            ),
        )


def _shown(chunk: Mapping[int, Watched], earliest: datetime, known_at: datetime) -> Iterator[tuple[int, Tried]]:
    """Files that were added, those of one person and day together."""
    files = Evidence.objects.filter(undertaking__in=chunk, added_at__gte=earliest, added_at__lte=known_at)
    together: dict[tuple[int, int, date], list[Evidence]] = defaultdict(list)
    for file in files.select_related("added_by").order_by("added_at", "pk"):
        together[file.undertaking_id, file.added_by_id, timezone.localdate(file.added_at)].append(file)
    for (undertaking, _person, _day), added in together.items():
        words = next((file.caption for file in added if file.caption), "")
        yield undertaking, Tried(act="shown", at=added[-1].added_at, by=added[-1].added_by, words=words, files=len(added))


def _chased(chunk: Mapping[int, Watched], earliest: datetime, known_at: datetime) -> Iterator[tuple[int, Tried]]:
    """Chasers of the bodies whose undertakings have long been silent."""
    silent: dict[tuple[int, int], list[int]] = defaultdict(list)
    for undertaking, one in chunk.items():
        if one.reason == "silence":
            silent[one.standing.programme_id, one.standing.lead_body_id].append(undertaking)
    if not silent:
        return
    made = Reminder.objects.filter(kind=Reminder.Kind.AFTER, made_at__gte=earliest, made_at__lte=known_at)
    chasers = made.filter(calendar__programme__in={programme for programme, _body in silent})
    for one in chasers.select_related("calendar").order_by("pk"):
        for undertaking in silent[one.calendar.programme_id, one.body_id]:
            yield undertaking, Tried(act="chased", at=one.made_at, period=one.period)
