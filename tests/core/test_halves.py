"""Time against task: published gaps to the hundredth, and what "past half" means at its edge."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from duban.core import halves, periods
from duban.core.halves import Halves, against

PUBLISHED = {
    "Huangshan District, September 2020": (date(2020, 9, 30), 8618, 10_000, 1118),
    "Yunfu, mid-August 2017": (date(2017, 8, 15), 6114, 10_000, -136),
    "Sanyuan, August 2010": (date(2010, 8, 31), 7400, 10_000, 733),
    "Huangshan City, livelihood, June 2013": (date(2013, 6, 30), 7490, 10_000, 2490),
    "a city, June 2018, 22.982 of 38 billion": (date(2018, 6, 30), 22_982, 38_000, 1048),
}


@pytest.mark.parametrize("name", PUBLISHED)
def test_published_gaps_come_out_to_the_hundredth_of_a_point(name: str):
    on, done, target, gap = PUBLISHED[name]
    assert Halves(on, done, target).gap == gap


def test_a_task_that_is_told_as_an_amount_is_rounded_once():
    told = Halves(date(2018, 6, 30), 22_982, 38_000)
    assert (told.time, told.task, told.gap) == (5000, 6048, 1048)


@pytest.mark.parametrize(
    ("on", "done", "verdict"),
    [
        (date(2021, 6, 30), 50, "both_past"),
        (date(2021, 6, 30), 49, "time_past"),
        (date(2021, 6, 27), 50, "task_past"),
        (date(2021, 6, 27), 49, "neither_past"),
        (date(2021, 12, 31), 120, "both_past"),
        (date(2021, 1, 31), 0, "neither_past"),
    ],
)
def test_exactly_half_is_past_half(on: date, done: int, verdict: str):
    assert Halves(on, done, 100).verdict == verdict


def test_past_half_does_not_mean_on_time():
    told = Halves(date(2021, 10, 31), 60, 100)
    assert (told.verdict, told.pace, told.gap) == ("both_past", "time_ahead", -2333)


def test_the_pace_is_level_only_where_nothing_was_rounded_away():
    assert Halves(date(2021, 8, 31), 2, 3).pace == "level"
    assert Halves(date(2021, 8, 31), 666_667, 1_000_000).pace == "task_ahead"
    assert Halves(date(2021, 8, 31), 666_667, 1_000_000).gap == 0


@pytest.mark.parametrize(("done", "target"), [(None, 100), (5, None), (5, 0), (5, -100)])
def test_silence_and_a_plan_of_nothing_have_no_verdict(done: int | None, target: int | None):
    assert against(on=date(2021, 6, 30), done=done, target=target) is None


def test_a_reported_zero_has_one():
    told = against(on=date(2021, 6, 30), done=0, target=100)
    assert told is not None
    assert (told.verdict, told.gap) == ("time_past", -5000)


def test_nobody_is_measured_against_days_for_which_no_report_was_due():
    assert halves.compared(date(2021, 8, 20), newer=False) == date(2021, 7, 31)
    assert halves.compared(date(2021, 8, 20), newer=True) == date(2021, 8, 20)
    assert halves.compared(date(2021, 8, 31), newer=False) == date(2021, 8, 31)


@given(on=st.dates(date(1999, 1, 1), date(2100, 12, 31)), done=st.integers(-(10**15), 10**15), target=st.integers(1, 10**15))
def test_time_and_task_and_their_gap_agree_to_a_hundredth(on: date, done: int, target: int):
    told = Halves(on, done, target)
    assert abs(told.task - told.time - told.gap) <= 1
    assert (told.gap > 0) <= (told.pace == "task_ahead")
    assert (told.gap < 0) <= (told.pace == "time_ahead")
    assert told.passed == periods.halves(on)
