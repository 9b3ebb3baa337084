"""What is at stake: the amount times how urgent it is, and since when."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from duban.core import stakes
from duban.core.rules import RULES
from duban.core.stakes import PARTS, WHOLE, Stake

NEW_YEAR = date(2021, 1, 1)
NEW_YEARS_EVE = date(2021, 12, 31)
AUGUST = date(2021, 8, 31)


def at_stake(rule: str, *, done: int | None = None, planned: int | None = None, target: int | None = None, direction: int = 1):
    amounts = {
        name: None if value is None else Decimal(value) for name, value in (("done", done), ("planned", planned), ("target", target))
    }
    return stakes.amount_at_stake(rule, direction=direction, **amounts)


def stake(amount: int = 0, *, share: int = 0, money: bool = True, urgency: int = PARTS) -> Stake:
    return Stake(kind="behind", amount=Decimal(amount), share=share, money=money, urgency=urgency)


def test_every_red_and_every_amber_rule_has_exactly_one_reason_to_be_watched():
    named = [rule for rules in stakes.REASONS.values() for rule in rules]
    assert sorted(named) == sorted(rule.name for rule in RULES if rule.light in ("red", "amber"))
    assert {stakes.reason(rule) for rule in named} == set(stakes.REASONS)


def test_an_amber_of_new_years_day_is_urgent_once_and_a_red_twice():
    assert stakes.urgency(severity=1, months=0, on=NEW_YEAR) == PARTS
    assert stakes.urgency(severity=0, months=0, on=NEW_YEAR) == 2 * PARTS


@pytest.mark.parametrize(("months", "times"), [(0, 1), (1, 1.5), (2, 2), (4, 3), (12, 7), (13, 7), (60, 7), (-3, 1)])
def test_each_month_adds_a_half_up_to_twelve(months: int, times: float):
    assert stakes.urgency(severity=1, months=months, on=NEW_YEAR) == times * PARTS


@pytest.mark.parametrize(
    ("on", "parts"),
    [(NEW_YEAR, 48), (date(2021, 1, 15), 50), (date(2021, 6, 30), 72), (AUGUST, 80), (NEW_YEARS_EVE, 96), (date(2022, 1, 1), 48)],
)
def test_what_has_passed_of_the_year_is_added_once(on: date, parts: int):
    assert stakes.urgency(severity=1, months=0, on=on) == parts


def test_what_lags_is_what_the_schedule_asks_and_nobody_reported():
    assert at_stake("behind", done=300, planned=400, target=1000) == ("behind", 100, 1000)
    assert at_stake("far_behind", planned=400, target=1000) == ("behind", 400, 4000)
    assert at_stake("start_overdue", done=0, planned=400, target=1000) == ("behind", 400, 4000)


def test_what_is_ahead_or_on_schedule_to_the_digit_is_not_at_stake():
    assert at_stake("finish_overdue", done=400, planned=400, target=1000) == ("behind", 0, 0)
    assert at_stake("finish_overdue", done=401, planned=400, target=1000) == ("behind", 0, 0)


def test_where_less_is_better_what_is_too_much_is_at_stake():
    assert at_stake("behind", done=12, planned=10, target=20, direction=-1) == ("behind", 2, 1000)
    assert at_stake("behind", done=8, planned=10, target=20, direction=-1) == ("behind", 0, 0)


def test_what_is_done_and_does_not_count_or_yield_is_at_stake_itself():
    assert at_stake("not_enrolled", done=500, planned=400, target=1000) == ("uncounted", 500, 5000)
    assert at_stake("enrolment_overdue", planned=400, target=1000) == ("uncounted", 0, 0)
    assert at_stake("production_overdue", done=900, planned=900, target=900) == ("idle", 900, WHOLE)


def test_a_day_is_the_whole_of_its_plan_and_nothing_is_more_than_the_whole():
    assert at_stake("finish_overdue") == ("behind", 0, WHOLE)
    assert at_stake("not_started", done=0) == ("behind", 0, WHOLE)
    assert at_stake("behind", done=90, planned=10, target=20, direction=-1) == ("behind", 80, WHOLE)
    assert at_stake("behind", done=0, planned=1, target=0) == ("behind", 1, WHOLE)


def test_a_share_is_rounded_down_to_the_hundredth_of_a_point():
    assert at_stake("behind", done=0, planned=1, target=3) == ("behind", 1, 3333)
    assert at_stake("behind", done=0, planned=2, target=3) == ("behind", 2, 6666)


def test_the_largest_stake_stands_first_and_a_small_but_urgent_one_before_a_large_mild_one():
    mild, urgent = stake(300, urgency=PARTS), stake(101, urgency=3 * PARTS)
    assert sorted([mild, urgent], key=lambda one: one.order) == [urgent, mild]
    assert urgent.weight - mild.weight == 3 * PARTS


def test_money_stands_apart_and_shares_rank_what_is_no_money():
    money, doses, households = stake(1), stake(900_000, share=1200, money=False), stake(3, share=5000, money=False)
    assert sorted([doses, households, money], key=lambda one: one.order) == [money, households, doses]


def test_of_equal_stakes_the_more_urgent_stands_first():
    slow, urgent = stake(0, urgency=PARTS), stake(0, urgency=2 * PARTS)
    assert sorted([slow, urgent], key=lambda one: one.order) == [urgent, slow]


def test_stakes_are_exact_where_doubles_would_tie():
    near, nearer = stake(9_007_199_254_740_992), stake(9_007_199_254_740_993)
    assert float(near.amount) == float(nearer.amount)
    assert nearer.order < near.order


def test_month_ends_are_looked_up_from_the_last_one_back():
    assert stakes.month_ends_back(AUGUST, 2) == [date(2021, 7, 31), date(2021, 6, 30)]
    assert stakes.month_ends_back(date(2021, 9, 10), 2) == [AUGUST, date(2021, 7, 31)]
    assert stakes.month_ends_back(date(2021, 3, 15))[-1] == date(2020, 3, 31)
    assert len(stakes.month_ends_back(AUGUST)) == 12


def test_a_run_begins_after_the_last_month_end_that_broke_it():
    july, june, may = stakes.month_ends_back(AUGUST, 3)
    held = [(july, {1, 2, 4}), (june, {1, 4, 3}), (may, {2, 3, 4})]
    assert stakes.runs(AUGUST, [1, 2, 3, 4], held) == {1: june, 2: july, 3: AUGUST, 4: may}
    assert stakes.runs(AUGUST, [1], []) == {1: AUGUST}


def test_no_month_end_is_looked_up_once_every_run_is_broken():
    asked = []

    def looked_up():
        for day in stakes.month_ends_back(AUGUST):
            asked.append(day)
            yield day, ({1} if day.month == 7 else set())

    assert stakes.runs(AUGUST, [1, 2], looked_up()) == {1: date(2021, 7, 31), 2: AUGUST}
    assert asked == [date(2021, 7, 31), date(2021, 6, 30)]
    assert stakes.runs(AUGUST, [], looked_up()) == {}
    assert len(asked) == 2


def test_no_month_end_lies_before_every_ledger():
    assert stakes.month_ends_back(date(1900, 3, 1)) == [date(1900, 2, 28), date(1900, 1, 31)]


@pytest.mark.parametrize(
    ("since", "on", "months"), [(AUGUST, AUGUST, 0), (date(2021, 7, 31), date(2021, 8, 1), 1), (date(2020, 12, 31), date(2021, 8, 31), 8)]
)
def test_it_has_lasted_for_as_many_months_as_lie_between(since: date, on: date, months: int):
    assert stakes.lasting(since, on) == months
