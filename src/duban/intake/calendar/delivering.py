"""Messages on their way: who sends which, what they say, and what becomes of those that do not arrive."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from smtplib import SMTPException, SMTPResponseException
from typing import Any, Final

from django.conf import settings
from django.core.mail import EmailMessage
from django.db.models import Q
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.http import urlencode

from duban.core import workdays
from duban.intake.calendar import channels
from duban.intake.models import Channel, Message
from duban.people.models import Body, User
from duban.registry import holidays

State = Message.State
WAITS: Final = (timedelta(0), timedelta(minutes=10), timedelta(hours=1), timedelta(hours=6), timedelta(hours=24))
"""How long after its last try a message is tried again; after as many tries it has failed."""


@dataclass(frozen=True, slots=True)
class Delivered:
    """What became of the messages that were tried: sent, to be tried again, given up."""

    sent: int = 0
    again: int = 0
    failed: int = 0


def deliver(*, now: datetime, messages: Iterable[Message] | None = None) -> Delivered:
    """Send what waits and is to be tried by `now` (or only `messages`), each by whoever claims it first.

    Call it outside a transaction: a claim that nobody else sees is none. A message whose sender dies between sending and saying so is
    sent once more; none is sent twice by two senders at work.
    """
    due = Q(tries=0)
    for tries, wait in enumerate(WAITS):
        due |= Q(tries=tries, tried_at__lte=now - wait)
    waiting = Message.objects.filter(due, state=State.QUEUED).select_related("user", "channel").order_by("pk")
    if messages is not None:
        waiting = waiting.filter(pk__in=[message.pk for message in messages])
    outcomes = [_try(message, now=now) for message in list(waiting) if _claim(message, now=now)]
    return Delivered(outcomes.count(State.SENT), outcomes.count(State.QUEUED), outcomes.count(State.FAILED))


def _claim(message: Message, *, now: datetime) -> bool:
    """Whether this sender, and no other, is now to send `message`."""
    mine = Message.objects.filter(pk=message.pk, state=State.QUEUED, tries=message.tries)
    return bool(mine.update(tries=message.tries + 1, tried_at=now))


def _try(message: Message, *, now: datetime) -> str:
    """Send a claimed message and keep what became of it."""
    title, words = worded(message)
    fault = _mail(message.user, title, words) if message.user else _post(message.channel, title, words)
    given_up = message.tries + 1 >= len(WAITS)
    state = State.SENT if not fault else State.FAILED if given_up else State.QUEUED
    Message.objects.filter(pk=message.pk).update(state=state, fault=fault, sent_at=None if fault else now)
    return state


def _mail(user: User, title: str, words: str) -> str:
    """What went wrong, without the recipient's address; empty where the mail server took it."""
    if not settings.MAIL or not user.email or not user.is_active:
        return "mail-closed"
    try:
        EmailMessage(subject=title, body=words, to=[user.email]).send()
    except (SMTPException, OSError) as wrong:
        code = f" {wrong.smtp_code}" if isinstance(wrong, SMTPResponseException) else ""
        return f"{type(wrong).__name__}{code}"
    return ""


def _post(channel: Channel | None, title: str, words: str) -> str:
    if channel is None or not channel.active:
        return "channel-closed"
    return channels.send(channel, title=title, words=words)


def worded(message: Message) -> tuple[str, str]:
    """A message's title and text in the language that its reader chose; for a chat, and where none was chosen, in duban's own."""
    rows = list(message.reminders.select_related("body", "calendar__programme").order_by("due", "body__path", "calendar", "period"))
    places: dict[int, dict[str, Any]] = {}
    for row in rows:
        late = row.on > row.due
        told = {
            "calendar": row.calendar,
            "period": row.period,
            "missing": row.missing,
            "due": row.due,
            "late": late,
            "late_by": workdays.working_days_between(row.due, row.on, holidays.is_working) if late else 0,
            "link": f"{site_address()}{page_of(row.body, row.period)}",
        }
        places.setdefault(row.body_id, {"body": row.body, "rows": []})["rows"].append(told)
    chosen = message.user.language if message.user else ""
    with translation.override(chosen if chosen in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE):
        title = render_to_string("intake/reminder_title.txt", {"missing": sum(row.missing for row in rows)})
        return " ".join(title.split()), render_to_string("intake/reminder.txt", {"places": list(places.values())}).strip()


def page_of(body: Body, period: date) -> str:
    """The page on which a body reports a period."""
    asked = urlencode({"body": body.code, "period": period.isoformat()})
    return f"{reverse('web:month')}?{asked}"


def site_address() -> str:
    """The address under which readers reach the site, without a slash at its end."""
    chosen = settings.SET
    if chosen["address"]:
        return str(chosen["address"])
    host = next((host for host in chosen["hosts"] if not host.startswith((".", "*"))), "localhost")
    return f"https://{host}" if chosen["https"] else f"http://{host}:{chosen['port']}"
