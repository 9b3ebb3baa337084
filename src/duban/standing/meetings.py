"""Meetings that looked at the lights: the next one asks what has changed since."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Final

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone

from duban.core import periods
from duban.core.refusals import Refusal
from duban.people import audit, permits
from duban.people.models import Body, User
from duban.standing.models import Meeting

ACT: Final = "meeting.hold"


def hold(*, body: Body, held_on: date, name: str = "", by: User, now: datetime, on: date) -> Meeting:
    """Keep that a body has met. What the meeting knew is what the ledger had been told by the end of that day, or by now.

    Raises `Refusal` "meeting-ahead" for a day that has not come, "meeting-there-already" for a body's second one on a day.
    """
    permits.check(by, ACT, body)
    if periods.speakable(held_on) > on:
        raise Refusal("meeting-ahead", field="held_on", day=held_on)
    known_at = min(timezone.make_aware(datetime.combine(held_on, time.max)), now)
    try:
        with transaction.atomic():
            kept = Meeting.objects.create(body=body, held_on=held_on, known_at=known_at, name=name.strip(), kept_by=by, kept_at=now)
            audit.record(by=by, act="meeting.hold", subject=f"{body.code} · {held_on}")
    except IntegrityError:
        raise Refusal("meeting-there-already", field="held_on", body=body, day=held_on) from None
    return kept


@transaction.atomic
def strike(*, meeting: Meeting, by: User) -> None:
    """Take back that a body has met, which was kept by mistake."""
    permits.check(by, ACT, meeting.body)
    audit.record(by=by, act="meeting.strike", subject=f"{meeting.body.code} · {meeting.held_on}", name=meeting.name)
    meeting.delete()


def heard(paths: tuple[str, ...]) -> QuerySet[Meeting]:
    """The meetings of the bodies that lie at `paths`, and of those above them; the newest first."""
    above = {path[: end + 1] for path in paths for end, letter in enumerate(path) if letter == "/"}
    return Meeting.objects.filter(body__path__in=above).select_related("body", "kept_by").order_by("-held_on", "-known_at")


def last(paths: tuple[str, ...], *, before: date, known_at: datetime | None = None) -> Meeting | None:
    """The newest of them on an earlier day that had been held by `known_at`; None where there is none."""
    held = heard(paths).filter(held_on__lt=before)
    return (held.filter(known_at__lte=known_at) if known_at else held).first()
