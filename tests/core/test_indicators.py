"""Counts, rates and sums: what is counted, what each rate is taken of, and that nothing is counted twice.

`tests/rooms/test_indicators_answers.py` asks the same of the database of the run and of DuckDB.
"""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from typing import Any

import pytest
from books import Book, book
from books import ask as ask_book
from hypothesis import given
from ledgers import QUICK
from reckoned import AS_OF, Sheet, ask, opened, parts, sheets, sought, tallied

from duban.core import halves, indicators, lights, tallies
from duban.core.indicators import DUE, STAGE
from duban.core.rulebook import Rates
from duban.core.tallies import Tally

BYS = ("programme", "body", "town", "whole", "said")


@QUICK
@given(sheet=sheets())
def test_the_rows_are_what_the_description_says(sheet: Sheet):
    with opened(sheet) as asked:
        for by in BYS:
            assert asked(indicators.tallied(by)) == tallied(sheet, by), by
        assert asked(indicators.parts()) == parts(sheet)


@QUICK
@given(sheet=sheets())
def test_a_rate_opens_to_the_undertakings_that_it_counts(sheet: Sheet):
    with opened(sheet) as asked:
        told = tallies.folded(asked(indicators.tallied()))
        for name in indicators.RATES:
            for part in indicators.PARTS:
                found = sorted(row["undertaking_id"] for row in asked(indicators.sought(), **indicators.seeking(name, part)))
                assert found == sought(sheet, name, part)
                assert len(found) == sum(getattr(tally.rates[name], part) for tally in told.values())


@QUICK
@given(sheet=sheets())
def test_every_cut_counts_the_same_undertakings_once(sheet: Sheet):
    with opened(sheet) as asked:
        listed = len(asked(indicators.sought(), **indicators.seeking()))
        for by in BYS:
            told = tallies.folded(asked(indicators.tallied(by)))
            assert sum(tally.count for tally in told.values()) == listed
            assert sum(sum(tally.lights().values()) for tally in told.values()) == listed
            assert sum(tally.staged + tally.in_stage("") for tally in told.values()) == listed


def tally(sheet: Sheet, as_of: date = AS_OF) -> Tally:
    """Everything on a sheet together; a programme that it does not speak of is taken of nothing."""
    for programme in {row["programme_id"] for row in sheet.standings} - {row["programme_id"] for row in sheet.terms}:
        sheet.take(programme)
    return tallies.together(ask(indicators.tallied(), sheet, as_of=as_of))


# Nothing is counted twice


def test_444_projects_are_444_and_not_the_569_rows_that_list_them():
    sheet = Sheet()
    for package in range(1, 126):
        sheet.add(package, stage="new", heading=True, target=100)
    for whose in range(126, 501):
        sheet.add(whose, stage="new", parent=whose % 125 + 1, target=100, done=10)
    for whose in range(501, 570):
        sheet.add(whose, stage="continuing", target=100, done=10)
    told = tally(sheet)
    assert len(sheet.standings) == 569
    assert told.count == told.staged == 444
    assert told.stages == {"reserve": 0, "new": 375, "continuing": 69, "finished": 0, "producing": 0}
    assert told.summed()[1].target == 44_400


def test_a_package_may_lie_in_another_programme_and_body_and_every_cut_still_counts_444():
    sheet = Sheet()
    for package in range(1, 126):
        sheet.add(package, programme=2, body=9, stage="new", heading=True, target=300)
    for whose in range(126, 501):
        sheet.add(whose, body=whose % 3 + 1, parent=whose % 125 + 1, town=whose % 2, stage="new", target=100, start_due=20210301)
    for whose in range(501, 570):
        sheet.add(whose, programme=2, body=9, stage="new", target=100, start_due=20210301, started=20210302)
    sheet.take(1, started=DUE)
    sheet.take(2, started=DUE)
    for by in BYS:
        told = tallies.folded(ask(indicators.tallied(by), sheet))
        assert sum(each.count for each in told.values()) == 444, by
        assert sum(each.rates["started"].of for each in told.values()) == 444, by
        assert sum(each.rates["started"].done for each in told.values()) == 69, by
        assert sum(each.summed()[1].target or 0 for each in told.values()) == 44_400, by
    above = {1: (0, 1), 2: (0, 2), 3: (0, 3), 9: (0, 9)}
    assert tallies.rolled(ask(indicators.tallied("body"), sheet), above)[0].count == 444
    packages = tallies.folded(ask(indicators.tallied("whole"), sheet))
    assert {key: tally.count for key, tally in packages.items()} == {None: 69, **dict.fromkeys(range(1, 126), 3)}


def test_a_whole_whose_parts_are_silent_is_counted_and_its_parts_are_not():
    sheet = Sheet()
    sheet.add(1, target=100, done=50)
    sheet.add(2, parent=1)
    sheet.add(3, parent=1)
    assert tally(sheet).count == 1


def test_parts_are_counted_though_their_whole_is_not_asked_about():
    sheet = Sheet()
    sheet.add(1, heading=True)
    sheet.chosen.pop()
    sheet.add(2, parent=1)
    sheet.add(3, parent=1)
    assert tally(sheet).count == 2


def test_a_whole_shows_the_sum_of_its_parts():
    sheet = Sheet()
    sheet.add(1, heading=True)
    sheet.add(2, parent=1, done=30, planned=40, target=100, last_period=20210731)
    sheet.add(3, parent=1, planned=20, target=50)
    sheet.add(4, parent=1, done=5)
    (whole,) = ask(indicators.parts(), sheet)
    assert (whole["parts"], whole["done"], whole["planned"], whole["target"], whole["telling"]) == (3, 30, 60, 150, 1)


def test_levels_are_not_added():
    sheet = Sheet()
    sheet.add(1, measure_id=2, done=80, planned=90, target=100)
    sheet.add(2, measure_id=2, done=60, planned=90, target=100)
    told = tally(sheet)
    assert told.summed() == {}
    assert (told.task, told.past_half) == (2, 2)


# The tree of bodies


def test_a_body_is_its_own_and_everything_below_each_once():
    sheet = Sheet()
    for whose, body in enumerate((1, 2, 2, 3, 3, 3), 1):
        sheet.add(whose, body=body, target=10, done=body)
    sheet.take()
    above = {1: (1,), 2: (1, 2), 3: (1, 2, 3)}
    told = tallies.rolled(ask(indicators.tallied("body"), sheet), above)
    assert {body: one.count for body, one in told.items()} == {1: 6, 2: 5, 3: 3}
    assert {body: one.summed()[1].done for body, one in told.items()} == {1: 14, 2: 13, 3: 9}


def test_a_body_that_stands_nowhere_stands_for_itself():
    sheet = Sheet()
    sheet.add(1, body=9)
    sheet.take()
    assert tallies.rolled(ask(indicators.tallied("body"), sheet), {1: (1,)})[9].count == 1


# Rates


def test_zhumadian_started_30_of_42_that_were_signed():
    sheet = Sheet()
    for whose in range(1, 43):
        sheet.add(whose, stage="new", signed=20210301, started=20210601 if whose <= 30 else None)
    sheet.add(43, stage="reserve")
    sheet.take(started=STAGE)
    rate = tally(sheet).rates["started"]
    assert (rate.done, rate.of, rate.open, rate.hundredths) == (30, 42, 12, 7143)
    assert f"{rate.done * 100 / rate.of:.1f}" == "71.4"


def test_a_rate_of_nothing_is_silence():
    sheet = Sheet()
    sheet.add(1, stage="new")
    sheet.take(started=DUE)
    rate = tally(sheet).rates["started"]
    assert (rate.done, rate.of, rate.share, rate.hundredths) == (0, 0, None, None)


RATE = [
    ("signed", STAGE, {"stage": "new"}, "0/1"),
    ("signed", STAGE, {"stage": "new", "signed": 20210301}, "1/1"),
    ("signed", STAGE, {"stage": "new", "signed": 20201201}, "0/0"),
    ("signed", DUE, {"stage": "new", "signed": 20210301}, "0/0"),
    ("signed", DUE, {"stage": "new", "signed": 20210301, "start_due": 20210820}, "1/1"),
    ("signed", DUE, {"stage": "new", "start_due": 20210821}, "0/0"),
    ("started", DUE, {"stage": "new", "start_due": 20210820}, "0/1"),
    ("started", DUE, {"stage": "new", "start_due": 20210820, "started": 20210820}, "1/1"),
    ("started", DUE, {"stage": "new", "start_due": 20210821, "started": 20210701}, "0/0"),
    ("started", DUE, {"stage": "continuing", "start_due": 20200801, "started": 20201231}, "0/0"),
    ("started", DUE, {"stage": "continuing", "start_due": 20200801, "started": 20210101}, "1/1"),
    ("started", STAGE, {"stage": "new", "started": 20210301}, "0/0"),
    ("finished", DUE, {"stage": "continuing", "finish_due": 20210731, "started": 20200101}, "0/1"),
    ("finished", DUE, {"stage": "finished", "finish_due": 20210731, "finished": 20210801}, "1/1"),
    ("finished", DUE, {"stage": "producing", "finish_due": 20210731, "produced": 20210801}, "1/1"),
    ("finished", STAGE, {"stage": "continuing", "started": 20200101}, "0/1"),
    ("finished", STAGE, {"stage": "finished", "finished": 20201231}, "0/0"),
    ("producing", STAGE, {"stage": "finished", "finished": 20190601}, "0/1"),
    ("producing", STAGE, {"stage": "producing", "finished": 20210601, "produced": 20210701}, "1/1"),
    ("producing", STAGE, {"stage": "producing", "finished": 20210601, "capacity": 20210701}, "1/1"),
    ("producing", DUE, {"stage": "finished", "finished": 20210601}, "0/0"),
    ("producing", DUE, {"stage": "finished", "produce_due": 20210801}, "0/1"),
    ("converted", STAGE, {"stage": "reserve"}, "0/1"),
    ("converted", STAGE, {"stage": "new", "converted": 20210501}, "1/1"),
    ("converted", STAGE, {"stage": "new", "convert_due": 20210501, "started": 20210601}, "1/1"),
    ("converted", STAGE, {"stage": "new", "started": 20210601}, "0/0"),
    ("converted", STAGE, {"stage": "new", "started": 20210601, "declared": "reserve"}, "1/1"),
    ("converted", DUE, {"stage": "reserve"}, "0/0"),
    ("converted", DUE, {"stage": "reserve", "start_due": 20210701}, "0/1"),
    ("converted", DUE, {"stage": "reserve", "convert_due": 20210901, "start_due": 20210701}, "0/0"),
    ("converted", STAGE, {"stage": "continuing", "converted": 20201001}, "0/0"),
    ("started", DUE, {"stage": "", "start_due": 20210701}, "0/0"),
]


@pytest.mark.parametrize(("name", "terms", "standing", "told"), RATE, ids=str)
def test_what_a_rate_is_taken_of(name: str, terms: int, standing: dict[str, Any], told: str):
    sheet = Sheet()
    sheet.add(1, **standing)
    sheet.take(**{name: terms})
    rate = tally(sheet).rates[name]
    assert f"{rate.done}/{rate.of}" == told


def test_a_programme_that_counts_no_such_day_has_no_such_rate():
    taken = indicators.terms(Rates(), codes={"invested", "start"})
    assert taken == {"signed": 0, "started": DUE, "finished": 0, "producing": 0, "converted": STAGE}
    taken = indicators.terms(Rates(started="stage", finished="stage"), codes={"signed", "start", "finish", "capacity"})
    assert taken == {"signed": STAGE, "started": STAGE, "finished": STAGE, "producing": STAGE, "converted": STAGE}


# Lights within a stage


def test_each_stage_tells_its_own_lights_worst_first():
    sheet = Sheet()
    sheet.add(1, stage="new", rule="not_started", months=0)
    sheet.add(2, stage="new", rule="start_overdue", months=4)
    sheet.add(3, stage="new", rule="start_overdue", months=3)
    sheet.add(4, stage="continuing", rule="behind")
    sheet.add(5, rule="behind")
    told = tally(sheet)
    assert {rule: (lit.count, lit.months) for rule, lit in told.rules("new").items()} == {"start_overdue": (2, 4), "not_started": (1, 0)}
    assert list(told.rules("new", "continuing")) == ["start_overdue", "behind", "not_started"]
    assert told.lights("new") == {"red": 2, "amber": 1, "grey": 0, "green": 0}
    assert told.lights() == {"red": 2, "amber": 3, "grey": 0, "green": 0}


# Time against task of many together


def test_a_programme_is_past_half_with_its_amounts_together():
    sheet = Sheet()
    sheet.add(1, done=90, target=100, last_period=20210731)
    sheet.add(2, done=10, target=100, last_period=20210731)
    told = tally(sheet)
    together = told.summed()[1].halves(date(2021, 6, 30))
    assert together is not None
    assert (together.verdict, together.task, together.gap) == ("both_past", 5000, 0)
    assert (told.past_half, told.task) == (1, 2)


def test_the_day_itself_counts_only_where_all_have_reported_since():
    sheet = Sheet()
    sheet.add(1, done=60, target=100, last_period=20210815)
    sheet.add(2, done=60, target=100, last_period=20210815)
    sheet.add(3, target=100)
    first = tally(sheet).summed()[1].halves(AS_OF)
    sheet.add(4, done=60, target=100, last_period=20210731)
    second = tally(sheet).summed()[1].halves(AS_OF)
    assert first is not None
    assert second is not None
    assert (first.on, first.time) == (AS_OF, 6250)
    assert (second.on, second.time) == (date(2021, 7, 31), 5833)


def test_work_without_a_plan_does_not_help_the_task():
    sheet = Sheet()
    sheet.add(1, done=50, target=100, last_period=20210731)
    sheet.add(2, done=900, last_period=20210731)
    amounts = tally(sheet).summed()[1]
    assert (amounts.done, amounts.target, amounts.telling) == (50, 100, 1)


# From the ledger's own words

PUBLISHED = {
    "Huangshan District, September 2020": ("2020", "2020-09-30", "100", "86.18", 1118),
    "Yunfu, mid-August 2017": ("2017", "2017-08-15", "100", "61.14", -136),
    "Sanyuan, August 2010": ("2010", "2010-08-31", "100", "74", 733),
    "Huangshan City, livelihood, June 2013": ("2013", "2013-06-30", "100", "74.9", 2490),
    "a city, June 2018": ("2018", "2018-06-30", "3800000", "2298200", 1048),
}


@pytest.mark.parametrize("name", PUBLISHED)
def test_published_gaps_come_out_of_the_ledger(name: str):
    year, day, plan, done, gap = PUBLISHED[name]
    as_of = date.fromisoformat(day)
    written = book(
        f"undertaking measure kind period amount\nroads invested plan {year} {plan}\nroads invested report {day} {done}\n"
        f"bridge invested plan {year} {plan}\nbridge invested report {day} {done}"
    )
    told = standing(written, as_of)
    one = halves.against(on=as_of, done=told.standings[0]["done"], target=told.standings[0]["target"])
    together = tally(told, as_of).summed()[written.measure("invested")["id"]].halves(as_of)
    assert one is not None
    assert together is not None
    assert (one.gap, together.gap, one.on) == (gap, gap, together.on)


def standing(written: Book, as_of: date) -> Sheet:
    """A sheet with the lights of a book, every undertaking asked about."""
    rows = ask_book(lights.lights(), written, "sqlite", **written.judge(as_of))
    return Sheet(
        standings=[{**row, "heading": bool(row["heading"])} for row in rows],
        undertakings=[{**row, "town_id": None} for row in written.undertakings],
        chosen=[{"undertaking_id": row["undertaking_id"]} for row in rows],
        measures=written.measures,
    )


def test_a_share_is_exact():
    assert tallies.Rate(1, 3).share == Fraction(1, 3)
    assert tallies.Rate(2, 3).hundredths == 6667
