"""Tables that somebody else made: merged heads, units in brackets, totals, months; recognised, confirmed once, read into lines."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from stage import NOW, District, district

from duban.core.refusals import Refusal
from duban.intake import actions as intake
from duban.intake import tables
from duban.intake.models import TableMapping
from duban.intake.readings import Reading
from duban.registry.models import Programme, Undertaking

pytestmark = pytest.mark.django_db
ON = date(2021, 9, 5)
AUGUST = date(2021, 8, 31)


@dataclass
class Sheet:
    """What a reader of files hands over."""

    rows: list[list[Any]]
    merged: list[tuple[int, int, int, int]] = field(default_factory=list)
    name: str = "Sheet1"
    percents: list[tuple[int, int, int, int]] = field(default_factory=list)


TITLE = "2021年1-8月重点项目进展情况表"
KEY_PROJECTS = [
    [TITLE, *[None] * 8],
    ["填报单位：住建局", None, None, None, None, None, "单位：万元", None, None],
    ["序号", "项目名称", "总投资", "投资情况", None, None, "形象进度\n(%)", "开工时间", "备注"],
    [None, None, None, "2021年计划投资", "累计投资", None, None, None, None],
    [None, None, None, None, "1-8月", "占年计划%", None, None, None],
    ["合计", None, 99000, 17400, 11804, 67.84, None, None, None],
    [1, "江南新城道路改造", 31000, 9800, 7742, 79, 70, datetime(2020, 9, 28), None],
    [2, "雨污分流管网", 68000, 7600, 4062.5, 53.45, "55%", "2020年11月3日", "受汛期影响"],
    ["备注：累计投资以统计入库数为准。", *[None] * 8],
    ["填表人：张三", None, None, "审核人：李四", None, None, "填表日期：2021-09-02", None, None],
]
MERGED = [(0, 0, 0, 8), (2, 0, 4, 0), (2, 1, 4, 1), (2, 2, 4, 2), (2, 3, 2, 5), (3, 3, 4, 3), (3, 4, 3, 5), (2, 6, 4, 6), (2, 7, 4, 7),
          (2, 8, 4, 8), (5, 0, 5, 1), (8, 0, 8, 8)]  # fmt: skip


def key_projects(**changed: Any) -> Sheet:
    """The table; `r6c4=1` puts 1 into row 6, column 4, both from 0."""
    rows = [list(row) for row in KEY_PROJECTS]
    for place, value in changed.items():
        row, column = place.removeprefix("r").split("c")
        rows[int(row)][int(column)] = value
    return Sheet(rows, MERGED, "重点项目")


@pytest.fixture
def town(db: None) -> District:
    made = district()
    for code, name in (("roads", "江南新城道路改造"), ("pipes", "雨污分流管网")):
        made.promise(code)
        made.undertakings[code].name = name
        made.undertakings[code].save()
    for code, name in (
        ("invested", "完成投资"),
        ("total", "总投资"),
        ("progress", "形象进度"),
        ("start", "开工日期"),
        ("finish", "竣工日期"),
    ):
        made.measures[code].name = name
        made.measures[code].save()
    return made


def programme(town: District) -> Programme:
    return town.programmes["invested"]


def confirmed(town: District, sheet: Sheet, **changed: dict[str, str]) -> TableMapping:
    """The proposal as it is, except for the columns (by heading) that `changed` names."""
    proposal = tables.proposed(sheet, programme=programme(town))
    columns = [{**one.meaning.kept, **changed.get(one.column.heading, {})} for one in proposal.columns]
    kept, _ = TableMapping.objects.update_or_create(
        body=town.bodies["works"],
        programme=programme(town),
        fingerprint=tables.fingerprint(sheet),
        defaults={"columns": columns, "made_by": town.people["reporter"], "name": "月报"},
    )
    return kept


def read(town: District, sheet: Sheet, mapping: TableMapping | None = None, period: date | None = AUGUST, on: date = ON) -> Reading:
    return tables.read(sheet, mapping or confirmed(town, sheet), body=town.bodies["works"], period=period, on=on)


def lines(town: District, reading: Reading) -> list[str]:
    """Each line as a book would write it."""
    codes = {one.pk: code for code, one in town.undertakings.items()}
    measures = {one.pk: code for code, one in town.measures.items()}
    told = []
    for said in reading.lines:
        line = said.line
        value = line.amount if line.day is None else line.day
        mark = " original" if said.original else ""
        told.append(f"{codes[line.undertaking_id]} {measures[line.measure_id]} {line.kind} {line.period:%Y-%m} {value}{mark}")
    return told


def found(reading: Reading) -> list[tuple[str, int | None, str | None]]:
    return [(one.code, one.row, one.column) for one in reading.findings]


def accepted(town: District, reading: Reading, reasons: bool = True) -> None:
    """The reading as a submission that somebody else accepts; what corrects something gets a reason."""
    submission = intake.draft(
        body=town.bodies["works"], by=town.people["reporter"], lines=list(reading.lines), on=ON, origin="table", findings=reading.findings
    )
    if reasons:
        reasoned = {line.pk: line.reason or "改报" for line in submission.lines.all()}
        intake.give_reasons(submission=submission, by=town.people["reporter"], reasons=reasoned)
    intake.submit(submission=submission, by=town.people["reporter"], now=NOW)
    intake.accept(submission=submission, by=town.people["reviewer"], now=NOW)


def test_a_merged_head_is_understood_without_asking_much(town: District):
    proposal = tables.proposed(key_projects(), programme=programme(town))
    told = {one.column.heading: (one.meaning.role, one.meaning.measure, one.meaning.unit, one.meaning.period) for one in proposal.columns}
    assert told == {
        "序号": ("ignore", "", "", "file"),
        "项目名称": ("name", "", "", "file"),
        "总投资": ("plan", "total", "万元", "year"),
        "投资情况 / 2021年计划投资": ("plan", "invested", "万元", "year"),
        "投资情况 / 累计投资 / 1-8月": ("report", "invested", "万元", "own"),
        "投资情况 / 累计投资 / 占年计划%": ("ignore", "", "", "file"),
        "形象进度": ("report", "progress", "%", "file"),
        "开工时间": ("report", "start", "", "file"),
        "备注": ("ignore", "", "", "file"),
    }
    assert [one.column.heading for one in proposal.columns if one.asks] == []
    assert proposal.month == AUGUST


def test_a_table_becomes_lines_with_their_units(town: District):
    reading = read(town, key_projects())
    assert lines(town, reading) == [
        "roads total plan 2021-12 310000000",
        "roads invested plan 2021-12 98000000",
        "roads invested report 2021-08 77420000",
        "roads progress report 2021-08 70",
        "roads start report 2021-08 2020-09-28",
        "pipes total plan 2021-12 680000000",
        "pipes invested plan 2021-12 76000000",
        "pipes invested report 2021-08 40625000",
        "pipes progress report 2021-08 55",
        "pipes start report 2021-08 2020-11-03",
    ]
    assert found(reading) == [("total-differs", 6, "投资情况 / 累计投资 / 1-8月")]
    assert {**reading.findings[0].facts} == {"said": 11804, "summed": 11804.5, "difference": -0.5, "total": "合计"}
    assert reading.counts == {
        "rows": 2, "cells": 10, "new": 10, "changed": 0, "unchanged": 0, "conflict": 0, "wrong": 0, "left_out": 0,
    }  # fmt: skip
    first = next(iter(reading.lines))
    assert (first.place, first.typed, first.seen) == ({"sheet": "重点项目", "row": 7, "column": "总投资"}, "31000", 0)


def test_a_right_total_is_left_out_silently(town: District):
    assert read(town, key_projects(r5c4=11804.5)).findings == []


def test_the_same_file_again_changes_nothing_and_a_changed_one_only_that(town: District):
    mapping = confirmed(town, key_projects())
    accepted(town, read(town, key_projects(), mapping))
    again = read(town, key_projects(), mapping)
    assert (lines(town, again), again.counts["unchanged"], again.counts["new"]) == ([], 10, 0)
    changed = read(town, key_projects(r6c4=7800, r6c3=9900), mapping)
    assert lines(town, changed) == ["roads invested plan 2021-12 99000000", "roads invested report 2021-08 78000000"]
    assert changed.counts["changed"] == 2
    assert all(one.seen for one in changed.lines)


def test_next_months_file_is_recognised_and_read_without_asking(town: District):
    accepted(town, read(town, key_projects()))
    september = key_projects(r0c0="2021年1-9月重点项目进展情况表", r4c4="1-9月", r6c4=8000, r7c4=4100)
    mapping = tables.known(september, body=town.bodies["works"])
    assert mapping is not None
    assert tables.known(september, body=town.bodies["parks"]) is None
    reading = read(town, september, mapping, period=None, on=date(2021, 10, 8))
    assert reading.period == date(2021, 9, 30)
    assert lines(town, reading) == [
        "roads invested report 2021-09 80000000", "roads progress report 2021-09 70",
        "pipes invested report 2021-09 41000000", "pipes progress report 2021-09 55",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "changed", [{"r1c6": "单位：元"}, {"r3c3": "2021年拨付资金"}, {"r2c6": "形象进度\n(万元)"}], ids=["unit", "heading", "own unit"]
)
def test_a_head_that_means_something_else_is_asked_about(town: District, changed: dict[str, str]):
    confirmed(town, key_projects())
    assert tables.known(key_projects(**changed), body=town.bodies["works"]) is None


def test_another_head_is_not_read_by_this_mapping(town: District):
    mapping = confirmed(town, key_projects())
    with pytest.raises(Refusal) as refused:
        read(town, key_projects(r2c8="责任领导"), mapping)
    assert (refused.value.code, refused.value.facts) == ("table-head-differs", {"heading": "责任领导"})


def test_the_month_that_was_said_and_the_files_own_are_compared(town: District):
    reading = read(town, key_projects(), period=date(2021, 7, 31))
    assert ("table-month-differs", None, None) in found(reading)


MONTHS = [
    ["项目名称", *(f"{month}月" for month in range(1, 13)), "合计"],
    ["江南新城道路改造", 100, 200, 0.1, 0.2, *[0] * 8, 300.3],
    ["雨污分流管网", 50, None, 70, *[None] * 9, 120],
]


def monthly(*rows: list[Any]) -> Sheet:
    return Sheet([["2021年重点项目分月完成投资（万元）"], *([MONTHS[0], *rows] if rows else MONTHS)])


def test_months_are_added_up_to_the_year_to_date_and_a_missing_month_is_not_guessed(town: District):
    reading = read(town, monthly(), period=date(2021, 4, 30))
    assert lines(town, reading) == [
        "roads invested report 2021-01 1000000",
        "roads invested report 2021-02 3000000",
        "roads invested report 2021-03 3001000",
        "roads invested report 2021-04 3003000",
        "pipes invested report 2021-01 500000",
    ]
    assert found(reading) == [("month-missing", 4, "3月")]
    assert reading.findings[0].facts == {"period": date(2021, 2, 28)}
    assert reading.counts["left_out"] == 8


def test_a_sum_that_outgrows_the_ledger_is_told_and_not_passed_over(town: District):
    reading = read(town, monthly(["江南新城道路改造", 60_000_000, 60_000_000]), period=date(2021, 4, 30))
    assert lines(town, reading) == ["roads invested report 2021-01 600000000000"]
    assert (found(reading), reading.counts["wrong"]) == ([("amount-too-large", 3, "2月")], 1)


def test_a_missing_month_that_the_ledger_knows_is_bridged(town: District):
    town.write("undertaking measure kind period amount\npipes invested report 2021-02 500000")
    reading = read(town, monthly(MONTHS[2]), period=date(2021, 4, 30))
    assert lines(town, reading) == ["pipes invested report 2021-01 500000", "pipes invested report 2021-03 1200000"]


def test_this_month_alone_joins_what_the_ledger_has_reached(town: District):
    town.write("undertaking measure kind period amount\nroads invested report 2021-07 5000000")
    sheet = Sheet([["项目名称", "本月完成投资（万元）"], ["江南新城道路改造", 25], ["雨污分流管网", 10]])
    reading = read(town, sheet)
    assert lines(town, reading) == ["roads invested report 2021-08 5250000"]
    assert found(reading) == [("month-missing", 3, "本月完成投资")]


def test_a_total_over_the_months_is_compared_with_them(town: District):
    reading = read(town, monthly(["江南新城道路改造", 100, 200, *[None] * 10, 310]), period=date(2021, 4, 30))
    assert found(reading) == [("total-differs", 3, "合计")]
    assert (reading.findings[0].facts["summed"], reading.findings[0].facts["difference"]) == (300, 10)


def test_months_and_what_has_come_together_by_them_are_compared(town: District):
    sheet = Sheet([["项目名称", "1月完成投资(万元)", "2月完成投资(万元)", "1-2月累计完成投资(万元)"], ["雨污分流管网", 5, 6, 12]])
    reading = read(town, sheet, period=date(2021, 2, 28))
    assert lines(town, reading) == ["pipes invested report 2021-01 50000", "pipes invested report 2021-02 120000"]
    assert found(reading) == [("table-columns-differ", 2, "2月完成投资")]


def test_a_month_that_has_not_ended_is_no_report(town: District):
    sheet = Sheet([["项目名称", "2021年9月形象进度"], ["雨污分流管网", 60]])
    reading = read(town, sheet)
    assert (lines(town, reading), found(reading)) == ([], [("period-not-ended", 2, "2021年9月形象进度")])


def grouped(total: float = 30, subtotal: float = 10, label: str = "全区") -> Sheet:
    return Sheet(
        [
            ["项目名称", "计划投资(万元)", "完成投资(万元)"],
            [label, 300, total],
            ["一、工程类", None, None],
            ["1.江南新城道路改造", 100, 10],
            ["小计", 100, subtotal],
            ["二、管网类", None, None],
            ["（1）雨污分流 管网", 200, 20],
            ["小计", 200, 20],
        ]
    )


def test_group_headings_serial_numbers_and_a_total_that_does_not_say_so_are_no_undertakings(town: District):
    reading = read(town, grouped())
    assert found(reading) == []
    assert [line for line in lines(town, reading) if "report" in line] == [
        "roads invested report 2021-08 100000", "pipes invested report 2021-08 200000",
    ]  # fmt: skip


def test_each_total_is_held_against_its_own_parts(town: District):
    reading = read(town, grouped(subtotal=11, total=29, label="合计"))
    assert found(reading) == [("total-differs", 2, "完成投资"), ("total-differs", 5, "完成投资")]
    assert [one.facts["difference"] for one in reading.findings] == [-1, 1]


def test_rows_that_nobody_knows_are_asked_about_and_told_once(town: District):
    sheet = key_projects(r6c1="江南新城片区道路改造工程")
    mapping = confirmed(town, sheet)
    reading = read(town, sheet, mapping)
    assert ("row-unmatched-like", 7, None) in found(reading)
    assert next(one for one in reading.findings if one.code == "row-unmatched-like").facts == {
        "name": "江南新城片区道路改造工程", "suggestions": ["江南新城道路改造"],
    }  # fmt: skip
    mapping.rows = {"江南新城片区道路改造工程": "roads"}
    assert [line for line in lines(town, read(town, sheet, mapping)) if line.startswith("roads")]
    mapping.rows = {"江南新城片区道路改造工程": ""}
    left = read(town, sheet, mapping)
    assert not [one for one in left.findings if one.code.startswith("row")]
    assert not [line for line in lines(town, left) if line.startswith("roads")]


def test_only_what_the_body_reports_on_is_suggested(town: District):
    others = ("雨污分流管网一期", "雨污分流管网二期", "雨污分流管网三期")
    for place, name in enumerate(others):
        Undertaking.objects.filter(pk=town.promise(f"others-{place}", body="parks").pk).update(name=name)
    sheet = Sheet([["项目名称", "完成投资（万元）"], ["江南新城道路改造", 25], ["雨污分流管网四期", 10]])
    (unknown,) = [one for one in read(town, sheet).findings if one.code.startswith("row-unmatched")]
    assert unknown.facts == {"name": "雨污分流管网四期", "suggestions": ["雨污分流管网"]}


def test_an_undertaking_that_comes_twice_is_taken_once(town: District):
    reading = read(town, key_projects(r7c1="江南新城道路改造"))
    assert ("table-row-twice", 8, None) in found(reading)
    assert len([line for line in lines(town, reading) if " invested report" in line]) == 1


def test_rows_of_another_body_are_told_and_not_sent(town: District):
    town.undertakings["pipes"].lead_body = town.bodies["parks"]
    town.undertakings["pipes"].save()
    reading = read(town, key_projects())
    assert ("rows-of-others", None, None) in found(reading)
    assert {line.split()[0] for line in lines(town, reading)} == {"roads"}


@pytest.mark.parametrize(
    ("place", "cell", "code"),
    [
        ("r6c4", "见附件", "amount-unreadable"),
        ("r6c4", 0.123456789, "amount-too-fine"),
        ("r6c4", -5, "amount-negative"),
        ("r6c4", 1e12, "amount-too-large"),
        ("r6c7", "2020年9月", "day-incomplete"),
        ("r6c7", "03/04/2020", "day-ambiguous"),
        ("r6c7", "2021-09-30", "day-not-come"),
        ("r6c7", "不详", "day-unreadable"),
    ],
    ids=str,
)
def test_what_cannot_be_read_is_a_finding_at_its_cell_and_the_rest_is_read(town: District, place: str, cell: Any, code: str):
    reading = read(town, key_projects(**{place: cell}))
    assert [(one.code, one.row) for one in reading.findings if one.code != "total-differs"] == [(code, 7)]
    assert (reading.counts["wrong"], len(reading.lines)) == (1, 9)


@pytest.mark.parametrize("cell", ["", "-", "—", "/", "无", "  "])
def test_what_says_nothing_is_silence_and_zero_is_zero(town: District, cell: str):
    assert "roads invested report" not in " ".join(lines(town, read(town, key_projects(r6c4=cell))))
    assert "roads invested report 2021-08 0" in lines(town, read(town, key_projects(r6c4=0)))


@pytest.mark.parametrize(("cell", "amount"), [("7,742", "77420000"), ("0.7742亿元", "77420000"), ("７７４２", "77420000")])
def test_numbers_as_text_are_read_with_their_own_unit_or_the_columns(town: District, cell: str, amount: str):
    assert f"roads invested report 2021-08 {amount}" in lines(town, read(town, key_projects(r6c4=cell)))


def test_sums_of_floats_are_read_as_the_spreadsheet_shows_them(town: District):
    assert "roads invested report 2021-08 3000" in lines(town, read(town, key_projects(r6c4=0.1 + 0.2)))


def test_percentages_that_a_spreadsheet_keeps_as_fractions_are_noticed(town: District):
    sheet = Sheet([["项目名称", "形象进度"], ["江南新城道路改造", 0.705], ["雨污分流管网", 1]])
    (_, column) = tables.proposed(sheet, programme=programme(town)).columns
    assert (column.meaning.unit, column.asks) == ("fraction", ["unit"])
    assert lines(town, read(town, sheet)) == ["roads progress report 2021-08 70.5", "pipes progress report 2021-08 100"]


PERCENT = [["项目名称", "形象进度(%)"], ["江南新城道路改造", 82.77], ["雨污分流管网", 0.5]]


def test_a_column_of_per_cent_is_read_by_what_the_later_file_shows(town: District):
    """The column is told as % once; a later file keeps 82.77% as spreadsheets do, with or without the format that says so."""
    told = confirmed(town, Sheet(PERCENT))
    assert told.columns[1]["unit"] == "%"
    kept = [PERCENT[0], ["江南新城道路改造", 0.8277], ["雨污分流管网", 0.005]]
    shown = read(town, Sheet(kept, percents=[(1, 1, 2, 1)]), told)
    assert lines(town, shown) == ["roads progress report 2021-08 82.77", "pipes progress report 2021-08 0.5"]
    mixed = read(town, Sheet(kept, percents=[(1, 1, 1, 1)]), told)
    assert lines(town, mixed) == ["roads progress report 2021-08 82.77"]
    bare = read(town, Sheet(kept), told)
    assert lines(town, bare) == []
    assert [(one.code, one.row, one.facts) for one in bare.findings] == [
        ("amount-ambiguous", 2, {"amount": "0.8277", "readings": "0.8277% / 82.77%"}),
        ("amount-ambiguous", 3, {"amount": "0.005", "readings": "0.005% / 0.5%"}),
    ]
    small = [PERCENT[0], ["江南新城道路改造", "82.77"], ["雨污分流管网", "0.5"]]
    assert lines(town, read(town, Sheet(small), told)) == ["roads progress report 2021-08 82.77", "pipes progress report 2021-08 0.5"]


def test_money_without_a_unit_is_asked_about_and_refused_until_it_is_told(town: District):
    sheet = Sheet([["项目名称", "累计完成投资"], ["江南新城道路改造", 12]])
    assert [one.asks for one in tables.proposed(sheet, programme=programme(town)).columns] == [[], ["unit"]]
    with pytest.raises(Refusal) as refused:
        read(town, sheet)
    assert refused.value.code == "table-unit-missing"


DATES = [["项目名称", "开工日期"], ["江南新城道路改造", "03/04/2020"], ["雨污分流管网", "05/06/2020"]]


def test_the_order_of_a_date_is_taken_from_its_column_or_asked(town: District):
    (_, column) = tables.proposed(Sheet(DATES), programme=programme(town)).columns
    assert (column.meaning.order, column.asks) == ("", ["order"])
    (_, column) = tables.proposed(Sheet([*DATES[:2], ["雨污分流管网", "25/06/2020"]]), programme=programme(town)).columns
    assert (column.meaning.order, column.asks) == ("dmy", [])
    (_, column) = tables.proposed(Sheet([*DATES[:2], ["雨污分流管网", "06/25/2020"]]), programme=programme(town)).columns
    assert (column.meaning.order, column.asks) == ("mdy", [])
    mapping = confirmed(town, Sheet(DATES), 开工日期={"order": "dmy"})
    assert lines(town, read(town, Sheet(DATES), mapping)) == [
        "roads start report 2021-08 2020-04-03",
        "pipes start report 2021-08 2020-06-05",
    ]


def test_a_day_told_before_is_not_told_again_and_another_day_corrects_it_where_it_stands(town: District):
    town.write("undertaking measure kind period amount\nroads start report 2020-09 2020-09-28\npipes start report 2020-11 2020-11-05")
    reading = read(town, key_projects())
    assert [line for line in lines(town, reading) if "start" in line] == ["pipes start report 2020-11 2020-11-03"]


PLANS = [
    ["项目名称", "原计划竣工日期", "调整后竣工日期", "原概算总投资(万元)", "调整后总投资(万元)"],
    ["江南新城道路改造", "2021-06-30", "2021-12-31", 100, 120],
    ["雨污分流管网", "2022-06-30", None, 200, 200],
]


def test_a_first_wording_enters_before_its_revision_and_is_never_rewritten(town: District):
    mapping = confirmed(town, Sheet(PLANS))
    reading = read(town, Sheet(PLANS), mapping)
    assert lines(town, reading) == [
        "roads finish plan 2021-12 2021-06-30 original",
        "roads finish plan 2021-12 2021-12-31",
        "roads total plan 2021-12 1000000 original",
        "roads total plan 2021-12 1200000",
        "pipes finish plan 2021-12 2022-06-30 original",
        "pipes total plan 2021-12 2000000 original",
    ]
    accepted(town, reading)
    again = read(town, Sheet(PLANS), mapping)
    assert (lines(town, again), found(again)) == ([], [])
    later = [PLANS[0], ["江南新城道路改造", "2021-09-30", "2022-03-31", 120, 120], PLANS[2]]
    mapping.options = {"revision_reason": "月报调整"}
    rewritten = read(town, Sheet(later), mapping, period=date(2022, 1, 31), on=date(2022, 2, 3))
    assert lines(town, rewritten) == ["roads finish plan 2021-12 2022-03-31"]
    assert next(iter(rewritten.lines)).line.reason == "月报调整"
    assert found(rewritten) == [("original-kept", 2, "原计划竣工日期"), ("original-kept", 2, "原概算总投资")]
    assert rewritten.findings[0].facts == {"measure": "竣工日期", "first": date(2021, 6, 30), "now": date(2021, 9, 30)}


def test_a_parts_amounts_are_taken_and_its_wholes_are_not(town: District):
    town.undertakings["pipes"].parent = town.undertakings["roads"]
    town.undertakings["pipes"].save()
    reading = read(town, key_projects(r5c2=68000, r5c3=7600, r5c4=4062.5))
    assert found(reading) == []
    assert [line for line in lines(town, reading) if line.startswith("roads")] == ["roads start report 2021-08 2020-09-28"]
    assert reading.counts["left_out"] == 4


def test_codes_that_a_spreadsheet_made_numbers_are_codes(town: District):
    town.promise("706718")
    sheet = Sheet([["项目编码", "完成投资(万元)"], [706718.0, 3]])
    assert lines(town, read(town, sheet)) == ["706718 invested report 2021-08 30000"]


def test_a_label_that_is_merged_over_rows_and_a_head_that_is_printed_again_are_no_news(town: District):
    head = ["项目名称", "完成投资(万元)"]
    sheet = Sheet([head, ["江南新城道路改造", 3], head, ["雨污分流管网", 4]])
    assert found(read(town, sheet)) == []
    assert len(read(town, sheet).lines) == 2


def test_a_sheet_without_a_table_is_refused(town: District):
    for rows in ([], [["只有一行标题"]], [["项目名称", "完成投资"]]):
        assert tables.fingerprint(Sheet(rows)) == ""
        with pytest.raises(Refusal) as refused:
            tables.proposed(Sheet(rows), programme=programme(town))
        assert refused.value.code == "table-not-found"


def many(town: District, count: int) -> Sheet:
    programme(town)
    for place in range(count):
        town.promise(f"u{place}")
    return Sheet(
        [["项目编码", *(f"{month}月完成投资(万元)" for month in range(1, 9))], *([f"u{place}", *range(1, 9)] for place in range(count))]
    )


def test_a_long_table_asks_the_ledger_as_often_as_a_short_one(town: District):
    sheet = many(town, 40)
    mapping = confirmed(town, sheet)

    def asked(rows: int) -> int:
        with CaptureQueriesContext(connection) as queries:
            assert len(read(town, Sheet(sheet.rows[: rows + 1]), mapping).lines) == rows * 8
        return len(queries)

    assert asked(40) == asked(2)


def test_reading_tells_how_far_it_has_come(town: District):
    told: list[tuple[int, int]] = []
    tell: Callable[[int, int], None] = lambda done, total: told.append((done, total))  # noqa: E731
    tables.read(key_projects(), confirmed(town, key_projects()), body=town.bodies["works"], period=AUGUST, on=ON, tell=tell)
    assert told == sorted(told)
    assert told[-1] == (5, 5)
