"""Figures: every operation, on rows that the ledger's own words make."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from books import Book, ask, book
from hypothesis import given
from hypothesis import strategies as st
from ledgers import QUICK, days, ledgers

from duban.core import figures, fixed
from duban.core.figures import Record
from duban.core.refusals import Refusal

AUGUST = date(2021, 8, 31)


def records(
    written: Book | str, as_of: date = AUGUST, *, head: int = 2**31, measure: str | None = "invested", under: str = ""
) -> list[Record]:
    """What a figure of the first programme rests on."""
    written = book(written, under) if isinstance(written, str) else written
    asked = written.measure(measure)["id"] if measure else None
    values = figures.moment(as_of=as_of, head=head, programme=1, measure=asked)
    return figures.leaves(ask(figures.contributions(), written, "sqlite", **values))


BOOK = """
seq  undertaking  measure   kind    period   amount
1    roofs        invested  plan    2021     1200
2    wells        invested  plan    2021     300
3    paths        invested  plan    2021     100
4    roofs        invested  report  2021-07  800
5    roofs        invested  report  2021-08  900
6    wells        invested  report  2021-08  0
7    trees        invested  report  2021-08  50
8    roofs        invested  report  2021-08  850
"""


def test_a_sum_adds_the_newest_reports_and_a_zero_is_a_report():
    answer = figures.total(records(BOOK))
    assert (answer.value, [r.seq for r in answer.records]) == (900, [8, 6, 7])


def test_a_sum_as_of_an_earlier_day_and_known_at_an_earlier_head():
    assert figures.total(records(BOOK, date(2021, 7, 31))).value == 800
    assert figures.total(records(BOOK, date(2021, 8, 30))).value == 800
    assert figures.total(records(BOOK, head=5)).value == 900
    assert figures.total(records(BOOK, head=4)).value == 800
    assert figures.total(records(BOOK, head=3)).value is None


def test_silence_is_no_zero():
    assert figures.total([]).value is None
    assert figures.mean([]).value is None
    assert figures.count([]).value == 0
    assert figures.ratio(records(BOOK, head=3)).value is None
    assert figures.total(records("undertaking measure kind period amount\nroofs invested report 2021-08 0")).value == 0


def test_a_ratio_is_over_everything_that_has_a_plan_silent_or_not():
    answer = figures.ratio(records(BOOK))
    assert (answer.value, answer.numerator, answer.denominator) == (Decimal("53.125"), 850, 1600)
    assert [(r.undertaking, r.amount, r.plan_amount) for r in answer.records] == [
        (1, 8_500_000, 12_000_000),
        (2, 0, 3_000_000),
        (3, None, 1_000_000),
    ]


def test_a_ratio_to_a_plan_of_nothing_is_silence():
    text = "undertaking measure kind period amount\nroofs invested plan 2021 0\nroofs invested report 2021-08 5"
    assert figures.ratio(records(text)).value is None


def test_counts_of_those_that_reported_that_planned_and_of_all():
    told = records(BOOK)
    assert [figures.count(told).value, figures.count(told, "plan").value, figures.members(told).value] == [3, 3, 4]
    assert figures.total(told, "plan").value == 1600


def test_a_mean_is_over_those_that_reported():
    answer = figures.mean(records(BOOK))
    assert (answer.value, answer.numerator, answer.denominator) == (300, 900, 3)


def test_a_withdrawn_report_leaves_the_one_before_it():
    text = BOOK + "9 roofs invested report 2021-08 withdrawn"
    assert figures.total(records(text)).value == 850
    assert figures.total(records(text + "\n10 roofs invested report 2021-07 withdrawn")).value == 50


def test_last_years_amounts_do_not_count_this_year():
    text = "undertaking measure kind period amount\nroofs invested plan 2020 10\nroofs invested report 2020-12 9"
    assert figures.total(records(text)).value is None
    assert figures.total(records(text, date(2020, 12, 31))).value == 9


def test_what_lasts_is_read_from_its_beginning():
    text = "undertaking measure kind period amount\nroofs total report 2019-12 9"
    assert figures.total(records(text, measure="total", under="undertaking lead\nroofs total")).value == 9


def test_a_day_counts_once_it_has_come():
    text = "undertaking measure kind period amount\nroofs start report 2021-08 2021-08-20\nwells start report 2021-08-15 2021-09-01"
    assert figures.count(records(text, measure="start")).value == 1
    assert figures.count(records(text, date(2021, 9, 1), measure="start")).value == 2


# Parts

PARTS = "undertaking parent\nroofs -\neast roofs\nwest roofs"


def test_a_whole_is_not_counted_beside_its_parts():
    text = """
    undertaking  measure   kind    period   amount
    roofs        invested  plan    2021     100
    roofs        invested  report  2021-08  70
    east         invested  plan    2021     60
    east         invested  report  2021-08  40
    west         invested  plan    2021     40
    west         invested  report  2021-08  20
    """
    told = records(text, under=PARTS)
    assert figures.total(told).value == 60
    assert figures.total(told, "plan").value == 100
    assert figures.ratio(told).value == 60
    assert figures.count(told).value == 2
    assert figures.members(records(text, measure=None, under=PARTS)).value == 2


def test_a_whole_that_reports_for_parts_that_only_plan_is_still_counted():
    text = """
    undertaking  measure   kind    period   amount
    east         invested  plan    2021     60
    west         invested  plan    2021     40
    roofs        invested  plan    2021     100
    roofs        invested  report  2021-08  70
    """
    told = records(text, under=PARTS)
    assert figures.total(told).value == 70
    assert figures.total(told, "plan").value == 100
    assert figures.count(told).value == 1
    assert (figures.ratio(told).value, figures.members(told).value) == (70, 2)


def test_parts_that_report_for_a_whole_that_plans_are_measured_by_its_plan():
    text = """
    undertaking  measure   kind    period   amount
    roofs        invested  plan    2021     100
    east         invested  report  2021-08  40
    west         invested  report  2021-08  20
    other        invested  report  2021-08  999
    """
    told = records(text, under=PARTS)
    assert (figures.ratio(told).value, figures.ratio(told).denominator) == (60, 100)


def test_a_whole_speaks_for_itself_until_its_parts_do():
    text = """
    undertaking  measure   kind    period   amount
    roofs        invested  report  2021-06  50
    east         invested  report  2021-08  40
    """
    assert figures.total(records(text, date(2021, 7, 31), under=PARTS)).value == 50
    assert figures.total(records(text, under=PARTS)).value == 40


# Ranks

RANKING = """
undertaking  measure  kind    period   amount
a            total    report  2021-06  9
b            total    report  2021-06  8
c            total    report  2021-06  7
d            total    report  2021-06  7
e            total    report  2021-06  6.9999
"""
LEAGUE = "undertaking lead body\na total 1\nb total 2\nc total 3\nd total 4\ne total 5\nf total 6"


def test_equal_amounts_share_a_place_and_the_next_is_skipped():
    told = records(RANKING, measure="total", under=LEAGUE)
    assert [r.place for r in figures.rank(told, 1).records] == [1, 2, 3, 3, 5]
    assert [figures.rank(told, body).value for body in (1, 2, 3, 4, 5)] == [1, 2, 3, 3, 5]
    assert figures.rank(told, 1).denominator == 5


def test_where_less_is_better_the_least_comes_first():
    told = records(RANKING, measure="total", under=LEAGUE)
    assert [figures.rank(told, body, -1).value for body in (1, 2, 3, 4, 5)] == [5, 4, 2, 2, 1]


def test_whoever_has_not_reported_has_no_place():
    assert figures.rank(records(RANKING, measure="total", under=LEAGUE), 6).value is None


# Shares, levels, rounding


def test_a_share_of_nothing_is_silence():
    part, whole = figures.Answer(Decimal(26), ()), figures.Answer(Decimal(30), ())
    assert figures.rounded(figures.share(part, whole).value, 2) == Decimal("86.67")
    assert figures.share(part, figures.Answer(Decimal(0), ())).value is None
    assert figures.share(part, figures.Answer(None, ())).value is None
    assert figures.share(figures.Answer(Decimal(0), ()), whole).value == 0


def test_the_newest_report_of_one_undertaking():
    told = records(BOOK)
    assert [figures.latest(told, whose).value for whose in (1, 2, 3, 9)] == [850, 0, None, None]


@pytest.mark.parametrize(
    ("value", "decimals", "shown"),
    [("0.825", 2, "0.83"), ("-0.825", 2, "-0.83"), ("2.5", 0, "3"), ("0.005", 2, "0.01"), ("82.7702702", 2, "82.77"), ("3", 2, "3.00")],
)
def test_figures_are_rounded_half_away_from_zero(value: str, decimals: int, shown: str):
    assert str(figures.rounded(Decimal(value), decimals)) == shown


def test_a_day_that_no_ledger_speaks_of_is_refused():
    with pytest.raises(Refusal):
        figures.moment(as_of=date.min, head=0, programme=1, measure=None)


@QUICK
@given(written=ledgers(largest=40), as_of=days(), part=st.floats(0, 1))
def test_the_records_of_a_figure_add_up_to_it_exactly(written: Book, as_of: date, part: float):
    head = round(part * len(written.entries))
    for measure in ("invested", "total"):
        told = records(written, as_of, head=head, measure=measure)
        for kind in ("report", "plan"):
            answer = figures.total(told, kind)
            amounts = [r.amount if kind == "report" else r.plan_amount for r in answer.records]
            assert answer.value == (fixed.from_fixed(sum(amounts)) if amounts else None)
        ratio = figures.ratio(told)
        if ratio.value is not None:
            assert ratio.numerator == fixed.from_fixed(sum(r.amount or 0 for r in ratio.records))
            assert ratio.denominator == fixed.from_fixed(sum(r.plan_amount or 0 for r in ratio.records))
        by_seq = {entry["seq"]: entry for entry in written.entries}
        for record in told:
            said = by_seq[record.seq] if record.seq else {"amount": None, "day": None}
            assert (record.amount, record.day) == (said["amount"], said["day"])
            assert record.seq is None or (said["seq"] <= head and said["period"] <= int(as_of.strftime("%Y%m%d")))
