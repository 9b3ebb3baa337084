"""A month as a workbook: what is open in it, what a changed cell says, and what nobody's edit can make it say."""

from __future__ import annotations

import io
import zipfile
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl.utils import get_column_letter
from sheetwork import FEBRUARY, cell, codes, column, edited, opened, page, read, row, said, saved, written
from stage import NOW, TODAY, District, district

from duban.core.refusals import Refusal
from duban.intake import actions, workbooks
from duban.intake.files.sheets import open_book
from duban.intake.workbooks import sheet_name
from duban.ledger.models import Entry

pytestmark = pytest.mark.django_db

BOOK = """
seq undertaking  measure   kind    period      amount
1   roofs        invested  plan    2026-12-31  1200000
2   roofs        invested  report  2026-01     100000
3   roofs        progress  report  2026-01     8.5
4   roofs        start     plan    2026-12-31  2026-01-15
5   roofs        start     report  2026-01     2026-01-20
6   pipes        invested  report  2026-02     345678.9
7   lamps        total     report  2026-02     20000
8   lamps        total     report  2026-02     withdrawn
"""


@pytest.fixture
def town(db: None) -> District:
    made = district()
    made.promise("ponds", body="parks")
    made.write(BOOK)
    made.promise("square")
    made.promise("square-east", parent="square")
    return made


# What is open


def test_what_the_ledger_knows_is_there_and_locked(town: District):
    sheet = page(opened(written(town)))
    assert cell(sheet, "roofs", "plan:invested").value == 120
    assert cell(sheet, "roofs", "last:invested").value == 10
    assert cell(sheet, "roofs", "last:progress").value == 8.5
    assert cell(sheet, "roofs", "plan:start").value.date() == date(2026, 1, 15)
    assert cell(sheet, "pipes", "now:invested").value == 34.56789
    locked = [cell(sheet, "roofs", key) for key in ("plan:invested", "last:invested", "plan:start", "name")]
    assert all(one.protection.locked for one in locked) and sheet.protection.sheet and not sheet.protection.password


def test_a_day_that_was_reported_is_shown_and_not_asked_again(town: District):
    sheet = page(opened(written(town)))
    assert (cell(sheet, "roofs", "now:start").value.date(), cell(sheet, "roofs", "now:start").protection.locked) == (
        date(2026, 1, 20),
        True,
    )
    assert (cell(sheet, "pipes", "now:start").value, cell(sheet, "pipes", "now:start").protection.locked) == (None, False)


def test_what_its_parts_report_is_not_asked_of_the_whole(town: District):
    sheet = page(opened(written(town)))
    assert cell(sheet, "square", "now:invested").protection.locked and not cell(sheet, "square-east", "now:invested").protection.locked
    assert not cell(sheet, "square", "now:finish").protection.locked


def test_only_cells_in_which_something_may_be_said_are_unlocked_and_each_says_what_it_takes(town: District):
    sheet = page(opened(written(town)))
    keys = {place.column: str(place.value) for place in sheet[1] if place.value}
    unlocked = [one for cells in sheet.iter_rows() for one in cells if not one.protection.locked]
    assert {keys[one.column].split(":")[0] for one in unlocked} == {"now", "reason"} and unlocked
    rules = sheet.data_validations.dataValidation
    assert all(any(one.coordinate in rule.sqref and rule.prompt for rule in rules) for one in unlocked)


def test_what_is_due_is_coloured_until_it_is_filled_in_and_what_waits_for_a_reviewer_is_noted(town: District):
    town.write("undertaking measure kind period amount\npipes start plan 2026-12-31 2026-02-01")
    town.promise("later", stage="reserve")
    line = town.line("lamps", "invested", "report", "2026-02", "123456.5")
    draft = actions.draft(body=town.bodies["works"], by=town.people["reporter"], lines=[line], on=TODAY, origin="form")
    actions.submit(submission=draft, by=town.people["reporter"], now=NOW)
    sheet = page(opened(written(town)))
    coloured = {
        one.coordinate
        for rule in sheet.conditional_formatting
        for span in rule.cells.ranges
        for row in span.cells
        for one in [sheet.cell(*row)]
    }

    def due(code: str, key: str) -> bool:
        return cell(sheet, code, key).coordinate in coloured

    assert due("roofs", "now:invested") and due("pipes", "now:start")
    assert not due("pipes", "now:invested") and not due("roofs", "now:finish") and not due("later", "now:invested")
    assert not due("lamps", "now:invested") and "12.34565 " in cell(sheet, "lamps", "now:invested").comment.text
    assert opened(written(town)).worksheets[0]["E22"].value == len(coloured)


def test_a_body_sees_its_own_and_what_it_joins_and_nothing_else(town: District):
    def rows(body: str) -> set[str]:
        sheet = page(opened(written(town, body=body)))
        return {str(one.value) for one in sheet["A"][4:]}

    assert rows("works") == {"roofs", "pipes", "lamps", "square", "square-east"}
    assert rows("parks") == {"ponds"}
    town.undertakings["roofs"].joint_bodies.add(town.bodies["parks"])
    assert rows("parks") == {"ponds", "roofs"}
    assert rows("top") == {"ponds", "roofs", "pipes", "lamps", "square", "square-east"}


@pytest.mark.parametrize("who", ["stranger", "reviewer", "resident"])
def test_nobody_else_gets_a_bodys_workbook_or_hands_it_in(town: District, who: str):
    with pytest.raises(PermissionDenied):
        workbooks.written(body=town.bodies["works"], period=FEBRUARY, language="en", by=town.people[who], on=TODAY)
    book = open_book(io.BytesIO(written(town)), "month.xlsx")
    with pytest.raises(PermissionDenied):
        workbooks.read(book, body=town.bodies["works"], by=town.people[who], on=TODAY, tell=print)


def test_no_workbook_is_made_of_nothing_of_a_month_to_come_or_in_an_unknown_language(town: District):
    def refused(**more: Any) -> str:
        asked = {"body": town.bodies["works"], "period": FEBRUARY, "language": "en", "by": None, "on": TODAY, **more}
        with pytest.raises(Refusal) as raised:
            workbooks.written(**asked)
        return raised.value.code

    assert refused(period=date(2026, 3, 31)) == "period-not-ended"
    assert refused(language="fr") == "language-unknown"
    town.undertakings["ponds"].delete()
    assert refused(body=town.bodies["parks"]) == "workbook-empty"


def test_a_name_that_looks_like_a_formula_or_an_address_stays_text(town: District):
    evil = '=HYPERLINK("http://example.org","x")'
    for code, name in (("evil", evil), ("link", "http://example.org/"), ("number", "0123")):
        town.promise(code)
        town.undertakings[code].name = name
        town.undertakings[code].save()
    content = written(town)
    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        sheets = {part: parts.read(part) for part in parts.namelist() if part.startswith("xl/worksheets/")}
    assert not any(b"<f>" in text for text in sheets.values())
    assert not any(b"example.org" in text for part, text in sheets.items()) and b"External" not in b"".join(sheets.values())
    sheet = page(opened(content))
    assert [cell(sheet, code, "name").data_type for code in ("evil", "link", "number")] == ["s", "s", "s"]
    assert cell(sheet, "evil", "name").value == evil


def test_sheets_are_named_so_that_every_program_takes_them():
    assert sheet_name("33项:民生/工程[2026]?*", ()) == "33项 民生 工程 2026"
    assert sheet_name("工程" * 30, ()) == ("工程" * 30)[:31]
    assert sheet_name("Works", ["works"]) == "Works 2"
    assert len(sheet_name("工" * 31, ["工" * 31])) <= 31
    assert sheet_name("duban", ()) != "duban" and sheet_name("'", ()) == "-"


def test_the_same_ledger_and_day_give_the_same_bytes(town: District):
    assert written(town) == written(town)


# What comes back


@pytest.mark.parametrize("language", ["zh-hans", "zh-hant", "en"])
def test_a_workbook_that_nobody_touched_says_nothing(town: District, language: str):
    untouched = written(town, language=language)
    for content in (untouched, edited(untouched, lambda book: None)):
        reading = read(town, content)
        assert (len(reading.lines), reading.findings, reading.period) == (0, [], FEBRUARY)
        assert (reading.counts["rows"], reading.counts["cells"]) == (5, reading.counts["unchanged"])


def test_what_was_said_is_a_line_with_its_place_what_was_typed_and_what_its_writer_saw(town: District):
    def change(book: Any) -> None:
        sheet = page(book)
        cell(sheet, "roofs", "now:invested").value = 12.5
        cell(sheet, "pipes", "now:invested").value = "40万元"
        cell(sheet, "pipes", "reason").value = "漏报一笔"
        cell(sheet, "lamps", "now:total").value = 3
        cell(sheet, "square-east", "now:finish").value = date(2026, 2, 20)

    reading = read(town, edited(written(town), change))
    assert said(town, reading) == {
        ("roofs", "invested"): 125_000,
        ("pipes", "invested"): 400_000,
        ("lamps", "total"): 30_000,
        ("square-east", "finish"): date(2026, 2, 20),
    }
    by_typed = {one.typed: one for one in reading.lines}
    assert {typed: one.seen for typed, one in by_typed.items()} == {"12.5": 0, "40万元": 6, "3": 8, "2026-02-20": 0}
    assert by_typed["40万元"].line.reason == "漏报一笔"
    sheet = page(opened(written(town)))
    assert by_typed["12.5"].place["row"] == row(sheet, "roofs") and by_typed["12.5"].place["sheet"] == "invested"
    assert by_typed["12.5"].place["column"].startswith("invested ")
    assert (reading.counts["new"], reading.counts["changed"], reading.findings) == (2, 2, [])


def test_a_reading_becomes_a_draft(town: District):
    reading = read(town, edited(written(town), lambda book: setattr(cell(page(book), "roofs", "now:invested"), "value", 12.5)))
    submission = actions.draft(
        body=town.bodies["works"], by=town.people["reporter"], lines=reading.lines, on=TODAY, origin="workbook",
        period=reading.period, findings=reading.findings,
    )  # fmt: skip
    assert [(line.amount, line.seen, line.typed) for line in submission.lines.all()] == [(125_000, 0, "12.5")]


TYPED = [
    ("invested", 0, Decimal(0)),
    ("invested", "1,234.5万元", Decimal("12345000")),
    ("invested", "1,234.5", Decimal("12345000")),
    ("invested", "１２３４．５", Decimal("12345000")),
    ("invested", "1.2e3", Decimal("12000000")),
    ("invested", " 12 ", Decimal("120000")),
    ("invested", "0.3亿元", Decimal("30000000")),
    ("invested", 0.1 + 0.2, Decimal("3000")),
    ("invested", 1234.56789012, Decimal("12345678.9012")),
    ("progress", 82.77, Decimal("82.77")),
    ("progress", "82.77%", Decimal("82.77")),
    ("progress", "百分之八十二点七七", Decimal("82.77")),
    ("progress", -3, Decimal(-3)),
    ("progress", 0, Decimal(0)),
    ("complaints", 12, Decimal(12)),
    ("finish", "2026-02-03", date(2026, 2, 3)),
    ("finish", "2026年2月3日", date(2026, 2, 3)),
    ("finish", "2026/2/3", date(2026, 2, 3)),
    ("finish", 46056, date(2026, 2, 3)),
]


@pytest.mark.parametrize(("measure", "typed", "amount"), TYPED)
def test_amounts_and_days_are_read_however_they_are_typed(town: District, measure: str, typed: Any, amount: Any):
    def change(book: Any) -> None:
        place = cell(page(book), "roofs", f"now:{measure}")
        place.value = typed
        if not isinstance(typed, str):
            place.number_format = "General"

    reading = read(town, edited(written(town), change))
    assert (said(town, reading), reading.findings) == ({("roofs", measure): amount}, [])


WRONG = [
    ("invested", "约五万", "amount-inexact"),
    ("invested", "许多", "amount-unreadable"),
    ("invested", -1, "amount-negative"),
    ("invested", "3针次", "unit-unknown"),
    ("invested", 1.123456789, "amount-too-fine"),
    ("invested", True, "amount-unreadable"),
    ("progress", 0.8277, "amount-ambiguous"),
    ("progress", 1, "amount-ambiguous"),
    ("progress", -0.8277, "amount-ambiguous"),
    ("finish", "2026-03-02", "day-not-come"),
    ("finish", "上周", "day-unreadable"),
    ("finish", 12.5, "day-unreadable"),
]


@pytest.mark.parametrize(("measure", "typed", "code"), WRONG)
def test_what_cannot_be_read_is_found_with_its_place_and_is_no_line(town: District, measure: str, typed: Any, code: str):
    content = edited(written(town), lambda book: setattr(cell(page(book), "roofs", f"now:{measure}"), "value", typed))
    reading = read(town, content)
    (found,) = reading.findings
    assert (found.code, found.sheet, found.row, len(reading.lines)) == (code, "invested", row(page(opened(content)), "roofs"), 0)
    assert (found.column or "").startswith(measure) and found.facts["typed"] and reading.counts["wrong"] == 1


def test_emptying_a_cell_withdraws_nothing_and_says_so(town: District):
    reading = read(town, edited(written(town), lambda book: setattr(cell(page(book), "pipes", "now:invested"), "value", None)))
    (found,) = reading.findings
    assert (found.code, str(found.facts["known"]), len(reading.lines)) == ("cell-emptied", "34.56789", 0)


@pytest.mark.parametrize(
    ("code", "key"), [("roofs", "plan:invested"), ("roofs", "last:invested"), ("roofs", "now:start"), ("square", "now:invested")]
)
def test_what_was_written_over_a_locked_cell_is_not_taken_and_not_passed_over(town: District, code: str, key: str):
    typed = date(2026, 2, 2) if "start" in key else 7
    reading = read(town, edited(written(town), lambda book: setattr(cell(page(book), code, key), "value", typed)))
    assert (codes(reading), len(reading.lines)) == (["locked-cell-changed"], 0)


def test_a_reason_without_a_change_is_noticed(town: District):
    reading = read(town, edited(written(town), lambda book: setattr(cell(page(book), "pipes", "reason"), "value", "更正")))
    assert codes(reading) == ["reason-without-change"]


# What the ledger said meanwhile


def test_what_was_accepted_meanwhile_shows_as_a_conflict(town: District):
    content = edited(written(town), lambda book: setattr(cell(page(book), "roofs", "now:invested"), "value", 12.5))
    town.write("undertaking measure kind period amount\nroofs invested report 2026-02 110000")
    reading = read(town, content)
    assert ([one.seen for one in reading.lines], reading.counts["conflict"]) == ([0], 1)
    assert Entry.objects.get(undertaking=town.undertakings["roofs"], period=FEBRUARY).seq == 9


def test_what_the_ledger_says_by_now_anyway_is_no_line(town: District):
    content = edited(written(town), lambda book: setattr(cell(page(book), "roofs", "now:invested"), "value", 11))
    town.write("undertaking measure kind period amount\nroofs invested report 2026-02 110000")
    assert (len(read(town, content).lines), read(town, content).counts["conflict"]) == (0, 0)


def test_a_cell_that_nobody_touched_says_nothing_though_its_slot_was_corrected_meanwhile(town: District):
    content = written(town)
    town.write("undertaking measure kind period amount\npipes invested report 2026-02 9")
    reading = read(town, content)
    assert (len(reading.lines), reading.findings) == (0, [])


# Rows, columns and sheets that have gone elsewhere


def tops(sheet: Any) -> list[list[Any]]:
    return [[one.value for one in cells] for cells in sheet.iter_rows(min_row=5)]


def refill(sheet: Any, rows: list[list[Any]]) -> None:
    for at, values in enumerate(rows, 5):
        for place, value in enumerate(values, 1):
            sheet.cell(at, place).value = value


def sort_rows(book: Any) -> None:
    refill(page(book), sorted(tops(page(book)), key=lambda values: str(values[0]), reverse=True))


def filter_and_hide(book: Any) -> None:
    sheet = page(book)
    sheet.auto_filter.add_filter_column(1, ["1"])
    sheet.row_dimensions[6].hidden = True
    sheet.column_dimensions["D"].hidden = True


def insert_columns(book: Any) -> None:
    sheet = page(book)
    sheet.insert_cols(1, 2)
    sheet.insert_cols(6)
    sheet["F4"].value, sheet["F6"].value = "我的备注", "催一下"


def insert_rows(book: Any) -> None:
    sheet = page(book)
    sheet.insert_rows(1, 3)
    sheet.insert_rows(9)


def move_column(book: Any) -> None:
    sheet = page(book)
    source, target = column(sheet, "now:invested"), sheet.max_column + 2
    for at in range(1, sheet.max_row + 1):
        sheet.cell(at, target).value, sheet.cell(at, source).value = sheet.cell(at, source).value, None


def rename_and_reorder(book: Any) -> None:
    page(book).title = "八月 最终版"
    book.move_sheet(page(book), -1)
    book.move_sheet(book["duban"], -2)


def add_a_sheet(book: Any) -> None:
    book.create_sheet("空白", 0)


def rewrite_headings(book: Any) -> None:
    for one in page(book)[4]:
        one.value = f"第{one.column}列"


def lose_the_keys(book: Any) -> None:
    for one in page(book)[1]:
        one.value = None


def lose_the_codes(book: Any) -> None:
    for one in page(book)["A"][1:]:
        one.value = None


def lose_the_first_column(book: Any) -> None:
    page(book).delete_cols(1)


def lose_the_first_row(book: Any) -> None:
    page(book).delete_rows(1)


def lose_both(book: Any) -> None:
    sheet = page(book)
    sheet.delete_cols(1)
    sheet.delete_rows(1)


def lose_the_hidden_sheet(book: Any) -> None:
    del book["duban"]


EDITS = [
    sort_rows, filter_and_hide, insert_columns, insert_rows, move_column, rename_and_reorder, add_a_sheet, rewrite_headings,
    lose_the_keys, lose_the_codes, lose_the_first_column, lose_the_first_row, lose_both, lose_the_hidden_sheet,
]  # fmt: skip


@pytest.mark.parametrize("edit", EDITS, ids=lambda edit: edit.__name__)
def test_a_workbook_is_understood_after_somebody_worked_on_it(town: District, edit: Any):
    for code in ("square", "square-east", "roofs", "pipes", "lamps", "ponds"):
        town.undertakings[code].name = f"事项 {code}"
        town.undertakings[code].save()

    def change(book: Any) -> None:
        cell(page(book), "roofs", "now:invested").value = 12.5
        cell(page(book), "lamps", "now:progress").value = 40
        edit(book)

    assert read(town, edited(written(town), lambda book: edit(book))).counts["unchanged"] == 45
    reading = read(town, edited(written(town), change))
    assert (said(town, reading), reading.findings) == ({("roofs", "invested"): 125_000, ("lamps", "progress"): 40}, [])


def test_other_sheets_and_rows_are_left_out_and_named(town: District):
    def change(book: Any) -> None:
        book.create_sheet("测算")["A1"].value = 5
        page(book).cell(20, 3).value = "合计"
        page(book).cell(20, column(page(book), "now:invested")).value = 99

    reading = read(town, edited(written(town), change))
    assert sorted((found.code, found.sheet, found.row) for found in reading.findings) == [
        ("row-unknown", "invested", 20),
        ("sheet-left-out", "测算", None),
    ]
    assert len(reading.lines) == 0


def test_copied_rows_are_named_both_and_neither_is_read(town: District):
    def change(book: Any) -> None:
        sheet = page(book)
        refill(sheet, [*tops(sheet), tops(sheet)[0]])
        sheet.cell(10, column(sheet, "now:invested")).value = 5

    reading = read(town, edited(written(town), change))
    (found,) = reading.findings
    assert (found.code, found.row, found.facts["first"], len(reading.lines)) == ("row-twice", 10, 5, 0)


def test_copied_columns_are_named_and_neither_is_read(town: District):
    def change(book: Any) -> None:
        sheet = page(book)
        source, target = column(sheet, "now:invested"), sheet.max_column + 1
        for at in range(1, sheet.max_row + 1):
            sheet.cell(at, target).value = sheet.cell(at, source).value
        sheet.cell(6, target).value = 5

    reading = read(town, edited(written(town), change))
    assert (codes(reading), len(reading.lines)) == (["column-twice"], 0)


def test_deleted_rows_columns_and_sheets_say_nothing_and_are_noted(town: District):
    def rows(book: Any) -> None:
        page(book).delete_rows(row(page(book), "pipes"))

    def columns(book: Any) -> None:
        page(book).delete_cols(column(page(book), "now:invested"))

    found = [read(town, edited(written(town), change)) for change in (rows, columns)]
    assert [codes(reading) for reading in found] == [["rows-missing"], ["columns-missing"]]
    assert ([len(reading.lines) for reading in found], found[0].counts["left_out"]) == ([0, 0], 1)
    town.promise("bins", lead="progress")
    reading = read(town, edited(written(town), lambda book: book.remove(page(book, "progress"))))
    assert (codes(reading), reading.findings[0].facts["count"]) == (["page-missing"], 1)


def test_a_row_for_another_bodys_undertaking_is_refused_by_name(town: District):
    def change(book: Any) -> None:
        place = row(page(book), "lamps")
        page(book).cell(place, 1).value = "ponds"
        page(book).cell(place, column(page(book), "now:invested")).value = 5

    reading = read(town, edited(written(town), change))
    assert (sorted(codes(reading)), len(reading.lines)) == (["rows-missing", "undertaking-of-another-body"], 0)


def test_rows_whose_codes_were_not_moved_along_are_not_read(town: District):
    """Somebody sorted the visible columns alone: each code stands beside another undertaking's name and amounts."""

    def change(book: Any) -> None:
        rows = tops(page(book))
        shifted = [[one[0], *other[1:]] for one, other in zip(rows, [*rows[1:], rows[0]], strict=True)]
        refill(page(book), shifted)

    reading = read(town, edited(written(town), change))
    assert (set(codes(reading)), len(reading.lines)) == ({"row-mixed-up"}, 0)


def test_the_unit_that_the_heading_names_is_the_unit(town: District):
    def change(book: Any) -> None:
        sheet = page(book)
        sheet.cell(4, column(sheet, "now:invested")).value = "完成投资（元）"
        cell(sheet, "roofs", "now:invested").value = 125_000

    reading = read(town, edited(written(town), change))
    assert (said(town, reading), codes(reading)) == ({("roofs", "invested"): 125_000}, ["heading-unit-changed"])


# Workbooks that are none of this body's


def refused(town: District, content: bytes, **more: Any) -> str:
    with pytest.raises(Refusal) as raised:
        read(town, content, **more)
    return raised.value.code


def test_a_workbook_of_another_body_site_form_or_month_is_refused(town: District, settings: Any):
    content = written(town)
    assert refused(town, content, body="parks") == refused(town, content, body="top") == "workbook-of-another-body"
    assert refused(town, content, on=date(2026, 2, 27)) == "period-not-ended"
    assert refused(town, edited(content, lambda book: setattr(book["duban"]["B1"], "value", "9"))) == "workbook-format-unknown"
    assert refused(town, edited(content, lambda book: setattr(book["duban"]["G1"], "value", "999"))) == "workbook-of-another-site"
    old, settings.SECRET_KEY = settings.SECRET_KEY, "another secret"
    assert refused(town, content) == "workbook-of-another-site"
    settings.SECRET_KEY_FALLBACKS = [old]
    assert len(read(town, content).lines) == 0


def test_somebody_elses_table_is_no_workbook(town: District):
    book = opened(written(town))
    for sheet in list(book.worksheets)[1:]:
        book.remove(sheet)
    book.worksheets[0].delete_rows(1)
    assert not workbooks.is_workbook(open_book(io.BytesIO(saved(book)), "x.xlsx"))
    assert not workbooks.is_workbook(open_book(io.BytesIO(b"duban-workbook,1\n"), "x.csv"))


# Anything at all


VALUES = st.one_of(
    st.integers(0, 10**6).map(float),
    st.decimals(0, 10**6, places=4).map(float),
    st.decimals(0, 10**6, places=2).map(lambda amount: f"{amount}万元"),
)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(edits=st.dictionaries(st.tuples(st.sampled_from(["roofs", "lamps", "square-east"]), st.sampled_from(["invested", "total"])), VALUES))
def test_whatever_is_written_into_open_cells_is_what_the_lines_say(town: District, edits: dict[tuple[str, str], Any]):
    def change(book: Any) -> None:
        for (code, measure), value in edits.items():
            cell(page(book), code, f"now:{measure}").value = value

    reading = read(town, edited(written(town), change))
    expected = {
        slot: Decimal(value.removesuffix("万元") if isinstance(value, str) else repr(value)) * 10_000 for slot, value in edits.items()
    }
    assert (said(town, reading), reading.findings) == (expected, [])
    assert all(one.typed for one in reading.lines) and NOW


def test_columns_beyond_z_are_told_by_their_letters():
    from duban.intake.workbooks.places import letters

    assert [letters(place - 1) for place in (1, 26, 27, 702, 703)] == [get_column_letter(place) for place in (1, 26, 27, 702, 703)]


# Fetching it


def test_a_reporter_fetches_the_month_in_the_pages_language_under_a_chinese_name(town: District, client: Any, settings: Any):
    from urllib.parse import unquote

    from django.conf import settings as django_settings

    settings.SET = {**django_settings.SET, "today": TODAY}
    client.force_login(town.people["reporter"], backend="allauth.account.auth_backends.AuthenticationBackend")
    answer = client.get("/desk/month/workbook/", {"body": "works", "period": "2026-02"})
    assert answer["Content-Type"].endswith("spreadsheetml.sheet") and answer["Cache-Control"] == "no-store"
    told = unquote(answer["Content-Disposition"])
    assert told.startswith("attachment") and "住建局 " in told and told.endswith(".xlsx")
    assert opened(answer.content)["duban"]["F1"].value == "zh-hans"
    client.cookies[django_settings.LANGUAGE_COOKIE_NAME] = "en"
    assert opened(client.get("/desk/month/workbook/").content)["duban"]["F1"].value == "en"
    assert len(read(town, answer.content).lines) == 0


def test_the_operator_writes_it_to_a_file(town: District, tmp_path: Any, settings: Any):
    from click.testing import CliRunner
    from django.conf import settings as django_settings

    from duban.cli.commands import duban

    settings.SET = {**django_settings.SET, "today": TODAY}
    file = tmp_path / "month.xlsx"
    result = CliRunner().invoke(duban, ["workbook", "works", "2026-02", "-o", str(file), "--language", "zh-hans"])
    assert (result.exit_code, result.output) == (0, f"{file}: 住建局, 2026-02, {file.stat().st_size:,} bytes\n")
    assert len(read(town, file.read_bytes()).lines) == 0
    for wrong in (["nobody", "2026-02"], ["works", "2026-03"], ["works", "August"]):
        refused = CliRunner().invoke(duban, ["workbook", *wrong, "-o", str(tmp_path / "other.xlsx")])
        assert (refused.exit_code, (tmp_path / "other.xlsx").exists()) == (1, False)


def test_a_workbook_costs_as_many_queries_for_many_undertakings_as_for_few(town: District):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    def cost() -> tuple[int, int]:
        with CaptureQueriesContext(connection) as writing:
            content = written(town)
        with CaptureQueriesContext(connection) as reading:
            read(town, content)
        return len(writing), len(reading)

    cost()  # who the dispatcher is, is asked once
    few = cost()
    for place in range(40):
        town.promise(f"more-{place}")
    assert cost() == few
