"""Days and periods as numbers, and how officials write them."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from books import ask, book
from hypothesis import given
from hypothesis import strategies as st
from ledgers import QUICK

from duban.core import history, periods
from duban.core.refusals import Refusal

DAYS = st.dates(date(1990, 1, 1), date(2199, 12, 31))


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2021", date(2021, 12, 31)),
        ("2021-02", date(2021, 2, 28)),
        ("2020-02", date(2020, 2, 29)),
        ("2021-Q3", date(2021, 9, 30)),
        ("2021-H1", date(2021, 6, 30)),
        (" 2021-08-15 ", date(2021, 8, 15)),
    ],
)
def test_a_period_is_its_last_day(text: str, day: date):
    assert periods.read_period(text) == day


@pytest.mark.parametrize(
    "text",
    [
        "2021-13",
        "2021-00",
        "2021-Q5",
        "2021-H3",
        "2021-02-30",
        "21-08",
        "2021/08",
        "2021-8",
        "20210831",
        "",
        "August",
        "2021-08-31x",
        "0000",
        "2021-W08",
    ],
)
def test_anything_else_is_refused(text: str):
    with pytest.raises(Refusal) as refused:
        periods.read_period(text)
    assert (refused.value.code, refused.value.facts) == ("period-unreadable", {"period": text})


@pytest.mark.parametrize("text", ["9999", "9999-12-31", "1899", "2200-01", "0001-01"])
def test_a_year_that_no_ledger_speaks_of_is_refused(text: str):
    """A period of the year 9999, as a placeholder for never, would outgrow the numbers that lights count with."""
    with pytest.raises(Refusal) as refused:
        periods.read_period(text)
    assert refused.value.code == "period-unreadable"


@QUICK
@given(day=DAYS)
def test_a_day_and_its_number_are_one(day: date):
    assert periods.from_number(periods.to_number(day)) == day


@QUICK
@given(day=DAYS)
def test_month_ends_lie_where_the_calendar_has_them(day: date):
    ended, following = periods.ended_month(day), periods.next_month_end(day)
    assert ended <= day < following
    assert (ended + timedelta(days=1)).day == (following + timedelta(days=1)).day == 1
    assert (following - ended).days <= 62
    assert periods.months_before(day, 0) == periods.month_end(day)
    assert periods.months_before(day, 12) == periods.month_end(day.replace(day=1, year=day.year - 1))


@QUICK
@given(day=DAYS)
def test_columns_count_half_months_as_days_do(day: date):
    lasting = book(f"undertaking measure kind period amount\nroofs invested report {day} 1")
    told = history.ENTRIES.select(half=history.half_months(history.ENTRIES.period))
    assert ask(told, lasting, "sqlite")[0]["half"] == periods.half_index(day)


def test_half_months_of_a_year():
    assert [periods.halves(date(2021, 8, day)) for day in (1, 14, 15, 27, 28, 31)] == [14, 14, 15, 15, 16, 16]
    assert periods.halves(date(2021, 12, 31)) == 24
    assert periods.half_index(date(2022, 1, 1)) == periods.half_index(date(2021, 12, 31))


@pytest.mark.parametrize("engine", ["sqlite", "duckdb"])
def test_whole_numbers_divide_towards_zero_on_every_engine(engine: str):
    written = book("undertaking measure kind period amount\nroofs invested plan 2021 1\nroofs invested plan 2022 -0.0007")
    entries = history.ENTRIES.order_by("seq")
    half = entries.select("seq", half=history.whole_div(entries.amount, 2))
    assert [row["half"] for row in ask(half, written, engine)] == [5000, -3]


@pytest.mark.parametrize("text", ["20210831", "2021-W35-2", "2021-02-30", "31.8.2021", "", "9999-12-31"])
def test_a_day_is_written_in_one_way(text: str):
    assert periods.read_day("2021-08-31") == date(2021, 8, 31)
    with pytest.raises(Refusal) as refused:
        periods.read_day(text)
    assert refused.value.code == "day-unreadable"
