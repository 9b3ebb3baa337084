"""Working days, over a plain week, a week with a make-up workday, and China's own calendar."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from duban.core.workdays import nth_working_day_after, nth_working_day_before, working_days_between
from duban.registry import holidays

FREE = {date(2026, 3, 4), date(2026, 3, 5)}
WORKED = {date(2026, 3, 7)}


def plain(day: date) -> bool:
    """Wednesday and Thursday are free, and the Saturday after them is worked instead."""
    return day in WORKED or (day.weekday() < 5 and day not in FREE)


@pytest.mark.parametrize(
    ("n", "day"),
    [(0, "2026-03-01"), (1, "2026-03-02"), (2, "2026-03-03"), (3, "2026-03-06"), (4, "2026-03-07"), (5, "2026-03-09")],
)
def test_the_nth_working_day_after_a_sunday(n: int, day: str):
    assert nth_working_day_after(date(2026, 3, 1), n, plain) == date.fromisoformat(day)


def test_a_day_never_counts_itself():
    monday, friday = date(2026, 3, 2), date(2026, 3, 6)
    assert nth_working_day_after(monday, 1, plain) == date(2026, 3, 3)
    assert nth_working_day_before(friday, 1, plain) == date(2026, 3, 3)
    assert working_days_between(monday, monday, plain) == 0
    assert working_days_between(monday, friday, plain) == 2
    assert working_days_between(friday, monday, plain) == -2


@given(st.dates(date(2004, 1, 1), date(2040, 12, 31)), st.integers(0, 60))
def test_going_forth_counts_what_was_gone(day: date, n: int):
    after = nth_working_day_after(day, n, holidays.is_working)
    assert working_days_between(day, after, holidays.is_working) == n
    assert n == 0 or holidays.is_working(after)
    start = nth_working_day_before(after, n, holidays.is_working)
    assert working_days_between(start, after, holidays.is_working) == n
    assert start <= after


def test_a_calendar_without_a_working_day_is_wrong():
    with pytest.raises(ValueError, match="no working day"):
        nth_working_day_after(date(2026, 3, 1), 1, lambda day: False)


def test_national_day_2021_as_it_was_announced():
    free = [date(2021, 10, day) for day in range(1, 8)]
    assert not any(holidays.is_working(day) for day in free)
    assert all(holidays.is_working(day) for day in (date(2021, 9, 26), date(2021, 10, 9)))
    assert holidays.read(date(2021, 10, 9)) == holidays.Worked(working=True, announced=True, holiday="national_day")
    # The 8th, Saturday the 9th, then the 11th, 12th and 13th.
    assert nth_working_day_after(date(2021, 9, 30), 5, holidays.is_working) == date(2021, 10, 13)
    assert nth_working_day_after(date(2021, 9, 24), 1, holidays.is_working) == date(2021, 9, 26)


def test_a_year_that_is_not_announced_has_its_weekends_only_and_says_so():
    far = holidays.KNOWN[-1] + 1
    week = [date(far, 10, 1) + timedelta(days=ahead) for ahead in range(7)]
    assert [holidays.is_working(day) for day in week] == [day.weekday() < 5 for day in week]
    assert not any(holidays.announced(day) for day in week)
    assert holidays.announced(date(far - 1, 12, 31))
