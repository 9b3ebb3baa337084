"""A forecast says what became of similar years, owns to what it cannot know, and never rolls its dice twice."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from ledgers import QUICK

from duban.core import likeness
from duban.core.forecast import LATER, LEVELS, Forecast, ForecastRules, UnderWay, forecast
from duban.core.likeness import Completed
from duban.core.rulebook import Outlook

AUGUST = date(2021, 8, 31)
PLAN = 1_000_000_0000
RULES = ForecastRules()
MIDDLE = LEVELS.index(0.5)


def straight(then: float, ended: float, *, at: int = 16) -> list[float]:
    """A course that stood at `then` after `at` half months and ended at `ended`, straight in between."""
    return np.interp(range(25), [0, at, 24], [0, then, ended]).tolist()


def years(paths: Sequence[Sequence[float]], *, programme: int = 1, lasting: bool = False) -> Completed:
    count = len(paths)
    return Completed(np.full(count, programme), np.full(count, lasting), np.array(paths, dtype=np.float64).reshape(count, 25))


def both(one: Completed, other: Completed) -> Completed:
    parts = ((one.programme, other.programme), (one.lasting, other.lasting), (one.path, other.path))
    return Completed(*(np.concatenate(part) for part in parts))


def under_way(*shares: float, half: int = 16, programme: int | list[int] = 1, base: int = 0, lasting: bool = False) -> UnderWay:
    """Undertakings 1, 2, … of one plan each, of which these shares are done."""
    count = len(shares)
    return UnderWay(
        undertaking=np.arange(1, count + 1),
        programme=np.broadcast_to(np.array(programme), count).copy(),
        lasting=np.full(count, lasting),
        base=np.full(count, base),
        done=base + np.array([round(share * PLAN) for share in shares]),
        target=np.full(count, base + PLAN),
        half=np.full(count, half),
    )


def ask(asked: UnderWay, of: Completed, *, as_of: date = AUGUST, head: int = 7, fans: bool = False, **rules: int) -> Any:
    return forecast(asked, of, as_of=as_of, head=head, rules=replace(RULES, **rules), fans=fans)


def same_bytes(one: Forecast, other: Forecast) -> bool:
    return all(
        getattr(one, name).tobytes() == getattr(other, name).tobytes()
        for name in ("key", "known", "done", "target", "amounts", "odds", "finish", "fan", "courses", "own", "counted")
    )


MIXED = [straight(0.4 + place / 100, 0.7 + place / 90) for place in range(40)]

# What it cannot know


def test_of_fewer_courses_than_the_class_needs_nothing_is_foretold() -> None:
    for count in (0, 1, 19):
        each, whole = ask(under_way(0.5), years(MIXED[:count]))
        assert (each.known.tolist(), whole.known.tolist(), each.courses.tolist()) == ([False], [False], [count])
        assert not each.amounts.any() and not each.odds.any() and not whole.amounts.any()
    assert ask(under_way(0.5), years(MIXED[:20]))[0].known.all()


def test_a_programme_is_compared_with_its_own_years_and_for_want_of_them_with_all() -> None:
    own, others = years([straight(0.5, 1.0)] * 25, programme=1), years([straight(0.5, 0.6)] * 60, programme=2)
    each, _ = ask(under_way(0.5), both(own, others))
    assert (each.own.tolist(), each.courses.tolist(), each.odds.tolist()) == ([True], [25], [1.0])
    each, _ = ask(under_way(0.5, programme=3), both(own, others))
    assert (each.own.tolist(), each.courses.tolist()) == ([False], [85])


def test_amounts_that_begin_anew_each_year_are_never_compared_with_lasting_ones() -> None:
    assert not ask(under_way(0.5, lasting=True), years(MIXED, lasting=False))[0].known.any()
    assert ask(under_way(0.5, lasting=True), years(MIXED, lasting=True))[0].known.all()


def test_a_course_in_another_unit_is_left_out() -> None:
    slip = [straight(0.5, 0.9 * 10_000)] * 30
    each, _ = ask(under_way(0.5), both(years(MIXED), years(slip)))
    assert each.courses.tolist() == [len(MIXED)]
    assert each.amounts.max() < 2 * PLAN


# What became of similar years


def test_who_goes_on_like_years_that_fulfilled_their_plan_exactly_fulfils_it_exactly() -> None:
    each, whole = ask(under_way(0.5, 0.55, 0.58), years([straight(0.4 + place / 200, 1.0) for place in range(40)]))
    assert (each.amounts == PLAN).all() and (each.odds == 1).all()
    assert (whole.amounts == 3 * PLAN).all() and whole.odds.tolist() == [1.0]


def test_who_goes_on_like_years_that_stood_still_stands_still() -> None:
    each, _ = ask(under_way(0.5), years([straight(0.4 + place / 200, 0.4 + place / 200) for place in range(40)]))
    assert (each.amounts == PLAN // 2).all() and each.odds.tolist() == [0.0]


def test_the_nearest_courses_speak_and_the_far_ones_do_not() -> None:
    slow, fast = years([straight(0.3, 0.5)] * 60), years([straight(0.7, 1.0)] * 60)
    each, _ = ask(under_way(0.3, 0.7), both(slow, fast))
    assert each.odds.tolist() == [0.0, 1.0]


def test_a_course_far_ahead_lends_a_laggard_only_its_pace_in_proportion() -> None:
    then, ended = np.array([0.8]), np.array([1.0])
    assert likeness.growth(then, ended, np.array([0.75]))[0] == pytest.approx(0.25)
    assert likeness.growth(then, ended, np.array([0.3]))[0] == pytest.approx(0.7 * (0.3 + 0.1) / 0.8)


def test_what_stood_before_the_year_is_no_part_of_its_course() -> None:
    plain, _ = ask(under_way(0.5, lasting=True), years(MIXED, lasting=True))
    raised, _ = ask(under_way(0.5, base=9 * PLAN, lasting=True), years(MIXED, lasting=True))
    assert (raised.amounts - plain.amounts == 9 * PLAN).all()
    assert (raised.odds == plain.odds).all()


def test_who_has_reached_the_plan_already_keeps_it() -> None:
    each, _ = ask(under_way(1.2), years(MIXED))
    assert each.odds.tolist() == [1.0]
    assert (each.amounts >= 1.2 * PLAN).all()


def test_at_the_year_s_end_there_is_nothing_left_to_foretell() -> None:
    each, whole = ask(under_way(0.9, 1.0, half=24), years(MIXED), as_of=date(2021, 12, 31))
    assert (each.amounts == np.array([[0.9], [1.0]]) * PLAN).all()
    assert each.odds.tolist() == [0.0, 1.0]
    assert list(whole.months) == [12]


def slowly(share: float, courses: Sequence[Sequence[float]], half: int) -> Any:
    """The quantile function once more, in plain Python: the growths of the nearest courses in order, with tails, straight in between."""
    growths = []
    for course in sorted(courses, key=lambda course: abs(course[half] - share))[:25]:
        then, ended = course[half], course[24]
        added = ended - then
        if then < 1 and ended >= then:
            added = (min(ended, 1) - then) / (1 - then) * max(1 - share, 0) + max(ended - 1, 0)
        growths.append(added * (1 if then <= share + 0.1 else (share + 0.1) / then))
    growths.sort()
    tenth = max(1, len(growths) // 10)
    low = max(growths[0] - (growths[tenth] - growths[0]) / tenth, min(growths[0], 0))
    points = [low, *growths, growths[-1] + (growths[-1] - growths[-1 - tenth]) / tenth]

    def quantile(level: float) -> float:
        place = level * (len(points) - 1)
        below = math.floor(place)
        return points[below] + (points[min(below + 1, len(points) - 1)] - points[below]) * (place - below)

    return quantile


@pytest.mark.parametrize("share", [0.05, 0.33, 0.62, 0.9, 1.04])
def test_many_draws_come_to_what_plain_arithmetic_says(share: float) -> None:
    chance = np.random.default_rng(5)
    courses = [straight(then, then + more) for then, more in zip(chance.uniform(0, 1.1, 100), chance.uniform(-0.05, 0.7, 100), strict=True)]
    each, _ = ask(under_way(share), years(courses), draws=200_000)
    quantile = slowly(share, courses, 16)
    for level, amount in zip(LEVELS, each.amounts[0].tolist(), strict=True):
        assert share + quantile(level - 0.004) <= amount / PLAN + 0.001
        assert amount / PLAN - 0.001 <= share + quantile(level + 0.004)


def test_ranges_hold_as_often_as_they_say() -> None:
    """Courses of one kind, half of them history and half foretold from it: the ranges then hold by construction of the class."""
    chance = np.random.default_rng(11)
    pace, shape = np.clip(chance.normal(0.97, 0.15, 2400), 0.2, 1.3), chance.uniform(0.7, 1.6, 2400)
    steps = np.diff(pace[:, None] * (np.arange(25) / 24) ** shape[:, None]) * chance.lognormal(-0.1, 0.5, (2400, 24))
    paths = np.hstack([np.zeros((2400, 1)), np.cumsum(steps, axis=1)])
    paths = np.where(chance.random(2400)[:, None] < 0.5, np.minimum(paths, 1), paths)
    each, _ = ask(under_way(*paths[1200:, 12], half=12), years(paths[:1200]), as_of=date(2021, 6, 30))
    truth = paths[1200:, 24] * PLAN
    for low, high, promised in ((0, 6, 0.95), (1, 5, 0.8), (2, 4, 0.5)):
        held = np.mean((truth >= each.amounts[:, low] - 1) & (truth <= each.amounts[:, high] + 1))
        assert held == pytest.approx(promised, abs=0.045)
    reached = truth >= PLAN * (1 - 1e-6)
    verdicts = np.array([Outlook().verdict(odds) for odds in each.odds])
    assert reached[verdicts == "likely"].mean() > 0.8
    assert reached[verdicts == "out_of_reach"].mean() < 0.2


# When


@pytest.mark.parametrize(("reached", "month"), [(17, 9), (20, 10), (22, 11), (24, 12)])
def test_the_plan_is_reached_by_the_month_in_which_similar_years_reached_theirs(reached: int, month: int) -> None:
    path = np.interp(range(25), [0, 16, reached, 24.1], [0, 0.5, 1, 1]).tolist()
    each, whole = ask(under_way(0.5), years([path] * 30))
    assert (each.finish == month).all() and (whole.finish == month).all()


def test_a_finish_that_does_not_come_within_the_year_is_later() -> None:
    courses = [straight(0.5, 1.0)] * 15 + [straight(0.5, 0.8)] * 15
    each, _ = ask(under_way(0.5), years(courses))
    assert each.finish[0].tolist()[0] == 12
    assert each.finish[0].tolist()[-1] == LATER
    assert each.odds[0] == pytest.approx(0.5, abs=0.05)


def test_the_fan_opens_at_the_last_report_and_ends_in_the_year_s_range() -> None:
    each, whole = ask(under_way(0.5, 0.6), years(MIXED), fans=True)
    assert list(each.months) == [8, 9, 10, 11, 12]
    assert (each.fan[:, 0] == np.array([[0.5], [0.6]]) * PLAN).all()
    assert (each.fan[:, -1] == each.amounts).all() and (whole.fan[:, -1] == whole.amounts).all()
    width = each.fan[:, :, -1] - each.fan[:, :, 0]
    assert (np.diff(width, axis=1) > 0).all()


def test_the_fan_of_who_has_fallen_silent_is_open_already() -> None:
    each, _ = ask(under_way(0.5, half=10), years(MIXED), fans=True)
    assert each.fan[0, 0, 0] < each.fan[0, 0, -1]


def test_a_month_that_has_not_ended_is_still_to_come() -> None:
    assert list(ask(under_way(0.5), years(MIXED), as_of=date(2021, 8, 30))[0].months) == [7, 8, 9, 10, 11, 12]
    assert ask(under_way(0.0, half=0), years(MIXED), as_of=date(2021, 1, 20))[0].months == range(13)


# Together


def relative(told: Forecast) -> float:
    return float((told.amounts[0, 5] - told.amounts[0, 1]) / told.amounts[0, MIDDLE])


def test_a_programme_is_surer_than_its_undertakings_and_less_sure_than_if_luck_were_never_shared() -> None:
    many = under_way(*[0.6] * 50)
    each, shared = ask(many, years(MIXED))
    _, apart = ask(many, years(MIXED), shared=0)
    assert relative(apart) < relative(shared) < relative(each)


def test_luck_that_is_all_shared_adds_the_ranges_up() -> None:
    each, whole = ask(under_way(*[0.6] * 20), years(MIXED), shared=99)
    assert whole.amounts[0] == pytest.approx(each.amounts.sum(axis=0), rel=0.01)


def test_a_programme_s_odds_come_from_its_sums_and_not_from_its_undertakings_odds() -> None:
    courses = [straight(0.5, 0.6)] * 20 + [straight(0.5, 1.35)] * 20
    each, whole = ask(under_way(*[0.5] * 40), years(courses), shared=0)
    assert each.odds.mean() == pytest.approx(0.5, abs=0.05)
    assert whole.odds[0] < 0.4  # the sum is near 0.98 of its plan, and seldom above it
    assert whole.counted.tolist() == [40]


# The same again


def test_the_same_question_has_the_same_answer_to_the_byte() -> None:
    for one, other in zip(ask(under_way(0.3, 0.6), years(MIXED)), ask(under_way(0.3, 0.6), years(MIXED)), strict=True):
        assert same_bytes(one, other)


@pytest.mark.parametrize("change", [{"head": 8}, {"as_of": date(2021, 8, 30)}])
def test_another_head_or_day_draws_anew(change: dict[str, Any]) -> None:
    assert not (ask(under_way(0.3), years(MIXED), **change)[0].amounts == ask(under_way(0.3), years(MIXED))[0].amounts).all()


def test_an_undertaking_s_forecast_does_not_depend_on_who_else_is_asked_about() -> None:
    shares = [round(0.2 + place / 400, 4) for place in range(200)]
    asked = under_way(*shares, programme=[1 + place % 3 for place in range(200)])
    all_of_them, _ = ask(asked, years(MIXED))
    mixed = np.random.default_rng(1).permutation(200)
    again, _ = ask(asked.rows(mixed), years(MIXED))
    assert same_bytes(all_of_them, again)
    some = [3, 77, 150]
    alone, _ = ask(asked.rows(np.array(some)), years(MIXED))
    assert (alone.amounts == all_of_them.amounts[some]).all() and (alone.odds == all_of_them.odds[some]).all()


def test_asking_for_fans_changes_no_number() -> None:
    plain, _ = ask(under_way(0.3, 0.6), years(MIXED))
    fanned, _ = ask(under_way(0.3, 0.6), years(MIXED), fans=True)
    assert (plain.amounts == fanned.amounts).all() and (plain.odds == fanned.odds).all()


def test_nobody_under_way_is_no_mistake() -> None:
    each, whole = ask(under_way(), years(MIXED))
    assert each.key.size == whole.key.size == 0


# The pieces


@pytest.mark.parametrize(
    ("odds", "verdict"), [(1.0, "likely"), (0.8, "likely"), (0.7995, "doubtful"), (0.2, "doubtful"), (0.1995, "out_of_reach")]
)
def test_the_verdict_turns_where_the_rules_say(odds: float, verdict: str) -> None:
    assert Outlook().verdict(odds) == verdict


def test_a_rulebook_draws_its_own_lines_and_binary_fractions_do_not_move_them() -> None:
    strict = Outlook(likely=58, doubtful=29)
    assert [strict.verdict(odds) for odds in (0.58, 0.29, 0.2895)] == ["likely", "doubtful", "out_of_reach"]


def test_where_more_courses_stand_at_one_point_than_are_needed_they_are_taken_evenly() -> None:
    chosen = likeness.nearest(np.zeros(100), np.array([0.0]), 10)
    assert chosen.tolist() == [[0, 10, 20, 30, 40, 50, 60, 70, 80, 90]]


@QUICK
@given(st.lists(st.floats(0, 1), min_size=5, max_size=30, unique=True), st.floats(-0.5, 1.5), st.integers(1, 5))
def test_the_nearest_are_those_at_the_least_distance(then: list[float], now: float, count: int) -> None:
    chosen = likeness.nearest(np.array(then), np.array([now]), count)[0]
    distances = sorted(abs(share - now) for share in then)
    assert sorted(abs(then[place] - now) for place in chosen.tolist()) == pytest.approx(distances[:count])


def test_beyond_all_courses_the_outermost_are_the_nearest() -> None:
    then = np.arange(10) / 10
    assert [sorted(row) for row in likeness.nearest(then, np.array([-1.0, 5.0]), 3).tolist()] == [[0, 1, 2], [7, 8, 9]]


shares = st.floats(0, 2, allow_nan=False)


@QUICK
@given(then=shares, ended=shares, less=shares, more=shares)
def test_more_done_never_ends_lower(then: float, ended: float, less: float, more: float) -> None:
    low, high = sorted((less, more))
    added = likeness.growth(np.array([then]), np.array([ended]), np.array([low, high]))
    assert low + added[0] <= high + added[1] + 1e-9


@QUICK
@given(st.lists(st.tuples(shares, shares), min_size=20, max_size=40), st.lists(shares, min_size=1, max_size=5), st.integers(0, 24))
def test_ranges_lie_in_order_and_odds_agree_with_finishes(courses: list[tuple[float, float]], now: list[float], half: int) -> None:
    paths = [np.interp(range(25), [0, 12, 24], [0, *course]).tolist() for course in courses]
    each, whole = ask(under_way(*now, half=half), years(paths), as_of=date(2021, 12, 30), draws=200, fans=True)
    for told in (each, whole):
        assert (np.diff(told.amounts, axis=1) >= 0).all() and (np.diff(told.finish, axis=1) >= 0).all()
        assert ((told.finish[:, MIDDLE] <= 12) == (told.odds >= 0.5))[told.finish[:, MIDDLE] == 12].all()
        assert ((told.odds >= 0) & (told.odds <= 1)).all()
