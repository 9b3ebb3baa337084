"""Every way in which figures go wrong is found where it begins, and nowhere else."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
import realdata
from hypothesis import given
from hypothesis import strategies as st
from ledgers import QUICK

from duban.core import fixed, periods
from duban.core.checks import CHECKS, OF_MONTHS, Members, Panel, Pictures, Revisions, Starts, Thresholds, Wholes, lists, placed, plans
from duban.core.checks.panel import LEVEL, LIFE, YEAR
from duban.core.refusals import Refusal

KINDS = {"life": LIFE, "year": YEAR, "level": LEVEL}


def months(start: str, count: int) -> np.ndarray:
    first = periods.read_period(start)
    return np.array([periods.to_number(periods.months_before(first, -later)) for later in range(count)], dtype=np.int64)


def panel(
    text: str,
    *,
    start: str = "2025-07",
    adds: str = "life",
    unit: str = "件",
    progress: bool | None = None,
    plan: str | None = None,
    complete: str = "",
    cadence: int = 1,
) -> Panel:
    """One series by month: `-` is silence, `12!` is being submitted; when nothing is marked, everything is."""
    words = text.split()
    told = np.array([word != "-" and word != "-!" for word in words])
    amounts = [fixed.to_fixed(word.rstrip("!")) if good else 0 for word, good in zip(words, told, strict=True)]
    fresh = np.array([word.endswith("!") for word in words])
    percent = unit == "%"
    all_months = months(start, len(words))
    return Panel(
        periods=all_months,
        amount=np.array([amounts], dtype=np.int64),
        told=told[None, :],
        fresh=(fresh if fresh.any() else told)[None, :],
        accumulates=np.array([KINDS[adds]]),
        percent=np.array([percent]),
        progress=np.array([percent and adds == "level" if progress is None else progress]),
        money=np.array([unit == "元"]),
        target=np.full((1, len(words)), fixed.to_fixed(plan or "0")),
        target_told=np.full((1, len(words)), plan is not None),
        complete=(all_months >= periods.to_number(periods.read_period(complete)))[None, :] if complete else np.zeros((1, len(words)), bool),
        cadence=np.array([cadence]),
    )


def found(code: str, series: Panel, **rules: int) -> list[str]:
    """The months that a check marks, each followed by the month that is wrong where that is another."""
    check, thresholds = CHECKS[code], Thresholds.of(rules)
    name = [f"{number // 10_000}-{number // 100 % 100:02}" for number in series.periods.tolist()]
    cells = placed(check.holds(series, thresholds), check.since(series, thresholds), series.fresh)
    for row, _, column in cells:
        assert check.facts(series, row, column, thresholds) is not None
    return [name[mark] if mark == wrong else f"{name[mark]} for {name[wrong]}" for _, mark, wrong in cells]


def facts(code: str, series: Panel, **rules: int) -> dict[str, Any]:
    check, thresholds = CHECKS[code], Thresholds.of(rules)
    ((row, _, column),) = placed(check.holds(series, thresholds), check.since(series, thresholds), series.fresh)
    return series.facts(row, column) | check.facts(series, row, column, thresholds)


def every(series: Panel, **rules: int) -> dict[str, list[str]]:
    marked = {check.code: found(check.code, series, **rules) for check in OF_MONTHS}
    return {code: where for code, where in marked.items() if where}


# Falls


@pytest.mark.parametrize(
    ("text", "more", "marked"),
    [
        ("160.48 154.43 154.43 155.72", {}, ["2025-08"]),
        ("160.48 160.48 160.4799", {}, ["2025-09"]),
        ("160.48 - 154.43", {}, ["2025-09"]),
        ("5 0 -", {}, ["2025-08"]),
        ("- 0 5", {}, []),
        ("5 - 5", {}, []),
        ("5 4", {"adds": "level"}, []),
        ("5 4", {"adds": "year", "start": "2025-12"}, []),
        ("5 6 4", {"adds": "year", "start": "2025-12"}, ["2026-02"]),
        ("5 4", {"adds": "life", "start": "2025-12"}, ["2026-01"]),
    ],
)
def test_an_amount_that_adds_up_never_falls_but_at_a_years_beginning(text: str, more: dict[str, Any], marked: list[str]):
    assert found("amount-falls", panel(text, **more)) == marked


@pytest.mark.parametrize(
    ("text", "marked"),
    [
        ("10 9! 20", ["2025-08"]),
        ("10 30! 20", ["2025-08 for 2025-09"]),
        ("10! 9 20", ["2025-07 for 2025-08"]),
        ("10 9 20!", []),
        ("10 20! 20", []),
        ("10 8 - 9!", []),
        ("10 -! 8", ["2025-08 for 2025-09"]),
        ("10 - 8 12!", []),
    ],
)
def test_a_correction_of_an_earlier_month_is_marked_where_it_was_made(text: str, marked: list[str]):
    assert found("amount-falls", panel(text)) == marked


def test_a_fall_names_both_months_and_both_amounts():
    told = facts("amount-falls", panel("160.48 - 154.43"))
    assert told == {"period": "2025-09", "amount": "154.43", "before": "160.48", "since": "2025-07"}


@pytest.mark.parametrize(
    ("text", "more", "marked"),
    [("41 41 40.9", {}, ["2025-09"]), ("41 0", {}, ["2025-08"]), ("41 - 41", {}, []), ("41 40", {"progress": False}, [])],
)
def test_progress_never_falls(text: str, more: dict[str, Any], marked: list[str]):
    assert found("progress-falls", panel(text, adds="level", unit="%", **more)) == marked


# Too much


@pytest.mark.parametrize(
    ("text", "more", "marked"),
    [("100 100.01", {}, ["2025-08"]), ("99 100", {}, []), ("120", {"adds": "year"}, ["2025-07"]), ("120", {"unit": "件"}, [])],
)
def test_a_hundred_per_cent_is_all_there_is(text: str, more: dict[str, Any], marked: list[str]):
    assert found("over-hundred", panel(text, **{"adds": "level", "unit": "%", **more})) == marked


@pytest.mark.parametrize(
    ("text", "more", "marked"),
    [
        ("80 0.83", {}, ["2025-08"]),
        ("80 0.8266", {}, ["2025-08"]),
        ("80 0.2666", {}, []),
        ("80 0.2667", {}, ["2025-08"]),
        ("33.33 1", {}, []),
        ("33.34 1", {}, ["2025-08"]),
        ("80 1.01", {}, []),
        ("80 0", {}, []),
        ("0.4 0.5", {}, []),
        ("0.83", {}, []),
        ("80 - 0.83", {}, ["2025-09"]),
        ("80 0.83", {"unit": "件"}, []),
    ],
)
def test_a_share_of_one_where_a_percentage_stood_is_asked_about(text: str, more: dict[str, Any], marked: list[str]):
    assert found("share-for-percent", panel(text, **{"adds": "level", "unit": "%", **more})) == marked


@pytest.mark.parametrize(
    ("text", "more", "marked"),
    [
        ("119 120 120.01", {"plan": "100"}, ["2025-09"]),
        ("500", {}, []),
        ("500", {"plan": "0"}, []),
        ("121 122", {"plan": "100", "complete": "2025-08"}, ["2025-07"]),
        ("121", {"plan": "100", "adds": "level"}, []),
    ],
)
def test_far_above_the_plan_asks_whether_it_is_complete(text: str, more: dict[str, Any], marked: list[str]):
    assert found("far-above-plan", panel(text, **more)) == marked


def test_far_above_the_plan_names_the_plan():
    assert facts("far-above-plan", panel("155.5", plan="100"))["plan"] == "100"
    assert facts("far-above-plan", panel("155.5", plan="100"))["percent"] == "155"


# Spikes and jumps


@pytest.mark.parametrize(
    ("text", "more", "marked"),
    [
        ("666.42 1348.78 696.39 718.2", {}, ["2025-09"]),
        ("100 110 105", {}, ["2025-09"]),
        ("100 110 105.01", {}, []),
        ("100 109.99 100", {}, []),
        ("100 110 - 105", {}, ["2025-10"]),
        ("- 110 105", {}, []),
        ("100 200! 110", {}, ["2025-08 for 2025-09"]),
        ("100! 200 110", {}, ["2025-07 for 2025-09"]),
        ("41 90 45", {"adds": "level", "unit": "%"}, ["2025-09"]),
        ("2 8 3", {"adds": "level", "unit": "%"}, []),
        ("2 12 7", {"adds": "level", "unit": "%"}, ["2025-09"]),
        ("100 200 100", {"adds": "level"}, []),
        ("100 200 10", {"adds": "year", "start": "2025-11"}, []),
    ],
)
def test_a_spike_is_a_large_rise_half_of_which_is_taken_back(text: str, more: dict[str, Any], marked: list[str]):
    assert found("spike-then-fall", panel(text, **more)) == marked


def test_a_spike_names_what_stood_before_it():
    told = facts("spike-then-fall", panel("666.42 1348.78 696.39"))
    assert (told["base_period"], told["since"], told["period"]) == ("2025-07", "2025-08", "2025-09")
    assert (told["base"], told["before"], told["amount"]) == ("666.42", "1348.78", "696.39")


@pytest.mark.parametrize(
    ("text", "more", "marked"),
    [
        ("100 110 120 130 140 171", {}, ["2025-12"]),
        ("100 110 120 130 140 170", {}, []),
        ("1000 1010 1020 1030 1040 1140", {}, []),
        ("1000 1010 1020 1030 1040 1156", {}, ["2025-12"]),
        ("- - - 130 140 250", {}, []),
        ("- - 120 130 140 250", {}, []),
        ("- 110 120 130 140 250", {}, ["2025-12"]),
        ("100 110 120 130 171", {"start": "2025-01"}, []),
        ("10 20 30 40 50 200", {"start": "2025-01", "adds": "year"}, ["2025-06"]),
        ("10 20 200", {"start": "2025-01", "adds": "year"}, []),
        ("10 20 30 40 - 200", {"start": "2025-01", "adds": "year"}, ["2025-06"]),
        ("10 20 30 40 - 99", {"start": "2025-01", "adds": "year"}, []),
        ("10 20 30 40 50 200", {"start": "2025-01", "adds": "level"}, []),
        ("10 10 10 10 10 12", {"start": "2025-01"}, ["2025-06"]),
        ("10 10 10 10 10 11", {"start": "2025-01"}, []),
    ],
)
def test_a_quarters_last_month_that_outdoes_every_month_before_it_has_jumped(text: str, more: dict[str, Any], marked: list[str]):
    assert found("period-end-jump", panel(text, **more)) == marked


def test_a_jump_names_what_is_new_and_the_most_that_was_new_before():
    told = facts("period-end-jump", panel("100 105 120 130 140 200"))
    assert (told["step"], told["most"]) == ("60", "15")


# The same again


@pytest.mark.parametrize(
    ("text", "more", "marked"),
    [
        ("41 41 41 41", {"adds": "level", "unit": "%"}, ["2025-10"]),
        ("41 41 41", {"adds": "level", "unit": "%"}, []),
        ("41 41 - 41 41", {"adds": "level", "unit": "%"}, ["2025-11"]),
        ("41 41 41 42 42 42", {"adds": "level", "unit": "%"}, []),
        ("0 0 0 0 0", {}, []),
        ("- - - -", {}, []),
        ("100 100 100 100 100", {"adds": "level", "unit": "%", "complete": "2025-07"}, []),
        ("215.2 215.2 215.2 215.2", {"complete": "2025-08"}, []),
        ("215.2 215.2 215.2 215.2", {"complete": "2025-11"}, ["2025-10"]),
        ("7 7 7 7 7", {}, ["2025-10", "2025-11"]),
        ("7 7 7 7", {"plan": "7"}, []),
        ("7 7 7 7", {"plan": "7.0001"}, ["2025-10"]),
        ("7 7 7 7", {"adds": "year", "start": "2025-10"}, []),
        ("7 7 7 7 7", {"adds": "year", "start": "2025-12"}, ["2026-04"]),
        ("7 7! 7 7", {}, ["2025-08 for 2025-10"]),
        ("7 7 7 7 8!", {}, []),
    ],
)
def test_four_equal_reports_are_a_long_run_unless_nothing_more_can_come(text: str, more: dict[str, Any], marked: list[str]):
    assert found("long-run", panel(text, **more)) == marked


def test_a_long_run_says_since_when_and_how_often():
    told = facts("long-run", panel("40 41 41 - 41 41!", adds="level", unit="%"))
    assert (told["count"], told["first"]) == (4, "2025-08")


# Units


@pytest.mark.parametrize(
    ("text", "more", "marked"),
    [
        ("2000000 240", {}, ["2025-08"]),
        ("2000000 10", {}, ["2025-08"]),
        ("2000000 9.9999", {}, []),
        ("2000000 4000", {}, ["2025-08"]),
        ("2000000 4000.0001", {}, []),
        ("200 2400000", {}, ["2025-08"]),
        ("5000 2500000", {}, ["2025-08"]),
        ("5000 2400000", {"plan": "2000000"}, []),
        ("5000 2500000", {"plan": "2000000"}, ["2025-08"]),
        ("60", {"plan": "12000000"}, ["2025-07"]),
        ("59.9999", {"plan": "12000000"}, []),
        ("1440", {"plan": "12000000"}, ["2025-07"]),
        ("1440.0001", {"plan": "12000000"}, []),
        ("6000000000", {"plan": "1200000"}, ["2025-07"]),
        ("500000", {"plan": "1200000"}, []),
        ("0", {"plan": "1200000"}, []),
        ("2000000 0", {}, []),
        ("2000000 240", {"unit": "件"}, []),
        ("2000000 240", {"adds": "year", "start": "2025-12"}, ["2026-01"]),
        ("240! 2600000", {}, ["2025-07 for 2025-08"]),
    ],
)
def test_money_ten_thousand_times_off_is_asked_about(text: str, more: dict[str, Any], marked: list[str]):
    assert found("unit-off", panel(text, **{"unit": "元", **more})) == marked


def test_a_suspect_unit_names_what_is_known():
    assert facts("unit-off", panel("2000000 240!", unit="元"))["known"] == "2000000"
    first = facts("unit-off", panel("60!", unit="元", plan="12000000"))
    assert (first["known"], first["less"], "since" in first) == ("12000000", True, False)


# Silence


@pytest.mark.parametrize(
    ("text", "more", "marked"),
    [
        ("5 - 7", {}, ["2025-09"]),
        ("5 0 7", {}, []),
        ("- - 7", {}, []),
        ("- - 7", {"adds": "year"}, ["2025-09"]),
        ("7", {"adds": "year", "start": "2026-01"}, []),
        ("7 - 8!", {"adds": "year", "start": "2025-11"}, ["2026-01"]),
        ("7 8! 9!", {"adds": "year", "start": "2025-12"}, []),
        ("5 - - 7", {"cadence": 3, "start": "2025-06"}, []),
        ("5 - - - - - 7", {"cadence": 3, "start": "2025-06"}, ["2025-12"]),
        ("5 - 7!", {}, ["2025-09"]),
        ("5 6! - 7", {}, []),
    ],
)
def test_a_period_that_was_left_out_is_missed(text: str, more: dict[str, Any], marked: list[str]):
    assert found("missing-period", panel(text, **more)) == marked


def test_the_missing_periods_are_named():
    assert facts("missing-period", panel("5 - - 7", start="2025-11"))["missing"] == ["2025-12", "2026-01"]
    assert facts("missing-period", panel("7", adds="year", start="2026-03"))["missing"] == ["2026-01", "2026-02"]
    assert facts("missing-period", panel("7", adds="year", start="2026-09", cadence=3))["missing"] == ["2026-03", "2026-06"]


# Plans


def revision(now: str, first: str | None, standing: str | None = None, *, original: bool = False, money: bool = False) -> Revisions:
    def stored(text: str | None) -> np.ndarray:
        return np.array([0 if text is None else periods.to_number(periods.read_day(text)) if "-" in text else fixed.to_fixed(text)])

    return Revisions(
        now=stored(now),
        first=stored(first),
        first_told=np.array([first is not None]),
        standing=stored(standing),
        standing_told=np.array([standing is not None]),
        original=np.array([original]),
        day=np.array(["-" in now]),
        money=np.array([money]),
    )


@pytest.mark.parametrize(
    ("now", "first", "original", "rewritten", "earlier"),
    [
        ("2026-01-02", "2026-01-02", True, False, False),
        ("2026-01-03", "2026-01-02", True, True, False),
        ("2026-01-03", "2026-01-02", False, False, False),
        ("2026-01-02", "2026-01-02", False, False, False),
        ("2026-01-01", "2026-01-02", False, False, True),
        ("2026-01-01", None, False, False, False),
        ("2026-01-01", None, True, False, False),
        ("640", "480", True, True, False),
        ("480", "480", True, False, False),
        ("400", "480", False, False, False),
    ],
)
def test_what_was_first_stays_and_revisions_come_later(now: str, first: str | None, original: bool, rewritten: bool, earlier: bool):
    plan = revision(now, first, original=original)
    assert bool(plans.original_rewritten(plan, Thresholds())[0]) is rewritten
    assert bool(plans.revised_before_original(plan, Thresholds())[0]) is earlier


@pytest.mark.parametrize(
    ("now", "standing", "money", "off"),
    [
        ("1200", "12000000", True, True),
        ("12000000", "1200", True, True),
        ("24000", "12000000", True, True),
        ("24000.0001", "12000000", True, False),
        ("60", "12000000", True, True),
        ("59.9999", "12000000", True, False),
        ("1200", "12000000", False, False),
        ("1200", None, True, False),
        ("0", "12000000", True, False),
    ],
)
def test_a_plan_does_not_become_ten_thousand_times_another(now: str, standing: str | None, money: bool, off: bool):
    assert bool(plans.plan_unit_off(revision(now, standing, standing, money=money), Thresholds())[0]) is off


@pytest.mark.parametrize(
    ("amount", "summed", "told", "parts", "differs"),
    [
        (1000, 1000, 3, 3, False),
        (1000, 999, 3, 3, False),
        (1000, 998, 3, 3, True),
        (1000, 1001, 3, 3, False),
        (1000, 1002, 3, 3, True),
        (1000, 600, 2, 3, False),
        (1000, 1002, 2, 3, True),
        (0, 1, 1, 1, True),
        (1000, 0, 0, 3, False),
    ],
)
def test_a_whole_is_the_sum_of_its_parts_where_they_speak(amount: int, summed: int, told: int, parts: int, differs: bool):
    wholes = Wholes(*(np.array([value]) for value in (amount, summed, told, parts)))
    assert bool(plans.parts_differ(wholes, Thresholds())[0]) is differs


# Beside the amounts


def members(*rows: str, cadence: int = 1, start: str = "2025-07") -> Members:
    """One list; `x` has reported, `!` is being submitted, `.` is silent."""
    told = np.array([[sign != "." for sign in row] for row in rows])
    sent = np.array([[sign == "!" for sign in row] for row in rows])
    nought = np.zeros(len(rows), dtype=np.int64)
    return Members(months(start, len(rows[0])), nought, told, sent, nought + cadence)


def listed(check: Any, list_: Members, **rules: int) -> list[tuple[int, int]]:
    return [(int(row), int(column)) for row, column in np.argwhere(check(list_, Thresholds.of(rules)))]


@pytest.mark.parametrize(
    ("rows", "left"),
    [
        (("x!", "x!", "x."), [(2, 1)]),
        (("x!", "x!", "x!"), []),
        (("x!", "x!", ".."), []),
        (("x!", "x.", "x."), []),
        (("x!", "x!", "x.", "x."), [(2, 1), (3, 1)]),
        (("x!", "x!", "x.", "x.", "x."), []),
        (("x!", "x!", "xx"), []),
        (("x.!", "x.!", "x.."), [(2, 2)]),
        (("xx!", "xx!", "x.."), []),
        (("xxx", "xxx", "xx."), []),
    ],
)
def test_who_reported_last_time_and_is_not_on_the_list_has_left_it(rows: tuple[str, ...], left: list[tuple[int, int]]):
    assert listed(lists.left_list, members(*rows)) == left


@pytest.mark.parametrize(
    ("rows", "entered"),
    [
        (("xx!", "xx!", "..!"), [(2, 2)]),
        (("x!", "x!", ".!"), []),
        (("xx!", "xx!", "x.!"), []),
        (("x..!", ".xx!", "xxx!"), []),
        (("xx!", "..!"), []),
    ],
)
def test_who_never_reported_while_others_did_has_entered_the_list(rows: tuple[str, ...], entered: list[tuple[int, int]]):
    assert listed(lists.entered_list, members(*rows)) == entered


def test_a_list_told_by_the_quarter_misses_nobody_between():
    assert listed(lists.left_list, members("x!", "x!", "x.", cadence=3, start="2025-06")) == []
    assert listed(lists.left_list, members("x..!", "x..!", "x...", cadence=3, start="2025-06")) == [(2, 3)]


@pytest.mark.parametrize(
    ("text", "new", "begun"),
    [
        ("0 5 6", False, [1]),
        ("5 6", False, []),
        ("5 6", True, [0]),
        ("- 5", True, [1]),
        ("0 0", True, []),
        ("0 5 0 6", False, [1]),
    ],
)
def test_a_project_begins_with_its_first_amount_above_nothing(text: str, new: bool, begun: list[int]):
    cells = lists.begins(panel(text), np.array([True]), np.array([new]))
    assert np.flatnonzero(cells[0]).tolist() == begun
    assert not lists.begins(panel(text), np.array([False]), np.array([new])).any()


def test_a_start_without_a_file_is_found():
    assert lists.started_without_evidence(Starts(np.array([True, False])), Thresholds()).tolist() == [False, True]


def test_photographs_are_alike_up_to_six_bits_and_only_elsewhere():
    looks = np.array([0b0, 0b111111, 0b1111111, 2**64 - 1], dtype=np.uint64)
    apart = lists.apart(0, looks)
    assert apart.tolist() == [0, 6, 7, 64]
    pictures = Pictures(apart, np.array([True] * 4))
    assert lists.photograph_again(pictures, Thresholds()).tolist() == [True, True, False, False]
    assert not lists.photograph_again(Pictures(apart, np.array([False] * 4)), Thresholds()).any()


# A real portfolio

AIRPORTS = realdata.FOLDER / "paimana" / "airports_2025-07_2025-10.csv"


@realdata.needs("paimana")
def test_seventeen_airports_show_their_four_defects_and_no_other():
    with AIRPORTS.open(encoding="utf-8") as file:
        told = {(row["project_id"], row["month"]): row for row in csv.DictReader(file)}
    projects, names = sorted({project for project, _ in told}), sorted({month for _, month in told})
    marked: dict[tuple[str, str], list[str]] = {}
    for project in projects:
        rows = [told[project, month] for month in names]
        done = next((month for month, row in zip(names, rows, strict=True) if float(row["physical_progress_pct"]) >= 100), "")
        spent = " ".join(row["cumulative_expenditure_cr"] for row in rows)
        cost = rows[0]["revised_cost_cr"] or rows[0]["original_cost_cr"]
        gone = " ".join(row["physical_progress_pct"] for row in rows)
        series = panel(spent, unit="元", plan=cost, complete=done), panel(gone, adds="level", unit="%", complete=done)
        for code, where in [found for one in series for found in every(one).items()]:
            marked[project, code] = where
    assert len(projects) == 17
    assert marked == {
        ("701126", "amount-falls"): ["2025-09"],
        ("701126", "spike-then-fall"): ["2025-09"],
        ("706718", "amount-falls"): ["2025-08"],
        ("706718", "long-run"): ["2025-10"],
    }


# What holds for all

AMOUNTS = st.integers(0, 10**9)
SERIES = st.lists(st.one_of(st.none(), AMOUNTS), min_size=1, max_size=15)


def drawn(values: Sequence[int | None], adds: str = "life", **more: Any) -> Panel:
    return panel(" ".join("-" if value is None else str(value) for value in values), adds=adds, **more)


@QUICK
@given(SERIES, st.sampled_from(["life", "year"]))
def test_what_only_rises_neither_falls_nor_spikes(values: list[int | None], adds: str):
    total, rising = 0, []
    for value in values:
        total += value or 0
        rising.append(None if value is None else total)
    assert not every(drawn(rising, adds)).keys() & {"amount-falls", "spike-then-fall"}


@QUICK
@given(SERIES, AMOUNTS, st.sampled_from(["life", "year", "level"]))
def test_adding_the_same_to_every_report_leaves_falls_and_silence_where_they_were(values: list[int | None], more: int, adds: str):
    moved = [None if value is None else value + more for value in values]
    for code in ("amount-falls", "missing-period"):
        assert found(code, drawn(values, adds)) == found(code, drawn(moved, adds))


@QUICK
@given(SERIES, st.integers(1, 900), st.sampled_from(["life", "year"]))
def test_counting_in_another_unit_changes_no_verdict(values: list[int | None], times: int, adds: str):
    scaled = [None if value is None else value * times for value in values]
    assert every(drawn(values, adds)) == every(drawn(scaled, adds))


@QUICK
@given(SERIES)
def test_months_of_silence_before_and_after_change_nothing(values: list[int | None]):
    around = drawn([None, *values, None], start="2025-06")
    assert every(drawn(values)) == every(around)


@QUICK
@given(SERIES, st.data())
def test_only_what_is_being_submitted_is_marked(values: list[int | None], data: st.DataObject):
    told = [place for place, value in enumerate(values) if value is not None]
    fresh = set(data.draw(st.lists(st.sampled_from(told)))) if told else set()
    words = ["-" if value is None else f"{value}{'!' if place in fresh else ''}" for place, value in enumerate(values)]
    series = panel(" ".join(words))
    if not fresh:
        return
    for check in OF_MONTHS:
        rules = Thresholds()
        for _, mark, wrong in placed(check.holds(series, rules), check.since(series, rules), series.fresh):
            assert mark in fresh and mark <= wrong


@QUICK
@given(st.lists(SERIES, min_size=2, max_size=4))
def test_a_series_is_judged_alike_alone_and_among_others(several: list[list[int | None]]):
    width = max(map(len, several))
    alone = [drawn([*values, *[None] * (width - len(values))]) for values in several]
    names = [name for name in vars(alone[0]) if name in Panel.__dataclass_fields__ and name != "periods"]
    together = Panel(periods=alone[0].periods, **{name: np.concatenate([getattr(one, name) for one in alone]) for name in names})
    for check in OF_MONTHS:
        held = check.holds(together, Thresholds())
        assert held.tolist() == [check.holds(one, Thresholds())[0].tolist() for one in alone]


def test_every_check_has_a_name_of_its_own_a_boundary_and_a_source():
    assert len(CHECKS) == 18
    for code, check in CHECKS.items():
        assert set(code) <= set("abcdefghijklmnopqrstuvwxyz-"), code
        assert len(check.claim) > 30, code
        assert check.source, code


# Thresholds


def test_a_programme_sets_a_threshold_by_name():
    assert found("long-run", panel("7 7 7"), run_reports=3) == ["2025-09"]
    assert found("spike-then-fall", panel("100 150 120"), spike_percent=60) == []
    assert found("far-above-plan", panel("106", plan="100"), far_above_percent=105) == ["2025-07"]


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"run_report": 3}, "threshold-unknown"),
        ({"run_reports": "3"}, "threshold-unfit"),
        ({"run_reports": 3.0}, "threshold-unfit"),
        ({"run_reports": True}, "threshold-unfit"),
        ({"run_reports": 1}, "threshold-unfit"),
        ({"far_above_percent": 1001}, "threshold-unfit"),
        ({"look_bits": -1}, "threshold-unfit"),
    ],
)
def test_a_threshold_that_does_not_exist_or_cannot_hold_is_refused(given: dict[str, Any], code: str):
    with pytest.raises(Refusal) as refused:
        Thresholds.of(given)
    assert refused.value.code == code


def test_the_largest_amounts_overflow_nothing():
    most = str(fixed.LARGEST)
    series = panel(f"1 {most} {most} 0 {most} 1", unit="元", plan=most)
    assert every(series, far_above_percent=1000, spike_percent=1000, jump_times=1000, unit_window=90).keys() == {
        "amount-falls",
        "spike-then-fall",
    }
