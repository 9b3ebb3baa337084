"""Reminders before a due day, chasers after it, and the messages that carry them.

A reminder is written once a day at most for a line, a body and a period, whoever asks for it; everybody sees it in duban. Messages
carry it further: one for each recipient with all that is missing, by mail to a body's reporters and to its group chats. Where a body
has no reporter or no chat of its own, those of the nearest body above it are told.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final, TypeVar

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Max, Q

from duban.core import workdays
from duban.core.refusals import Refusal
from duban.intake import calendar
from duban.intake.calendar import Expected
from duban.intake.models import Calendar, Channel, Message, Reminder
from duban.people import audit, permits
from duban.people.models import Appointment, Body, User
from duban.registry import holidays

Kind = Reminder.Kind
_LOCK: Final = 0x72656D64
"""PostgreSQL's advisory lock under which reminders are written."""

Slot = tuple[int, int, date]
Recipient = TypeVar("Recipient", User, Channel)


@dataclass(frozen=True, slots=True)
class Swept:
    """What one sweep wrote."""

    reminders: int = 0
    chasers: int = 0
    messages: int = 0


def sweep(*, now: datetime, on: date) -> Swept:
    """Write what is to be reminded of and chased on the day `on`, with its messages; nothing on a day that is not worked.

    A second sweep on the same day, also one at the same moment, writes nothing.
    """
    if not holidays.is_working(on):
        return Swept()
    rows = calendar.expected(on=on, missing=True)
    with transaction.atomic():
        _alone()
        last = _last_reminders()
        made = _write([row for row in rows if _is_due(row, last)], now=now)
        messages = _queue(made, now=now)
    chasers = sum(one.kind == Kind.AFTER for one in made)
    return Swept(reminders=len(made) - chasers, chasers=chasers, messages=len(messages))


def _alone() -> None:
    """Let nobody else write reminders until this transaction ends. SQLite's transactions are immediate and need no more."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])


def _last_reminders() -> dict[tuple[Slot, str], date]:
    """When each line, body and period was last reminded of before and chased after its due day."""
    rows = Reminder.objects.order_by().values_list("calendar", "body", "period", "kind").annotate(last=Max("on"))
    return {((line, body, period), kind): last for line, body, period, kind, last in rows}


def _slot(row: Expected) -> Slot:
    return (row.line.pk, row.body.pk, row.period)


def _kind(row: Expected) -> Kind:
    return Kind.AFTER if row.on > row.due else Kind.BEFORE


def _is_due(row: Expected, last: Mapping[tuple[Slot, str], date]) -> bool:
    """Whether `row` is to be reminded of today: once from the reminder's day on, then every `chase_every` working days after the due day.

    `chase_every` of 0 chases once. A day on which it was reminded of already is over.
    """
    told = {kind: last.get((_slot(row), kind)) for kind in Kind}
    if row.on in told.values():
        return False
    if row.on <= row.due:
        return row.on >= row.remind_on and told[Kind.BEFORE] is None
    before = told[Kind.AFTER]
    if before is None:
        return True
    every = row.line.chase_every
    return every > 0 and workdays.working_days_between(before, row.on, holidays.is_working) >= every


def _write(rows: Iterable[Expected], *, now: datetime) -> list[Reminder]:
    return Reminder.objects.bulk_create(
        [
            Reminder(
                calendar=row.line,
                body=row.body,
                period=row.period,
                kind=_kind(row),
                on=row.on,
                due=row.due,
                missing=row.missing,
                made_at=now,
            )
            for row in rows
        ]
    )


def chase(*, line: Calendar, body: Body, period: date, by: User, now: datetime, on: date) -> list[Message]:
    """Chase a body at once, on whatever day, and return the messages that now wait to be delivered.

    Raises PermissionDenied, or `Refusal` "nothing-missing" or "reminded-today".
    """
    permits.check(by, "calendar.write", body)
    rows = calendar.expected(on=on, bodies=Body.objects.filter(pk=body.pk), period=period, missing=True)
    rows = [row for row in rows if row.line.pk == line.pk]
    if not rows:
        raise Refusal("nothing-missing", body=body.name, period=period)
    with transaction.atomic():
        _alone()
        if Reminder.objects.filter(calendar=line, body=body, period=period, on=on).exists():
            raise Refusal("reminded-today", body=body.name, period=period)
        made = _write(rows, now=now)
        audit.record(by=by, act="calendar.chase", subject=body.code, programme=line.programme.code, period=str(period))
        return _queue(made, now=now)


# Who is told


def _queue(made: Sequence[Reminder], *, now: datetime) -> list[Message]:
    """One message for each person and each group chat that is to be told of `made`."""
    told: dict[tuple[str, int], tuple[dict[str, Any], list[Reminder]]] = {}
    people = _by_path(_reporters(now)) if settings.MAIL and made else {}
    chats = _by_path((one.body, one) for one in Channel.objects.filter(active=True).select_related("body")) if made else {}
    for reminder in made:
        for user in _nearest(people, reminder.body):
            told.setdefault(("user", user.pk), ({"user": user}, []))[1].append(reminder)
        for channel in _nearest(chats, reminder.body):
            told.setdefault(("channel", channel.pk), ({"channel": channel}, []))[1].append(reminder)
    messages = Message.objects.bulk_create(Message(made_at=now, **recipient) for recipient, _ in told.values())
    through = Message.reminders.through
    links = zip(messages, (reminders for _, reminders in told.values()), strict=True)
    through.objects.bulk_create(through(message=message, reminder=one) for message, reminders in links for one in reminders)
    return messages


def _reporters(now: datetime) -> Iterable[tuple[Body, User]]:
    """Those who report for a body and can be reached by mail."""
    running = Q(since__lte=now) & (Q(until=None) | Q(until__gt=now))
    held = Appointment.objects.filter(running, role=Appointment.Role.REPORTER, user__is_active=True).exclude(user__email="")
    return ((one.body, one.user) for one in held.select_related("body", "user"))


def _by_path(found: Iterable[tuple[Body, Recipient]]) -> dict[str, list[Recipient]]:
    told: dict[str, list[Recipient]] = defaultdict(list)
    for body, recipient in found:
        told[body.path].append(recipient)
    return told


def _nearest(found: Mapping[str, list[Recipient]], body: Body) -> list[Recipient]:
    """What the body has itself, or else the nearest body above it."""
    path = body.path
    while path:
        if path in found:
            return found[path]
        path = path.rstrip("/").rpartition("/")[0] + "/" if "/" in path.rstrip("/") else ""
    return []


# What was told


def last_reminders(rows: Iterable[Expected]) -> dict[Slot, Reminder]:
    """The newest reminder of each line, body and period in `rows`."""
    wanted = {_slot(row) for row in rows}
    lines, bodies, ends = ({slot[part] for slot in wanted} for part in range(3)) if wanted else (set(), set(), set())
    found = Reminder.objects.filter(calendar__in=lines, body__in=bodies, period__in=ends).order_by("on", "pk")
    return {slot: one for one in found if (slot := (one.calendar_id, one.body_id, one.period)) in wanted}
