"""How a published total is broken down: shares that add up to it exactly, the same on every machine."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Final

from duban.core import periods
from duban.demo import bodies
from duban.demo.rows import SHANGHAI, Line

YEAR: Final = 2021
YEAR_END: Final = date(YEAR, 12, 31)
MONTHS: Final = tuple(periods.last_day(YEAR, month) for month in range(1, 9))
"""The months that the example has reports for: January to August 2021."""
DAYS_AFTER: Final = (2, 3, 4, 5)


def apportion(total: int, weights: Sequence[int]) -> list[int]:
    """`total` split in proportion to whole `weights`, largest remainders first; the parts add up to it exactly."""
    whole = sum(weights)
    parts = [total * weight // whole for weight in weights]
    order = sorted(range(len(weights)), key=lambda i: (-(total * weights[i] % whole), i))
    for i in order[: total - sum(parts)]:
        parts[i] += 1
    return parts


def wobble(name: str, low: int, high: int) -> int:
    """A number from `low` to `high` that depends on `name` only."""
    return low + zlib.crc32(name.encode()) % (high - low + 1)


SHAPES: Final = {
    "steady": (11, 22, 35, 48, 61, 75, 88, 100),
    "early": (34, 52, 66, 74, 82, 90, 96, 100),
    "late": (0, 0, 6, 18, 36, 58, 80, 100),
    "quarterly": (0, 0, 38, 38, 38, 76, 76, 100),
    "idle": (30, 30, 52, 78, 100, 100, 100, 100),
}
"""Percent of August's year-to-date amount at each month's end."""


def course(name: str, last: int, shape: str, step: int = 100) -> list[int]:
    """Eight year-to-date amounts that never fall and end at `last`; the months between are rounded to `step`."""
    percents = SHAPES[shape]
    jitter = [
        0 if low == high else wobble(f"{name}/{month}", -15, 15)
        for month, (low, high) in enumerate(zip(percents, (*percents[1:], 100), strict=True))
    ]
    amounts, before = [], 0
    for month, percent in enumerate(percents[:-1]):
        flat = month and percent == percents[month - 1]
        permille = 10 * percent + (jitter[month] if percent else 0)
        before = before if flat else min(last, max(before, last * permille // 1000 // step * step))
        amounts.append(before)
    return [*amounts, last]


def sent(body: str, period: date, days: int = 0) -> datetime:
    """When a body's report for `period` was accepted: two to five days after, at its own hour; or `days` after."""
    place = zlib.crc32(body.encode())
    day = period + timedelta(days=days or DAYS_AFTER[place % 4])
    return datetime(day.year, day.month, day.day, 9 + place % 8, place // 8 % 60, tzinfo=SHANGHAI)


@dataclass
class Book:
    """The lines of one programme as they are written down, with the body that sends them."""

    lines: list[Line] = field(default_factory=list)

    def write(
        self,
        undertaking: str,
        measure: str,
        kind: str,
        period: date,
        value: Decimal | int | date | None,
        *,
        body: str,
        at: datetime | None = None,
        reason: str = "",
    ) -> None:
        """One line; a day when `value` is one, a withdrawal when it is None."""
        is_day = isinstance(value, date)
        self.lines.append(
            Line(
                undertaking=undertaking,
                measure=measure,
                kind=kind,
                period=period,
                amount=None if value is None or is_day else Decimal(value),  # type: ignore[arg-type]
                day=value if is_day else None,  # type: ignore[arg-type]
                reason=reason,
                recorded_at=at or sent(body, period),
                body=body,
                submitted_by=bodies.reporter(body),
                accepted_by=bodies.reviewer(body),
            )
        )

    def happened(self, undertaking: str, measure: str, day: date, *, body: str, at: datetime | None = None) -> None:
        """A day that was reported with its month's report."""
        self.write(undertaking, measure, "report", periods.month_end(day), day, body=body, at=at)

    def due(self, undertaking: str, measure: str, day: date, *, body: str, year: int = YEAR, at: datetime | None = None) -> None:
        """A day that was promised in the plan of a year."""
        self.write(undertaking, measure, "plan", date(year, 12, 31), day, body=body, at=at or planned(body, year))

    def monthly(self, undertaking: str, measure: str, amounts: Sequence[int], *, body: str, until: int = 8) -> None:
        """Year-to-date amounts for January to the month `until`."""
        for period, amount in zip(MONTHS[:until], amounts, strict=False):
            self.write(undertaking, measure, "report", period, amount, body=body)


def planned(body: str, year: int = YEAR) -> datetime:
    """When a body's plan of a year was accepted: in the middle of January."""
    return sent(body, date(year, 1, 14))


Source = Callable[[], list[Line]]


def in_order(*sources: Source) -> list[Line]:
    """All lines by the moment at which they were accepted; lines sent together stay together."""
    return sorted((line for source in sources for line in source()), key=lambda line: (line.recorded_at, line.body))


def batches(lines: Sequence[Line]) -> list[list[Line]]:
    """The lines in order, cut into what one body sent at one moment."""
    cut: list[list[Line]] = []
    for line in lines:
        if cut and (cut[-1][0].recorded_at, cut[-1][0].body) == (line.recorded_at, line.body):
            cut[-1].append(line)
        else:
            cut.append([line])
    return cut
