"""Days counted as offices count them: only those on which people work.

Which days those are is passed in as a function from a day to whether it is worked, so that make-up workdays and holidays of any
country count the same way.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Final

IsWorking = Callable[[date], bool]
LONGEST: Final = 60
"""No office is closed for more days on end; a calendar that says so is wrong."""


def _step(day: date, step: int, is_working: IsWorking) -> date:
    """The nearest worked day after `day` (or before it, with a step of -1). Raises ValueError where none is within `LONGEST` days."""
    for _ in range(LONGEST):
        day += timedelta(days=step)
        if is_working(day):
            return day
    raise ValueError(f"no working day within {LONGEST} days of {day}")


def nth_working_day_after(day: date, n: int, is_working: IsWorking) -> date:
    """The n-th working day after `day`, which itself never counts: the fifth after 30 September 2021 is 13 October. 0 is `day` itself."""
    for _ in range(n):
        day = _step(day, 1, is_working)
    return day


def nth_working_day_before(day: date, n: int, is_working: IsWorking) -> date:
    """The n-th working day before `day`, which itself never counts. 0 is `day` itself."""
    for _ in range(n):
        day = _step(day, -1, is_working)
    return day


def working_days_between(first: date, last: date, is_working: IsWorking) -> int:
    """Working days after `first` up to and with `last`; below zero when `last` lies before `first`."""
    if last < first:
        return -working_days_between(last, first, is_working)
    return sum(is_working(first + timedelta(days=ahead)) for ahead in range(1, (last - first).days + 1))
