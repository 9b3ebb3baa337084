"""Which days are worked in China: public holidays are free, make-up workdays are worked.

The State Council announces the days of a year in the autumn before it. Until then nobody knows them: weekends are then taken to be
free and all other days to be worked, and `announced` says that this is a guess.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Final

from chinese_calendar import constants

SATURDAY: Final = 5
KNOWN: Final = range(min(constants.holidays).year, max(constants.holidays).year + 1)
"""The years whose holidays the calendar knows."""


@dataclass(frozen=True, slots=True)
class Worked:
    """One day: whether it is worked, whether that is announced, and the holiday it belongs to (its code; empty for a usual day).

    A make-up workday is worked and carries the holiday that it makes up for.
    """

    working: bool
    announced: bool
    holiday: str = ""


@lru_cache(maxsize=8192)
def read(day: date) -> Worked:
    """What is known of `day`."""
    weekday = day.weekday() < SATURDAY
    if day.year not in KNOWN:
        return Worked(working=weekday, announced=False)
    if day in constants.workdays:
        return Worked(working=True, announced=True, holiday=_code(constants.workdays[day]))
    if day in constants.holidays:
        return Worked(working=False, announced=True, holiday=_code(constants.holidays[day]))
    return Worked(working=weekday, announced=True)


def _code(name: str) -> str:
    return str(constants.Holiday(name).name)


def is_working(day: date) -> bool:
    """Whether offices work on `day`."""
    return read(day).working


def announced(day: date) -> bool:
    """Whether the holidays of the year of `day` have been announced."""
    return read(day).announced
