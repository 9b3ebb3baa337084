"""Somebody's own table as it lies in a sheet: heads of several rows, what headings say of time, numbers as shown, totals."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from duban.core import fixed, tables
from duban.core.refusals import Refusal
from duban.core.tables_amounts import SILENT, TEXT, TOLD, TOO_FINE, TOO_LARGE, numbers, whole
from duban.core.tables_periods import Span, pattern, span
from duban.core.tables_totals import Sums, marked, says_total

Rows = list[list[Any]]


def headings(rows: Rows, merged: list[tuple[int, int, int, int]] | None = None) -> list[str]:
    found = tables.head(rows, merged or [])
    assert found is not None
    return [column.heading for column in found.columns]


@pytest.mark.parametrize(
    ("heading", "said"),
    [
        ("1-8月", Span(None, 8, None)),
        ("2021年1—8月", Span(2021, 8, None)),
        ("1至8月份", Span(None, 8, None)),
        ("截至8月底", Span(None, 8, None)),
        ("截至2021年8月31日", Span(2021, 8, None)),
        ("累计投资 / 8月", Span(None, 8, None)),
        ("上半年", Span(None, 6, None)),
        ("前三季度", Span(None, 9, None)),
        ("一季度", Span(None, 3, None)),
        ("二季度", Span(None, 6, 3)),
        ("8月", Span(None, 8, 1)),
        ("八月份", Span(None, 8, 1)),
        ("十二月", Span(None, 12, 1)),
        ("2021-08", Span(2021, 8, 1)),
        ("202108", Span(2021, 8, 1)),
        ("2021年 / 8月", Span(2021, 8, 1)),
        ("Aug", Span(None, 8, 1)),
        ("Aug-21", Span(2021, 8, 1)),
        ("Jan-Aug 2021", Span(2021, 8, None)),
        ("7-8月", Span(None, 8, 2)),
        ("本月完成", Span(None, None, 1)),
        ("累计完成投资", Span(None, None, None)),
        ("2021年度计划投资", Span(2021, None, None)),
        ("12个月", None),
        ("开工时间", None),
        ("Market", None),
        ("项目名称", None),
    ],
    ids=str,
)
def test_a_heading_tells_its_time(heading: str, said: Span | None):
    assert span(heading) == said


def test_what_a_heading_leaves_open_the_file_fills_in():
    august = date(2021, 8, 31)
    assert span("本月完成").end(august) == august
    assert span("3月").end(august) == date(2021, 3, 31)
    assert span("2020年累计").end(august) == date(2020, 8, 31)
    assert span("8月").end(None) is None


def test_next_months_heading_has_the_same_pattern_and_another_meaning_has_another():
    assert pattern("2021年1-8月累计投资") == pattern("2022年1-11月累计投资")
    assert pattern("8月") == pattern("九月") == pattern("2021-10")
    assert len({pattern("1-8月"), pattern("8月"), pattern("计划"), pattern("完成")}) == 4


HEAD: Rows = [
    ["2021年1-8月重点项目情况", None, None, None, None],
    ["填报单位：住建局", None, None, "单位：万元", None],
    ["项目名称", "投资情况", None, None, "形象进度（%）"],
    [None, "年度计划", "累计完成", None, None],
    [None, None, "1-8月", "占年计划", None],
    ["道路", 100, 60, 0.6, 60],
]
MERGED = [(0, 0, 0, 4), (2, 0, 4, 0), (2, 1, 2, 3), (3, 1, 4, 1), (3, 2, 3, 3), (2, 4, 4, 4)]
PATHS = ["项目名称", "投资情况 / 年度计划", "投资情况 / 累计完成 / 1-8月", "投资情况 / 累计完成 / 占年计划", "形象进度"]


def test_a_head_of_three_rows_gives_every_column_its_whole_path_merged_or_not():
    assert headings(HEAD, MERGED) == headings(HEAD) == PATHS
    found = tables.head(HEAD, MERGED)
    assert (found.first, found.last, found.body, found.unit, found.span) == (2, 4, 5, "万元", Span(2021, 8, None))
    assert found.columns[4].unit == "%"
    assert tables.month_of(found) == date(2021, 8, 31)


def test_months_that_come_and_a_new_title_do_not_change_the_fingerprint_and_units_do():
    def head(months: int, unit: str = "万元", year: int = 2021) -> Rows:
        return [
            [f"{year}年1-{months}月投资（{unit}）"],
            ["项目", *(f"{month}月" for month in range(1, months + 1))],
            ["道路", *range(months)],
        ]

    one = tables.head(head(3)).fingerprint
    assert tables.head(head(9, year=2022)).fingerprint == one
    assert tables.head(head(3, unit="元")).fingerprint != one


@pytest.mark.parametrize(
    ("rows", "body", "units"),
    [
        ([["项目", "计划", "完成"], [None, "（万元）", "%"], ["甲", 1, 2]], 2, ["", "万元", "%"]),
        ([["项目", "计划（亿元）", "完成"], ["甲", "1", "2"], ["道路", 1, 2]], 1, ["", "亿元", ""]),
        ([["项目", "单位", "计划", "完成"], ["甲", "乙", 1, 2], ["道路", "局", 1, 2]], 2, ["", "", "", ""]),
        ([["项目", "计划", "完成"], ["道路", 1, 2]], 1, ["", "", ""]),
        ([["project_id", "cost_cr", "progress_pct"], ["7", "1", "2"]], 1, ["", "", "%"]),
        ([["项目", datetime(2021, 8, 1), datetime(2021, 9, 1)], ["道路", 1, 2]], 1, ["", "", ""]),
    ],
    ids=["units below", "one row", "numbers of columns", "plain", "english", "months as dates"],
)
def test_where_the_body_begins_and_which_units_stand_over_it(rows: Rows, body: int, units: list[str]):
    found = tables.head(rows)
    assert (found.body, [column.unit for column in found.columns]) == (body, units)


@pytest.mark.parametrize("rows", [[], [[None, None]], [["只有标题"]], [[1, 2], [3, 4]]], ids=["nothing", "blank", "title", "numbers"])
def test_what_is_no_table_is_refused(rows: Rows):
    with pytest.raises(Refusal) as refused:
        tables.laid_out(rows)
    assert refused.value.code == "table-not-found"


def test_notes_below_the_table_end_it_and_one_above_a_full_row_does_not():
    rows: Rows = [["项目", "计划", "完成", "备注"], ["道路", 1, 2, None], ["备注：口径一致", None, None, None], ["桥梁", 3, 4, "正常"],
                  ["注：以上为快报数", None, None, None], ["填表人：张三", None, "审核：李四", None]]  # fmt: skip
    assert tables.laid_out(rows).ended == 3


@pytest.mark.parametrize("text", ["合计", "合 计", "总计：", "全区合计", "工程类小计", "总计（33项）", "Total", "Grand total", "Sub-total"])
def test_what_calls_itself_a_total_is_one(text: str):
    assert says_total(tables.words(text).replace(" ", "") if not text.isascii() else text)
    assert marked([None, "道路", text])[0] == [2]


@pytest.mark.parametrize("text", ["合计中心建设项目", "统计局大楼", "Totalfina depot", "设计", ""])
def test_what_only_sounds_like_one_is_none(text: str):
    assert marked([text]) == ([], [])


def summed(rows: list[list[int | None]], totals: list[int]) -> Sums:
    told = np.array([[cell is not None for cell in row] for row in rows])
    amounts = np.array([[cell or 0 for cell in row] for row in rows], dtype=np.int64)
    parts = np.array([place not in totals for place in range(len(rows))])
    return Sums(amounts, told, parts, totals)


def test_a_total_is_held_against_the_rows_that_it_stands_for():
    """A whole at the top, two groups, each with its own total below it."""
    sums = summed([[60, 6], [10, 1], [20, 2], [30, 3], [30, 3], [30, 3]], totals=[0, 3, 5])
    assert [sums.total(row).differs for row in (0, 3, 5)] == [(), (), ()]
    wrong = summed([[61, 6], [10, 1], [20, 2], [30, None], [30, 3], [30, 3]], totals=[0, 3, 5])
    found = wrong.total(0)
    assert (found.differs, found.said[0], found.summed[0]) == ((0,), 61, 60)
    assert wrong.total(3).differs == ()


def test_a_row_that_equals_the_sum_of_several_others_is_a_total_without_a_name():
    sums = summed([[10, 1], [20, 2], [30, 3]], totals=[])
    assert sums.is_total(2)
    assert not sums.is_total(1)
    assert not summed([[10, 1], [10, 1]], totals=[]).is_total(1)


def test_cells_are_numbers_text_or_silence():
    read, kinds = numbers([1, 2.5, None, "", "3.25", "-4", "1,000", "无", date(2021, 1, 1), True, "12345678901234567"])
    assert kinds.tolist() == [TOLD, TOLD, SILENT, SILENT, TOLD, TOLD, TEXT, TEXT, TEXT, TEXT, TEXT]
    assert read[[0, 1, 4, 5]].tolist() == [1, 2.5, 3.25, -4]


FACTORS = [Decimal(1), Decimal(100), Decimal(10_000), Decimal(10) ** 8, Decimal("0.0001")]


@given(st.integers(-(10**15) + 1, 10**15 - 1), st.integers(-10, 6), st.sampled_from(FACTORS))
def test_what_was_typed_with_fifteen_digits_is_read_exactly_or_refused_for_its_fineness(digits: int, exponent: int, factor: Decimal):
    typed = Decimal(digits).scaleb(exponent)
    read = np.array([float(typed)])
    (amount,), (kind,) = whole(read, np.array([TOLD], dtype=np.int8), factor)
    try:
        wanted = fixed.to_fixed(typed * factor)
    except Refusal as refusal:
        assert kind == {"amount-too-fine": TOO_FINE, "amount-too-large": TOO_LARGE}[refusal.code]
    else:
        assert (kind, amount) == (TOLD, wanted)


@given(st.floats(-1e12, 1e12, allow_nan=False), st.sampled_from(FACTORS))
def test_any_number_is_read_as_the_spreadsheet_shows_it(number: float, factor: Decimal):
    (amount,), (kind,) = whole(np.array([number]), np.array([TOLD], dtype=np.int8), factor)
    try:
        wanted = fixed.to_fixed(Decimal(f"{number:.15g}") * factor)
    except Refusal as refusal:
        assert kind == {"amount-too-fine": TOO_FINE, "amount-too-large": TOO_LARGE}[refusal.code]
    else:
        assert (kind, amount) == (TOLD, wanted)
