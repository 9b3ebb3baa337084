"""Ledgers with a past: many undertakings that did the same year after year, entered at once."""

from __future__ import annotations

from datetime import UTC, datetime

import stage
from django.db import connection

from duban.core import periods
from duban.ledger.actions import COLUMNS
from duban.ledger.bulk import insert
from duban.ledger.models import Batch
from duban.ledger.reads import head

EVEN = tuple(100 * month // 12 for month in range(1, 13))
LATE = (0, 0, 5, 10, 20, 30, 40, 50, 60, 70, 80, 100)


def lay(district: stage.District, years: dict[int, tuple[int, ...]], *, count: int = 25, lead: str = "invested", plan: int = 100) -> None:
    """`count` undertakings that all planned the same and did the same: by year what stood at each month's end. Entered on the next day."""
    people = district.people["reporter"].pk, district.people["reviewer"].pk
    promises = [district.promise(f"{lead}-{number}", lead=lead).pk for number in range(count)]
    measure, rows, seq = district.measures[lead].pk, [], head()
    batch = Batch.objects.create(origin="test", recorded_at=stage.NOW)
    for year, course in years.items():
        told = [("plan", 12, plan, datetime(year, 1, 5, tzinfo=UTC))]
        told += [
            ("report", month, amount, datetime(year + month // 12, month % 12 + 1, 1, tzinfo=UTC)) for month, amount in enumerate(course, 1)
        ]
        for kind, month, amount, at in told:
            for promise in promises:
                seq += 1
                day = periods.to_number(periods.last_day(year, month))
                recorded = str(at.replace(tzinfo=None)) if connection.vendor == "sqlite" else at
                rows.append((seq, promise, measure, kind, day, amount * 10_000, None, None, recorded, *people, "", batch.pk))
    insert("ledger_entry", COLUMNS, rows)
