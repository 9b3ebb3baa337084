"""A cure cures: reporting what a light asks for turns it, and the least bit less does not. For ledgers that nobody thought of."""

from __future__ import annotations

import copy
from collections.abc import Iterable
from datetime import date
from typing import Any

import pytest
from books import Book, ask, book
from hypothesis import given, settings
from ledgers import QUICK, days, ledgers
from test_lights_agree import RULES

from duban.core import lights, periods
from duban.core.rules import AFTER_ENROLMENT, AFTER_FINISH, AFTER_START, BY_AMOUNT, IN_RESERVE

LATE_BY_DAY = {*AFTER_START, *AFTER_ENROLMENT, *AFTER_FINISH, "finish_overdue"}
"""What may speak on the day of the cure besides: another promise, whose day has come meanwhile. No amount cures it."""
CURING = {
    **dict.fromkeys(AFTER_START, "start"),
    **dict.fromkeys(AFTER_ENROLMENT, "enrolled"),
    **dict.fromkeys(AFTER_FINISH, "produced"),
    **dict.fromkeys(IN_RESERVE, "converted"),
    "finish_overdue": "finish",
}
"""The day whose report cures what a rule lit."""
ONE_COMPLAINT = {AFTER_START: "start", AFTER_ENROLMENT: "enrolment", AFTER_FINISH: "production", (*IN_RESERVE, "in_reserve"): "reserve"}


def complaint(rule: str) -> str:
    """What a rule is about: amber and red of the same promise are one complaint."""
    return next((name for rules, name in ONE_COMPLAINT.items() if rule in rules), rule)


def told_by(written: Book, as_of: date) -> Book:
    """The book without what was reported of days still to come, which nobody can know on the day."""
    kept, day = copy.deepcopy(written), periods.to_number(as_of)
    said = [entry for entry in written.entries if entry["kind"] == "plan" or (entry["period"] <= day and (entry["day"] or 0) <= day)]
    codes, names = ({row["id"]: row["code"] for row in rows} for rows in (written.undertakings, written.measures))
    kept.entries = []
    for entry in said:
        period = periods.from_number(entry["period"])
        kept.write(codes[entry["undertaking_id"]], names[entry["measure_id"]], entry["kind"], period, entry["amount"], entry["day"])
    return kept


def lit(written: Book, as_of: date, rules: Any) -> dict[int, dict[str, Any]]:
    """The lights of a day by undertaking."""
    values = written.judge(as_of, rules)
    idles = sum(name.startswith("idle_cut") for name in values)
    return {row["undertaking_id"]: row for row in ask(lights.lights(idles=idles), written, "sqlite", **values)}


def reported(written: Book, reports: Iterable[tuple[int, str, date, int | None, int | None]]) -> Book:
    """The book with these reports more: undertaking, measure, period, amount, day."""
    more = copy.deepcopy(written)
    codes = {row["id"]: row["code"] for row in written.undertakings}
    for key, measure, period, amount, day in reports:
        more.write(codes[key], measure, "report", period, amount, day)
    return more


def alone(written: Book) -> set[int]:
    """Undertakings that are no part and have none: a part that speaks changes its whole."""
    wholes = {row["parent_id"] for row in written.undertakings}
    return {row["id"] for row in written.undertakings if row["parent_id"] is None and row["id"] not in wholes}


def by_amount(written: Book, as_of: date, rules: Any) -> tuple[date, dict[int, dict[str, Any]]]:
    """The red and amber lights whose cure is an amount, and the day of that cure."""
    worth = {key: row for key, row in lit(written, as_of, rules).items() if row["cure_amount"] is not None and key in alone(written)}
    late = {key: row for key, row in worth.items() if row["light"] in {"red", "amber"} and row["rule"] in BY_AMOUNT}
    return min(periods.next_month_end(as_of), date(as_of.year, 12, 31)), late


def measure_of(written: Book, key: int) -> str:
    programme = next(row["programme_id"] for row in written.undertakings if row["id"] == key)
    return next(row["code"] for row in written.programmes if row["id"] == programme)


def caught_up_or_green(row: dict[str, Any]) -> bool:
    return row["light"] == "green" or row["rule"] == "caught_up"


@pytest.mark.parametrize("rules", RULES, ids=["published", "mixed"])
@settings(QUICK)
@given(written=ledgers(), as_of=days())
def test_exactly_the_cure_cures_and_one_ten_thousandth_less_does_not(rules: Any, written: Book, as_of: date) -> None:
    written = told_by(written, as_of)
    by, late = by_amount(written, as_of, rules)
    assert {row["cure_by"] for row in late.values()} <= {periods.to_number(by)}
    exactly = [(key, measure_of(written, key), by, (row["done"] or 0) + row["cure_amount"], None) for key, row in late.items()]
    after = lit(reported(written, exactly), by, rules)
    short = [(key, code, period, amount - 1, None) for key, code, period, amount, _ in exactly if late[key]["cure_amount"]]
    before = lit(reported(written, short), by, rules)
    for key in late:
        assert caught_up_or_green(after[key]) or after[key]["rule"] in LATE_BY_DAY, (late[key], after[key])
        assert not caught_up_or_green(before[key]), (late[key], before[key])


@pytest.mark.parametrize("rules", RULES, ids=["published", "mixed"])
@settings(QUICK)
@given(written=ledgers(), as_of=days())
def test_the_day_that_is_waited_for_cures_and_waiting_on_does_not(rules: Any, written: Book, as_of: date) -> None:
    written = told_by(written, as_of)
    late = {key: row for key, row in lit(written, as_of, rules).items() if row["rule"] in CURING and key in alone(written)}
    day = periods.to_number(as_of)
    cures = [(key, CURING[row["rule"]], as_of, None, day) for key, row in late.items()]
    cured = lit(reported(written, cures), as_of, rules)
    later = lit(written, min(periods.next_month_end(as_of), date(as_of.year, 12, 31)), rules)
    for key, row in late.items():
        assert complaint(cured[key]["rule"]) != complaint(row["rule"]), (row, cured[key])
        assert complaint(later[key]["rule"]) == complaint(row["rule"]), (row, later[key])


def test_a_continuing_project_that_was_long_silent_must_add_something() -> None:
    """It is ahead of its plan; the same amount once more would end its silence and show that it has not resumed."""
    told = "undertaking measure kind period amount\nroad invested plan 2021 1200\nroad invested report 2021-01 1100"
    written = book(told, "undertaking stage\nroad continuing")
    by, late = by_amount(written, date(2021, 8, 31), RULES[0])
    assert [(row["rule"], row["cure_amount"]) for row in late.values()] == [("long_silent", 1)]
    (key,) = late
    again, more = (lit(reported(written, [(key, "invested", by, 11_000_000 + added, None)]), by, RULES[0])[key]["rule"] for added in (0, 1))
    assert (again, more) == ("not_resumed", "on_schedule")


REACHED = """
undertaking measure  kind    period   amount
far         invested plan    2021     1200
far         invested report  2021-07  100
bit         invested plan    2021     1200
bit         invested report  2021-08  600
quiet       invested plan    2021     1200
quiet       invested report  2021-01  100
idle        invested plan    2021     1200
idle        invested report  2021-05  900
idle        invested report  2021-08  900
"""


def test_every_rule_that_an_amount_cures_is_met_here_at_least_once() -> None:
    """The ledgers above are drawn; this one shows that none of them is proved by never coming."""
    written = book(REACHED, "undertaking stage\nidle continuing")
    by, late = by_amount(written, date(2021, 8, 31), RULES[0])
    assert by == date(2021, 9, 30)
    assert {row["rule"] for row in late.values()} == {"far_behind", "behind", "long_silent", "not_resumed"}
    assert {row["rule"]: row["cure_amount"] for row in late.values()} == {
        "far_behind": 6_800_000, "behind": 1_800_000, "long_silent": 6_800_000, "not_resumed": 1,
    }  # fmt: skip
