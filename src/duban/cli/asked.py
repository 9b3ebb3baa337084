"""What the commands ask for, read from text: kinds of arguments that several of them share."""

from __future__ import annotations

from contextlib import AbstractContextManager
from datetime import date, datetime, time
from typing import Any

import click

from duban.core import periods
from duban.core.refusals import Refusal


class Month(click.ParamType):
    """A month, as its last day."""

    name = "YYYY-MM"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        try:
            return value if isinstance(value, date) else periods.read_period(value)
        except Refusal:
            self.fail(f"{value!r} is no period such as 2021-08", param, ctx)


class Day(click.ParamType):
    name = "YYYY-MM-DD"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        try:
            return value if isinstance(value, date) else periods.read_day(value)
        except Refusal:
            self.fail(f"{value!r} is no day such as 2021-08-31", param, ctx)


class Moment(click.ParamType):
    """A moment; a day alone means its end."""

    name = "YYYY-MM-DD[THH:MM]"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        if isinstance(value, datetime):
            return value
        try:
            read = datetime.combine(date.fromisoformat(value), time.max) if len(value) == 10 else datetime.fromisoformat(value)
            periods.speakable(read.date())
            return read
        except (ValueError, Refusal):
            self.fail(f"{value!r} is no moment such as 2021-09-05 or 2021-09-05T12:00", param, ctx)


AS_OF = click.option("--as-of", type=Day(), help="The day the facts speak of. Default: today, or DUBAN_TODAY.")
KNOWN_AT = click.option("--known-at", type=Moment(), help="What the ledger had been told by then. Default: everything.")


def local(known_at: datetime | None) -> datetime | None:
    """A moment with its zone; one without is local time."""
    from django.utils import timezone

    return timezone.make_aware(known_at) if known_at is not None and timezone.is_naive(known_at) else known_at


def when(as_of: date | None, known_at: datetime | None) -> tuple[date, int]:
    """The day asked about and the head."""
    from django.conf import settings
    from django.utils import timezone

    from duban.ledger import reads

    known_at = local(known_at)
    return as_of or settings.SET["today"] or timezone.localdate(), reads.head(known_at)


def registry(known_at: datetime | None) -> AbstractContextManager[None]:
    """The registry as it was known then, for what is asked of it meanwhile."""
    from duban.ledger import reads
    from duban.registry import past

    return past.at(None if known_at is None else reads.revision(local(known_at)))
