"""Saying what somebody's own table means, in a real browser: once, by keyboard, on a phone; next month nobody is asked."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
import xlsxwriter
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from playwright.sync_api import expect
from stage import District, district

from duban.intake.models import Submission, TableMapping, Upload
from duban.registry.models import Undertaking

NAMES = {"invested": "完成投资", "total": "总投资", "progress": "形象进度", "start": "开工日期", "finish": "竣工日期"}
PROJECTS = {"roads": "江南新城道路改造", "pipes": "雨污分流管网", "park": "滨江公园提升"}
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@pytest.fixture
def town(transactional_db: None, settings: Any) -> District:
    settings.SET = {**settings.SET, "today": date(2021, 10, 5)}
    made = district()
    for code, name in PROJECTS.items():
        made.promise(code)
        Undertaking.objects.filter(code=code).update(name=name)
    for code, name in NAMES.items():
        made.measures[code].name = name
        made.measures[code].save()
    made.programmes["invested"].name = "重点项目"
    made.programmes["invested"].save()
    return made


def book(month: int, *, unit: str = "单位：万元", third: str = "滨江公园", spent: float = 120.5) -> bytes:
    """A table of key projects as an office keeps it, with a cover sheet before it."""
    content = io.BytesIO()
    with xlsxwriter.Workbook(content) as workbook:
        workbook.add_worksheet("封面").write(0, 0, "重点项目月报")
        sheet = workbook.add_worksheet("重点项目")
        sheet.merge_range("A1:H1", f"2021年1-{month}月重点项目进展情况表")
        sheet.write_row("A2", ["填报单位：住建局", "", "", "", "", unit])
        merged = {"A3:A5": "序号", "B3:B5": "项目名称", "C3:C5": "总投资", "D3:F3": "投资情况", "D4:D5": "2021年计划投资"}
        for place, text in (merged | {"E4:F4": "累计投资", "G3:G5": "形象进度\n(%)", "H3:H5": "开工时间"}).items():
            sheet.merge_range(place, text)
        sheet.write_row("E5", [f"1-{month}月", "占年计划%"])
        rows = [
            (1, PROJECTS["roads"], 31000, 9800, 7742, 79, 70, "28/09/2020"),
            (2, PROJECTS["pipes"], 24000, 7600, 4062.5, 53.5, 55, "03/11/2020"),
            (3, third, 5000, 1200, spent, 10, 9, ""),
        ]
        for place, row in enumerate(rows, 5):
            sheet.write_row(place, 0, row)
        sheet.merge_range("A9:B9", "合计")
        sheet.write_row("C9", [60000, 18600, 7742 + 4062.5 + spent])
        sheet.write("A10", "备注：累计投资以入库数为准。")
    return content.getvalue()


def send(page: Any, content: bytes, name: str = "重点项目8月.xlsx") -> None:
    page.goto("/desk/uploads/")
    page.set_input_files("#file", {"name": name, "mimeType": XLSX, "buffer": content})
    page.locator("main form button").click()


def fits(page: Any) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth <= innerWidth"))


@pytest.mark.parametrize("width", [390, 1440])
def test_a_table_is_explained_once_and_then_read_without_asking(
    width: int, town: District, open_page: Callable[..., Any], barriers: Callable[[Any], list[str]]
):
    page = open_page(width=width, language="zh-hans", user=town.people["reporter"])
    send(page, book(8))
    page.locator("main a.btn-primary").click()
    page.wait_for_url(re.compile("/table/columns/"))
    assert barriers(page) == []
    assert fits(page)
    expect(page.locator(".table-drawn thead th", has_text="投资情况")).to_have_attribute("colspan", "3")
    expect(page.locator(".meaning-asked")).to_have_count(0)
    report = page.locator(".meaning", has_text="1-8月")
    expect(report.locator("select").first).to_have_value("report:invested")
    expect(report.locator("[name^=unit]")).to_have_value("万元")
    expect(report.locator("[name^=order]")).to_be_hidden()
    day = page.locator(".meaning", has_text="开工时间")
    expect(day.locator("[name^=order]")).to_have_value("dmy")
    expect(day.locator("[name^=unit]")).to_be_hidden()
    page.locator("main form.table-meanings button").focus()
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("/table/rows/"))
    assert barriers(page) == []
    assert fits(page)
    expect(page.locator(".meaning")).to_have_count(1)
    expect(page.locator("select[name=row-0]")).to_have_value("later")  # what looks alike is offered, never taken
    page.locator("select[name=row-0]").select_option("park")
    page.locator("main form button.btn-primary").click()
    page.wait_for_url(re.compile(r"/desk/reports/\d+/"))
    assert Submission.objects.get().lines.count() == 3 * 4 + 2
    assert Upload.objects.get().period == date(2021, 8, 31)
    send(page, book(9), "重点项目9月.xlsx")
    page.wait_for_url(re.compile(r"/desk/reports/\d+/"))
    assert Submission.objects.order_by("-pk")[0].period == date(2021, 9, 30)
    assert TableMapping.objects.get().used_at is not None


def test_what_does_not_fit_together_is_said_beside_the_choices(town: District, open_page: Callable[..., Any]):
    page = open_page(language="en", user=town.people["reporter"])
    send(page, book(8, unit=""))
    page.locator("main a.btn-primary").click()
    expect(page.locator(".meaning-asked").first).to_contain_text("Neither the heading nor a line above the table says the unit.")
    page.locator("main form.table-meanings button").click()
    expect(page.get_by_role("alert")).to_contain_text("Choose the unit of the column")
    page.locator("#unit-all").select_option("万元")
    page.locator(".meaning", has_text="占年计划").locator("[data-meaning]").select_option("report:progress")
    page.locator("main form.table-meanings button").click()
    expect(page.get_by_role("alert")).to_contain_text("says what another column says already")
    page.locator(".meaning", has_text="占年计划").locator("[data-meaning]").select_option("ignore")
    page.locator("main form.table-meanings button").click()
    page.wait_for_url(re.compile("/table/rows/"))


def test_a_dispatcher_puts_a_new_undertaking_on_the_list_and_a_reporter_cannot(town: District, open_page: Callable[..., Any]):
    town.undertakings["park"].delete()
    reporter = open_page(language="en", user=town.people["reporter"])
    send(reporter, book(8))
    reporter.locator("main a.btn-primary").click()
    reporter.locator("main form.table-meanings button").click()
    reporter.wait_for_url(re.compile("/table/rows/"))
    expect(reporter.locator("option[value=create]")).to_have_count(0)
    expect(reporter.locator("main")).to_contain_text("A new undertaking is put on the list by the programme's dispatcher.")
    page = open_page(language="en", user=town.people["dispatcher"])
    page.goto(reporter.url.replace(page.url, ""))
    expect(page.locator("input[name=code-0]")).to_be_hidden()
    page.locator("select[name=row-0]").select_option("create")
    page.locator("input[name=code-0]").fill("riverside")
    page.locator("main form button.btn-primary").click()
    page.wait_for_url(re.compile(r"/desk/(reports|uploads)/\d+/"))
    assert Undertaking.objects.get(code="riverside").name == "滨江公园"
    assert Submission.objects.get().lines.filter(undertaking__code="riverside").exists()


def test_what_was_kept_is_renamed_and_forgotten(town: District, open_page: Callable[..., Any], barriers: Callable[[Any], list[str]]):
    page = open_page(width=390, language="en", user=town.people["reporter"])
    page.goto("/desk/tables/")
    expect(page.locator("main")).to_contain_text("No table is known yet.")
    send(page, book(8, third=PROJECTS["park"]))
    page.locator("main a.btn-primary").click()
    page.locator("main form.table-meanings button").click()
    page.wait_for_url(re.compile(r"/desk/reports/\d+/"))
    page.goto("/desk/tables/")
    assert barriers(page) == []
    assert fits(page)
    page.locator("summary").filter(has_text="Rename").click()
    page.get_by_label("Name", exact=True).fill("区重点项目月报")
    page.get_by_role("button", name="Keep", exact=True).click()
    expect(page.locator(".table-kept strong")).to_have_text("区重点项目月报")
    page.once("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="Forget 区重点项目月报").click()
    expect(page.locator("main")).to_contain_text("No table is known yet.")
    send(page, book(9, third=PROJECTS["park"]), "重点项目9月.xlsx")
    page.wait_for_url(re.compile(r"/desk/uploads/\d+/"))
    expect(page.locator("main")).to_contain_text("Tell what the columns mean")


def test_only_who_reports_for_the_body_is_asked(town: District):
    upload = Upload.objects.create(
        body=town.bodies["works"], state="asking", name="x.xlsx", sha256="0" * 64, size=1, sent_by=town.people["reporter"]
    )
    for person, status in (("stranger", 404), ("reviewer", 403), ("resident", 403)):
        client = Client()
        client.force_login(town.people[person], backend="allauth.account.auth_backends.AuthenticationBackend")
        for path in ("", "columns/", "rows/"):
            assert client.get(f"/desk/uploads/{upload.pk}/table/{path}").status_code == status


def test_an_answer_is_for_the_row_that_was_shown_and_all_are_kept_or_none(town: District):
    town.undertakings["park"].delete()
    client = Client()
    client.force_login(town.people["dispatcher"], backend="allauth.account.auth_backends.AuthenticationBackend")
    file = SimpleUploadedFile("重点项目8月.xlsx", book(8))
    client.post("/desk/uploads/", {"body": "works", "file": file})
    place = f"/desk/uploads/{Upload.objects.get().pk}/table/columns/?sheet=重点项目&programme=invested&period=2021-08"
    rows = client.post(place, {"name": "list"}).headers["Location"]
    page = client.get(rows).content.decode()
    assert 'name="label-0" value="滨江公园"' in page
    assert client.get(f"{rows}x").status_code == 404

    taken = {"label-0": "滨江公园", "row-0": "create", "code-0": "pipes", "kind-0": "project"}
    again = client.post(rows, taken).content.decode()
    assert '<option value="create" selected>' in again
    assert 'name="code-0" value="pipes"' in again
    client.post(rows, {"label-0": "湿地公园", "row-0": "roads"})
    assert (TableMapping.objects.get().rows, Upload.objects.get().state) == ({}, "read")
    assert not Submission.objects.get().lines.filter(undertaking__code="roads", amount=1205000).exists()
