"""Earned schedule says what its source publishes, and refuses what cannot be."""

from __future__ import annotations

import csv
import math
from typing import Any

import numpy as np
import pytest
import realdata
from hypothesis import given
from hypothesis import strategies as st

from duban.core.earned import Plan, earned
from duban.core.refusals import Refusal

# Worked example of the PM Knowledge Center (OR-AS), node 167: eleven weeks, planned duration 9, budget 150.
PLANNED = (5, 10, 25, 55, 85, 120, 130, 140, 150, 150, 150)
DONE = (3.33, 6.67, 10, 22.5, 70, 82.5, 90, 120, 130, 140, 150)
PUBLISHED = ("0.67", "1.33", "2.00", "2.83", "4.50", "4.92")
WEEKS = range(1, 12)


def example() -> Any:
    return earned(Plan.of(WEEKS, PLANNED), WEEKS, DONE)


def test_the_published_earned_schedule_comes_out() -> None:
    assert tuple(f"{value:.2f}" for value in example().schedule[:6]) == PUBLISHED


def test_the_published_project_ends_two_weeks_late_and_at_every_time_knew_its_plan() -> None:
    plan = Plan.of(WEEKS, PLANNED)
    assert (plan.duration, plan.budget) == (9, 150)
    told = example()
    assert told.variance[-1] == -2
    assert told.end[-1] == told.end_at_pace[-1] == 11


@realdata.needs("earned_value/pmkc_forecasting_time_example.csv")
def test_every_column_of_the_published_table_comes_out() -> None:
    with (realdata.FOLDER / "earned_value" / "pmkc_forecasting_time_example.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    weeks = [float(row["week"]) for row in rows]
    told = earned(Plan.of(weeks, [float(row["PV"]) for row in rows]), weeks, [float(row["EV"]) for row in rows])
    for place, row in enumerate(rows):
        if row["ES_published"]:
            assert f"{told.schedule[place]:.2f}" == f"{float(row['ES_published']):.2f}"
        assert told.schedule[place] == pytest.approx(float(row["ES_computed"]), abs=0.005)
        assert told.variance[place] == pytest.approx(float(row["SV_t"]), abs=0.005)
        assert told.end[place] == pytest.approx(float(row["EAC_t_ES_PF1"]), abs=0.005)
        # These two were worked out from an earned schedule that was rounded to two places before.
        assert told.pace[place] == pytest.approx(float(row["SPI_t"]), rel=0.006)
        assert told.end_at_pace[place] == pytest.approx(float(row["EAC_t_ES_SPIt"]), rel=0.007)


def test_the_plan_is_straight_between_its_points_and_level_after_them() -> None:
    assert Plan.of([2, 4], [10, 30]).value([0, 1, 2, 3, 4, 9]).tolist() == [0, 5, 10, 20, 30, 30]


def test_the_two_endings_differ_by_what_becomes_of_the_pace() -> None:
    told = earned(Plan.of([10], [100]), [4], [20])
    assert (told.schedule[0], told.variance[0], told.pace[0]) == (2, -2, 0.5)
    assert told.end[0] == 12  # 10 planned + 4 passed - 2 earned
    assert told.end_at_pace[0] == 20  # 10 planned / 0.5


def test_nothing_done_earns_no_time_and_never_ends_at_that_pace() -> None:
    told = earned(Plan.of([10], [100]), [4], [0])
    assert (told.schedule[0], told.pace[0], told.end[0]) == (0, 0, 14)
    assert np.isinf(told.end_at_pace[0])


def test_more_than_all_is_done_when_all_should_be() -> None:
    assert earned(Plan.of([5, 10], [50, 100]), [8], [130]).schedule.tolist() == [10]


@pytest.mark.parametrize(("at", "stands"), [(1, 2), (3, 3), (5, 5), (7, 6)])
def test_on_a_level_stretch_of_the_plan_what_meets_it_is_on_time(at: int, stands: int) -> None:
    assert earned(Plan.of([2, 6, 8], [40, 40, 100]), [at], [40]).schedule.tolist() == [stands]


def test_a_plan_that_begins_late_asks_nothing_of_whoever_has_done_nothing() -> None:
    assert earned(Plan.of([6, 12], [0, 60]), [3, 6, 9], [0, 0, 0]).variance.tolist() == [0, 0, -3]


IMPOSSIBLE: list[tuple[str, Any]] = [
    ("earned-no-plan", lambda: Plan.of([], [])),
    ("earned-no-plan", lambda: Plan.of([1, 2], [0, 0])),
    ("earned-lengths-differ", lambda: Plan.of([1, 2], [10])),
    ("earned-not-a-number", lambda: Plan.of([1, 2], [1, math.nan])),
    ("earned-not-a-number", lambda: Plan.of([1, math.inf], [1, 2])),
    ("earned-not-a-number", lambda: earned(Plan.of([10], [100]), [1], [math.nan])),
    ("earned-plan-falls", lambda: Plan.of([1, 2], [10, 9])),
    ("earned-negative", lambda: Plan.of([1, 2], [-1, 9])),
    ("earned-order", lambda: Plan.of([2, 2], [1, 9])),
    ("earned-order", lambda: Plan.of([0, 2], [1, 9])),
    ("earned-lengths-differ", lambda: earned(Plan.of([10], [100]), [1, 2], [5])),
    ("earned-negative", lambda: earned(Plan.of([10], [100]), [1], [-5])),
    ("earned-before-start", lambda: earned(Plan.of([10], [100]), [0, 1], [5, 6])),
    ("earned-before-start", lambda: earned(Plan.of([10], [100]), [-3, 1], [5, 6])),
    ("earned-order", lambda: earned(Plan.of([10], [100]), [2, 1], [5, 6])),
]


@pytest.mark.parametrize(("code", "asked"), IMPOSSIBLE)
def test_what_cannot_be_is_refused(code: str, asked: Any) -> None:
    with pytest.raises(Refusal) as refused:
        asked()
    assert refused.value.code == code


@st.composite
def plans(draw: st.DrawFn) -> Plan:
    steps = draw(st.lists(st.tuples(st.integers(1, 9), st.integers(0, 50)), min_size=1, max_size=8).filter(lambda s: any(r for _, r in s)))
    return Plan.of(np.cumsum([width for width, _ in steps]), np.cumsum([rise for _, rise in steps]))


@given(plan=plans(), at=st.integers(1, 60))
def test_who_has_done_what_the_plan_wants_is_on_time(plan: Plan, at: int) -> None:
    told = earned(plan, [at], plan.value([at]))
    assert told.schedule[0] == pytest.approx(min(at, plan.duration))


@given(plan=plans(), at=st.integers(1, 60), done=st.lists(st.integers(0, 500), min_size=2, max_size=2))
def test_more_done_never_earns_less_time(plan: Plan, at: int, done: list[int]) -> None:
    less, more = (earned(plan, [at], [amount]).schedule[0] for amount in sorted(done))
    assert less <= more <= plan.duration
