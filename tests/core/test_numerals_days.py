"""Days as people write them, and text that no spreadsheet may take for a formula."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ledgers import QUICK

from duban.core import formulas, periods
from duban.core.refusals import Refusal


@pytest.mark.parametrize(
    "text",
    ["2021-08-31", "2021/8/31", "2021.8.31", "20210831", "2021年8月31日", "2021 年 8 月 31 日", "２０２１年８月３１日", "2021年8月31号",
     "二〇二一年八月三十一日", "二零二一年八月三十一日", "2021-08-31 00:00:00", "2021-08-31T00:00", " 2021-8-31 "],
)  # fmt: skip
@pytest.mark.parametrize("order", ["ymd", "dmy", "mdy"])
def test_a_day_that_begins_with_its_year_is_read_whatever_the_order(text: str, order: periods.Order):
    assert periods.read_written_day(text, order) == date(2021, 8, 31)


def test_a_day_that_ends_with_its_year_is_read_only_when_the_order_is_said():
    assert periods.read_written_day("03/04/2021", "dmy") == date(2021, 4, 3)
    assert periods.read_written_day("03/04/2021", "mdy") == date(2021, 3, 4)
    assert refused("31/08/2021") == refused("03.04.2021") == "day-ambiguous"
    assert refused("31/08/2021", "mdy") == "day-unreadable"


def refused(text: str, order: periods.Order = "ymd") -> str:
    with pytest.raises(Refusal) as refusal:
        periods.read_written_day(text, order)
    return refusal.value.code


@pytest.mark.parametrize(
    "text", ["2021年8月", "2021-08", "2021.8", "二〇二一年八月", "8月31日", "8月", "2021年", "2021", "2021年8月底", "2021年8月上旬"]
)
def test_part_of_a_day_is_asked_about(text: str):
    assert refused(text) == "day-incomplete"


@pytest.mark.parametrize("text", ["21-08-31", "31/8/21"])
def test_a_year_of_two_digits_is_asked_about(text: str):
    assert refused(text) == refused(text, "dmy") == "day-ambiguous"


@pytest.mark.parametrize(
    "text",
    ["", "明天", "2021-02-30", "2021-13-01", "2021-08-31 12:05", "1021-08-31", "2021-8/31", "二〇二一年一二月三日", "2021年8月31日前"],
)
def test_what_is_no_day_is_refused(text: str):
    assert refused(text) == "day-unreadable"


@QUICK
@given(day=st.dates(date(1900, 1, 1), date(2199, 12, 31)))
def test_every_day_is_read_in_every_spelling(day: date):
    for spelling in (f"{day.year}年{day.month}月{day.day}日", f"{day.year}/{day.month}/{day.day}", day.isoformat(), f"{day:%Y%m%d}"):
        assert periods.read_written_day(spelling) == day


@pytest.mark.parametrize(
    "text",
    [
        "=1+1",
        "+1",
        "-1",
        "@SUM(A1)",
        "＝1",
        "＋1",
        "－1",
        "＠a",
        " =1",
        "\t=1",
        "\n=1",
        "\ttext",
        "\u3000=1",
        "\u00a0=1",
        "\u200b=1",
        "\ufeff=1",
        "−1",
    ],
)
def test_text_that_a_spreadsheet_could_take_for_a_formula_gets_an_apostrophe(text: str):
    assert formulas.harmless(text) == f"'{text}"


@pytest.mark.parametrize("text", ["", "道路改造", "a=b", "12", "3-4", "（-1）", "'=1"])
def test_other_text_goes_out_as_it_is(text: str):
    assert formulas.harmless(text) == text
