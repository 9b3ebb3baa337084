"""`duban tick`: what is to be done again and again, without anybody asking; as often as one likes, at least once a day."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict
from datetime import date, datetime

from duban.cli.frame import command, duban, ready, say

Counts = Mapping[str, int]


def _remind(now: datetime, on: date) -> Counts:
    from duban.intake.calendar import reminding

    return asdict(reminding.sweep(now=now, on=on))


def _deliver(now: datetime, on: date) -> Counts:
    from duban.intake.calendar import delivering

    return asdict(delivering.deliver(now=now))


ROUNDS: list[tuple[str, Callable[[datetime, date], Counts]]] = [("reminding", _remind), ("delivering", _deliver)]
"""What a tick does, in this order: a name, and a function of the moment and the day that says how often it did what."""


@duban.command()
@command
def tick(*, as_json: bool) -> None:
    """Remind and chase, and send what waits. Run it every ten minutes, or once a day at least: what is done already is not done again."""
    from django.conf import settings
    from django.utils import timezone

    ready()
    now, on = timezone.now(), settings.SET["today"] or timezone.localdate()
    told = {name: dict(turn(now, on)) for name, turn in ROUNDS}
    lines = [f"{name}: " + ", ".join(f"{what} {count}" for what, count in counts.items()) for name, counts in told.items()]
    say(as_json, {"on": on, **told}, "\n".join(lines))
