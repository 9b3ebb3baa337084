"""A synthetic ledger whose years are neither straight nor alike: `python -m bench.seasons` fills the empty database of duban's settings.

Nobody's figures. Each undertaking has in each year a pace and a shape of its own (some begin late and hurry at the end), months that
go well or badly, and a share in the luck that its programme has that year; half of them stop where the plan is fulfilled.
`duban backtest` is shown on it, where no real past is at hand. The same on every machine.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, date, datetime

from bench.ground import PROGRAMMES, SMALL, Promise, Row, registry, stored
from duban.core.periods import last_day, to_number

SIZE = 330
"""Undertakings, 33 in each of ten programmes."""
YEARS = range(2018, 2022)
LUCK, PACE = 0.05, 0.15
"""How far a programme's year and an undertaking's pace vary, as shares of the plan."""


def course(chance: random.Random, luck: float) -> list[float]:
    """The share of the year's plan that is done at the end of each month."""
    pace, shape, stops = min(max(chance.gauss(0.97, PACE) + luck, 0.2), 1.3), chance.uniform(0.7, 1.6), chance.random() < 0.5
    done, told = 0.0, []
    for month in range(1, 13):
        step = pace * ((month / 12) ** shape - ((month - 1) / 12) ** shape)
        done += step * chance.lognormvariate(-0.06, 0.35)
        told.append(min(done, 1.0) if stops else done)
    return told


def programme(place: int) -> int:
    """The place of the programme in which `registry` puts the undertaking at `place`."""
    return PROGRAMMES - 1 if place < SMALL else place % (PROGRAMMES - 1)


def entries(promises: list[Promise], people: dict[str, int]) -> Iterator[Row]:
    """A year's plan in January, then each month's reports, in the order of writing."""
    chance, seq, batch = random.Random(20180101), 0, 0
    before = dict.fromkeys((promise.pk for promise in promises), 0)

    def row(day: date, promise: Promise, kind: str, period: date, amount: int) -> Row:
        nonlocal seq
        seq += 1
        told = (seq, promise.pk, promise.measure, kind, to_number(period), amount, None, None)
        return (*told, stored(day), people["reporter"], people["reviewer"], "", batch)

    for year in YEARS:
        batch += 1
        luck = [chance.gauss(0, LUCK) for _ in range(PROGRAMMES)]
        courses = {promise.pk: course(chance, luck[programme(place)]) for place, promise in enumerate(promises)}
        plan = {promise.pk: 12 * promise.monthly for promise in promises}
        for promise in promises:
            base = before[promise.pk] if promise.lasting else 0
            yield row(date(year, 1, 5), promise, "plan", date(year, 12, 31), base + plan[promise.pk])
        for month in range(1, 13):
            batch += 1
            end = last_day(year, month)
            for promise in promises:
                base = before[promise.pk] if promise.lasting else 0
                done = int(courses[promise.pk][month - 1] * plan[promise.pk]) // 10_000 * 10_000
                yield row(end, promise, "report", end, base + done)
                if month == 12:
                    before[promise.pk] = base + done


def fill() -> None:
    """The database of Django's settings, empty before, becomes this ledger."""
    from django.db import transaction

    from duban.ledger.actions import COLUMNS
    from duban.ledger.bulk import insert
    from duban.ledger.models import Batch
    from duban.people.models import User

    with transaction.atomic():
        promises = registry(SIZE)
        at = datetime(YEARS[0], 1, 5, 10, tzinfo=UTC)
        made = Batch.objects.bulk_create([Batch(origin="bench", recorded_at=at) for _ in range(len(YEARS) * 13)])
        if made[0].pk != 1:
            raise SystemExit("bench: this database is not empty; name an empty one")
        insert("ledger_entry", COLUMNS, entries(promises, dict(User.objects.values_list("username", "pk"))))


if __name__ == "__main__":
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0, interactive=False)
    fill()
