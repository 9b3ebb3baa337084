"""The reporter's month in a browser: with the keyboard alone, without a network, beside a colleague, with photographs, on a phone."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.contrib.sessions.models import Session
from django.db import transaction
from django.test import Client
from PIL import Image
from playwright.sync_api import Page, Route, expect
from stage import District, district

from duban.intake.models import Submission, TypedCell
from duban.people.models import User
from duban.registry.models import Evidence

pytestmark = pytest.mark.slow
MONTH = "/desk/month/"
FORESEEN = r"ERR_INTERNET_DISCONNECTED|ERR_FAILED|status of 409"
"""What these tests bring about: no network, and a colleague in the same cell."""
BOOK = """
undertaking  measure   kind    period   amount
roofs        invested  plan    2021     120000000
roofs        invested  report  2021-07  12000000
walls        invested  report  2021-07  8000000
gates        invested  report  2021-08  5000000
roofs        start     plan    2021     2021-08-15
"""


@pytest.fixture
def town(live_server: Any, monkeypatch: pytest.MonkeyPatch) -> District:
    """Three undertakings of the works department in August 2021, of which one has been reported."""
    monkeypatch.setitem(django_settings.SET, "today", date(2021, 8, 31))
    monkeypatch.setitem(django_settings.SET, "body", "top")
    made = district()
    for code in ("roofs", "walls", "gates"):
        made.promise(code)
    made.programmes["invested"].measures.set([made.measures["invested"], made.measures["start"]])
    made.write(BOOK)
    return made


@pytest.fixture
def window(town: District, open_page: Callable[..., Any]) -> Callable[..., Page]:
    def opened(name: str = "reporter", *, path: str = MONTH, language: str = "en", **options: Any) -> Page:
        page: Page = open_page(language=language, user=town.people[name], reduced_motion="reduce", foreseen=FORESEEN, **options)
        page.goto(path)
        return page

    return opened


def row(page: Page, town: District, undertaking: str, measure: str = "invested") -> Any:
    return page.locator(f"#cell-{town.undertakings[undertaking].pk}-{town.measures[measure].pk}")


def field(page: Page, town: District, undertaking: str, measure: str = "invested") -> Any:
    return row(page, town, undertaking, measure).locator("[data-value]")


def kept(page: Page) -> None:
    """Wait until everything typed has reached the office."""
    expect(page.locator(".month-state")).to_have_attribute("data-state", "saved")


def photograph(path: Path, colour: str = "red") -> Path:
    Image.new("RGB", (40, 30), colour).save(path)
    return path


def typed() -> dict[tuple[str, str], str]:
    return {(one.undertaking.code, one.measure.code): one.typed for one in TypedCell.objects.select_related("undertaking", "measure")}


def drop(page: Page, selector: str, content: bytes, name: str = "roof.png") -> None:
    """Let a file fall on a part of the page."""
    page.evaluate(
        """([selector, bytes, name]) => {
            const carried = new DataTransfer();
            carried.items.add(new File([new Uint8Array(bytes)], name, {type: "image/png"}));
            const spot = document.querySelector(selector);
            for (const kind of ["dragover", "drop"])
                spot.dispatchEvent(new DragEvent(kind, {bubbles: true, cancelable: true, dataTransfer: carried}));
        }""",
        [selector, list(content), name],
    )


def test_a_whole_month_is_reported_with_the_keyboard_alone(town: District, window: Callable[..., Page], barriers: Any):
    page = window()
    press, type_ = page.keyboard.press, page.keyboard.type
    expect(page.locator("[data-count]")).to_have_text("1 of 4 filled")
    press("Alt+n")
    expect(field(page, town, "roofs")).to_be_focused()
    type_("1,500")
    press("Tab")
    expect(field(page, town, "roofs", "start")).to_be_focused()
    type_("8.20")
    press("Enter")
    expect(field(page, town, "walls")).to_be_focused()
    type_("9x")
    press("ArrowDown")
    expect(field(page, town, "walls", "start")).to_be_focused()
    press("ArrowUp")
    expect(field(page, town, "walls")).to_be_focused()
    expect(row(page, town, "walls").locator(".month-wrong")).to_contain_text("Write a number")
    expect(page.locator("[data-told]")).to_contain_text("Write a number")
    type_("850")
    press("Escape")
    expect(field(page, town, "walls")).to_have_value("9x")
    press("Control+a")
    type_("850")
    press("ArrowDown")
    expect(row(page, town, "walls").locator("[data-notes]")).to_contain_text("+¥500,000")
    press("ArrowDown")
    expect(row(page, town, "gates").locator("summary")).to_be_focused()
    press("Alt+r")
    expect(field(page, town, "gates")).to_be_focused()
    press("Escape")
    expect(row(page, town, "gates").locator("summary")).to_be_focused()
    press("Alt+r")
    type_("510")
    press("Tab")
    type_("An invoice of August was left out.")
    kept(page)
    expect(page.locator("[data-count]")).to_have_text("4 of 4 filled")
    assert barriers(page) == []
    assert typed() == {
        ("roofs", "invested"): "1,500万元", ("roofs", "start"): "8.20", ("walls", "invested"): "850万元", ("gates", "invested"): "510万元",
    }  # fmt: skip
    press("Control+Enter")
    page.wait_for_url(re.compile(r"/desk/reports/\d+/"))
    submission = Submission.objects.get()
    said = {(line.undertaking.code, line.measure.code): line.amount or line.day for line in submission.lines.all()}
    assert said == {
        ("roofs", "invested"): 15_000_000, ("roofs", "start"): date(2021, 8, 20), ("walls", "invested"): 8_500_000,
        ("gates", "invested"): 5_100_000,
    }  # fmt: skip
    assert submission.lines.get(undertaking__code="gates").reason == "An invoice of August was left out."
    assert not TypedCell.objects.exists()
    page.goto(MONTH)
    expect(row(page, town, "roofs").locator(".month-known")).to_contain_text("¥15,000,000")
    expect(row(page, town, "roofs").locator(".month-known")).to_contain_text("in a draft, not sent")


def test_a_lost_connection_loses_nothing_and_what_was_typed_is_sent_when_it_is_back(town: District, window: Callable[..., Page]):
    page = window()
    page.context.set_offline(True)
    field(page, town, "roofs").fill("1500")
    field(page, town, "walls").fill("850")
    field(page, town, "walls").press("Enter")
    expect(page.locator("[data-said]")).to_have_text("Offline: 2 kept on this device")
    assert typed() == {}
    page.locator("#month-send button").click()
    expect(page.locator("[data-told]")).to_contain_text("Not everything has reached the office yet")
    assert page.url.endswith(MONTH)
    page.context.set_offline(False)
    kept(page)
    expect(row(page, town, "roofs").locator("[data-notes]")).to_contain_text("= ¥15,000,000")
    assert typed() == {("roofs", "invested"): "1500万元", ("walls", "invested"): "850万元"}
    assert page.evaluate("Object.keys(localStorage).filter((name) => name.startsWith('duban.month'))") == []


def test_a_browser_that_was_closed_without_a_connection_sends_when_it_is_opened_again(town: District, window: Callable[..., Page]):
    page = window()
    page.on("dialog", lambda asked: asked.accept())
    page.route("**/desk/month/cell/", lambda route: route.abort())
    field(page, town, "roofs").fill("1500")
    field(page, town, "roofs").press("Enter")
    expect(page.locator(".month-state")).to_have_attribute("data-state", "offline")
    context = page.context
    page.close(run_before_unload=False)
    again = context.new_page()
    again.goto(MONTH)
    expect(field(again, town, "roofs")).to_have_value("1500")
    kept(again)
    assert typed() == {("roofs", "invested"): "1500万元"}


def test_leaving_with_something_unsent_asks_first(town: District, window: Callable[..., Page]):
    page = window()
    asked: list[str] = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    field(page, town, "roofs").fill("1500")
    field(page, town, "roofs").press("Enter")
    kept(page)
    page.goto("/desk/")
    assert asked == []
    page.goto(MONTH)
    page.route("**/desk/month/cell/", lambda route: route.abort())
    field(page, town, "roofs").fill("1600")
    expect(page.locator(".month-state")).to_have_attribute("data-state", "offline")
    page.goto("/desk/")
    assert asked == ["beforeunload"]


def test_an_answer_that_was_lost_is_no_clash_with_oneself(town: District, window: Callable[..., Page]):
    page = window()

    def lose(route: Any) -> None:
        route.fetch()
        route.abort()

    page.route("**/desk/month/cell/", lose, times=1)
    field(page, town, "roofs").fill("15")
    field(page, town, "roofs").press("Enter")
    expect(page.locator(".month-state")).to_have_attribute("data-state", "offline")
    assert typed() == {("roofs", "invested"): "15万元"}
    field(page, town, "roofs").fill("1500")
    kept(page)
    expect(row(page, town, "roofs").locator("[data-clash]")).to_be_hidden()
    assert typed() == {("roofs", "invested"): "1500万元"}


def test_a_session_that_ran_out_keeps_what_is_typed_until_one_signs_in_again(town: District, window: Callable[..., Page]):
    page = window()
    Session.objects.all().delete()
    field(page, town, "roofs").fill("1500")
    field(page, town, "roofs").press("Enter")
    expect(page.locator("[data-said]")).to_have_text("Signed out: 1 kept on this device")
    reporter = town.people["reporter"]
    reporter.set_password("Zebra-crossing-9")
    reporter.save()
    page.on("dialog", lambda asked: asked.accept())
    page.locator("[data-sign-in]").click()
    page.fill("input[name=login]", "reporter")
    page.fill("input[name=password]", "Zebra-crossing-9")
    page.click("main form [type=submit]")
    page.wait_for_url(re.compile("/desk/month/"))
    expect(field(page, town, "roofs")).to_have_value("1500")
    kept(page)
    assert typed() == {("roofs", "invested"): "1500万元"}


def test_nobody_sends_what_somebody_else_typed_on_the_same_device(town: District, window: Callable[..., Page]):
    page = window()
    client = Client()
    client.force_login(town.people["colleague"], backend="allauth.account.auth_backends.AuthenticationBackend")
    other = client.cookies[django_settings.SESSION_COOKIE_NAME].value
    page.context.add_cookies([{"name": django_settings.SESSION_COOKIE_NAME, "value": other, "url": page.url.removesuffix(MONTH)}])
    with page.expect_response("**/desk/month/cell/"):
        field(page, town, "roofs").fill("1500")
        field(page, town, "roofs").press("Enter")
    expect(page.locator("[data-said]")).to_contain_text("Somebody else is signed in: 1 kept on this device")
    assert typed() == {}
    page.on("dialog", lambda asked: asked.accept())
    page.goto(MONTH)
    expect(field(page, town, "roofs")).to_have_value("")


def test_two_colleagues_in_one_cell_are_told_and_neither_is_overwritten(town: District, window: Callable[..., Page], barriers: Any):
    mine, theirs = window(), window("colleague")
    field(theirs, town, "roofs").fill("1400")
    field(theirs, town, "roofs").press("Enter")
    kept(theirs)
    field(mine, town, "roofs").fill("1500")
    field(mine, town, "roofs").press("Enter")
    clash = row(mine, town, "roofs").locator("[data-clash]")
    expect(clash).to_contain_text("colleague typed “1400万元” here")
    expect(mine.locator("[data-said]")).to_contain_text("Somebody else has changed a cell")
    assert barriers(mine) == []
    assert typed() == {("roofs", "invested"): "1400万元"}
    mine.locator("#month-send button").click()
    expect(field(mine, town, "roofs")).to_be_focused()
    assert not Submission.objects.exists()
    clash.get_by_role("button", name="Keep mine").click()
    kept(mine)
    assert typed() == {("roofs", "invested"): "1500万元"}
    field(theirs, town, "roofs").fill("1300")
    field(theirs, town, "roofs").press("Enter")
    row(theirs, town, "roofs").get_by_role("button", name="Leave it as it stands").click()
    kept(theirs)
    expect(field(theirs, town, "roofs")).to_have_value("1500")
    assert typed() == {("roofs", "invested"): "1500万元"}


def test_a_column_from_a_spreadsheet_fills_the_rows_below(town: District, window: Callable[..., Page]):
    page = window()
    field(page, town, "roofs").evaluate(
        """(field) => {
            const carried = new DataTransfer();
            carried.setData("text/plain", "1,500\\r\\n850\\r\\n500\\r\\n");
            field.dispatchEvent(new ClipboardEvent("paste", {bubbles: true, cancelable: true, clipboardData: carried}));
        }"""
    )
    expect(page.locator("[data-told]")).to_have_text("3 cells filled from the clipboard")
    kept(page)
    assert typed() == {("roofs", "invested"): "1,500万元", ("walls", "invested"): "850万元", ("gates", "invested"): "500万元"}
    expect(row(page, town, "gates").locator("[data-notes]")).to_contain_text("The ledger says this already")


def test_evidence_is_dropped_on_a_cell_shown_there_and_removed_again(town: District, window: Callable[..., Page], tmp_path: Path):
    page = window()
    content = photograph(tmp_path / "roof.png").read_bytes()
    at = f"#cell-{town.undertakings['roofs'].pk}-{town.measures['invested'].pk}"
    drop(page, at, content)
    shown = row(page, town, "roofs").locator("[data-files] img")
    expect(shown).to_have_count(1)
    expect(shown).to_have_js_property("complete", True)
    drop(page, at, content, "again.png")
    expect(row(page, town, "roofs").locator("[data-notes]")).to_contain_text("This very file is here already, as “roof.png”")
    drop(page, f"[data-promise='{town.undertakings['walls'].pk}'] h3", photograph(tmp_path / "wall.png", "blue").read_bytes(), "wall.png")
    expect(row(page, town, "walls").locator("[data-files] img")).to_have_count(1)
    with page.expect_file_chooser() as chosen:
        field(page, town, "roofs", "start").focus()
        page.keyboard.press("Alt+e")
    chosen.value.set_files(photograph(tmp_path / "green.png", "green"))
    expect(row(page, town, "roofs", "start").locator("[data-files] img")).to_have_count(1)
    page.get_by_role("button", name="Remove roof.png from this cell").click()
    expect(shown).to_have_count(0)
    assert Evidence.objects.count() == 3
    assert set(typed()) == {("walls", "invested"), ("roofs", "start")}


def test_a_photograph_taken_without_a_connection_is_sent_with_the_next_one(town: District, window: Callable[..., Page], tmp_path: Path):
    page = window()
    page.context.set_offline(True)
    at = f"#cell-{town.undertakings['roofs'].pk}-{town.measures['invested'].pk}"
    drop(page, at, photograph(tmp_path / "roof.png").read_bytes())
    expect(row(page, town, "roofs").locator("[data-notes]")).to_contain_text("roof.png is kept on this device")
    page.on("dialog", lambda asked: asked.accept())
    page.route("**/desk/month/evidence/", lambda route: route.abort())
    page.context.set_offline(False)
    page.goto(f"{MONTH}?period=2021-07")
    page.get_by_role("link", name="1 values of another month are still kept on this device").click()
    page.wait_for_url(re.compile("period=2021-08-31"))
    page.unroute("**/desk/month/evidence/")
    page.reload()
    expect(row(page, town, "roofs").locator("[data-files] img")).to_have_count(1)
    kept(page)
    assert Evidence.objects.get().undertaking.code == "roofs"


def test_a_page_on_its_way_out_leaves_what_waits_to_the_next_one(town: District, window: Callable[..., Page], tmp_path: Path):
    page = window()
    page.route("**/desk/month/evidence/", lambda route: route.abort())
    drop(page, f"#cell-{town.undertakings['roofs'].pk}-{town.measures['invested'].pk}", photograph(tmp_path / "roof.png").read_bytes())
    expect(row(page, town, "roofs").locator("[data-notes]")).to_contain_text("roof.png is kept on this device")

    def slowly(route: Route) -> None:
        """The next page is written before the connection is there again, and arrives after it."""
        written = route.fetch()
        page.unroute("**/desk/month/evidence/")
        page.wait_for_timeout(1000)
        route.fulfill(response=written)

    page.on("dialog", lambda asked: asked.accept())
    page.route(re.compile(r"/desk/month/$"), slowly)
    page.evaluate("setInterval(() => dispatchEvent(new Event('online')), 100)")
    page.reload()
    expect(row(page, town, "roofs").locator("[data-files] img")).to_have_count(1)
    kept(page)


def test_only_what_is_empty_or_found_wrong_is_shown_on_demand(town: District, window: Callable[..., Page]):
    page = window()
    page.get_by_role("button", name="Empty", exact=True).click()
    expect(page.locator("[data-cell]:visible")).to_have_count(3)
    field(page, town, "roofs").fill("abc")
    field(page, town, "roofs").press("Enter")
    kept(page)
    expect(page.locator("[data-cell]:visible")).to_have_count(3)
    page.get_by_role("button", name="Findings").click()
    expect(page.locator("[data-cell]:visible")).to_have_count(1)
    page.get_by_role("button", name="All", exact=True).click()
    expect(page.locator("[data-cell]:visible")).to_have_count(6)


def test_what_could_not_be_read_stays_typed_and_is_named(town: District, window: Callable[..., Page]):
    page = window()
    field(page, town, "roofs").fill("1500")
    field(page, town, "walls").fill("many")
    page.locator("#month-send button").click()
    page.wait_for_url(re.compile(r"/desk/reports/\d+/"))
    expect(page.locator(".messages")).to_contain_text("walls · invested")
    assert typed() == {("walls", "invested"): "many"}


def test_the_unit_is_chosen_once_and_numbers_keep_what_they_meant(town: District, window: Callable[..., Page]):
    page = window()
    field(page, town, "roofs").fill("1500")
    field(page, town, "roofs").press("Enter")
    kept(page)
    page.select_option("select[name=unit]", "yuan")
    page.wait_for_url(re.compile("unit=yuan"))
    expect(field(page, town, "roofs")).to_have_value("1500万元")
    field(page, town, "walls").fill("8500000")
    field(page, town, "walls").press("Enter")
    kept(page)
    page.goto(MONTH)
    expect(field(page, town, "walls")).to_have_value("8500000")
    assert typed() == {("roofs", "invested"): "1500万元", ("walls", "invested"): "8500000元"}


def test_a_browser_without_scripts_keeps_and_sends_as_well(town: District, window: Callable[..., Page]):
    page = window(java_script_enabled=False)
    field(page, town, "roofs").fill("1500")
    page.get_by_role("button", name="Keep what I typed").click()
    expect(field(page, town, "roofs")).to_have_value("1500")
    field(page, town, "walls").fill("850")
    page.locator("#month-plain").get_by_role("button", name="Check and send").click()
    page.wait_for_url(re.compile(r"/desk/reports/\d+/"))
    assert Submission.objects.get().lines.count() == 2


@pytest.mark.parametrize(("width", "scheme", "language"), [(1440, "light", "zh-hans"), (390, "dark", "en"), (390, "light", "zh-hant")])
def test_the_month_keeps_nobody_out_and_stays_within_its_edges(
    width: int, scheme: str, language: str, town: District, window: Callable[..., Page], barriers: Any, tmp_path: Path
):
    page = window(width=width, color_scheme=scheme, language=language)
    field(page, town, "roofs").fill("abc")
    row(page, town, "gates").locator("summary").click()
    drop(page, f"#cell-{town.undertakings['walls'].pk}-{town.measures['invested'].pk}", photograph(tmp_path / "a.png").read_bytes())
    expect(row(page, town, "walls").locator("[data-files] img")).to_have_count(1)
    kept(page)
    assert barriers(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    box = field(page, town, "roofs").bounding_box()
    assert box["height"] >= (44 if width == 390 else 38)
    assert field(page, town, "roofs").get_attribute("inputmode") == "decimal"


def test_thirty_three_programmes_stay_usable_on_a_phone(town: District, window: Callable[..., Page]):
    from duban.registry.models import Programme, Undertaking

    with transaction.atomic():
        for number in range(33):
            programme = Programme.objects.create(code=f"p{number}", name=f"专项{number}", owner=town.bodies["top"], order=number + 1)
            programme.measures.set([town.measures["invested"]])
            works = {"kind": "project", "lead_body": town.bodies["works"], "programme": programme}
            Undertaking.objects.bulk_create(Undertaking(code=f"p{number}-{place}", name=f"工程{place}", **works) for place in range(5))
    page = window(width=390)
    expect(page.locator("[data-part]")).to_have_count(34)
    expect(page.locator("[data-part][open]")).to_have_count(1)
    page.locator("#programme-p32 summary").first.scroll_into_view_if_needed()
    expect(page.locator(".month-bar")).to_be_in_viewport()
    page.locator("#programme-p32 > summary").click()
    last = page.locator("#programme-p32 [data-value]").last
    last.fill("5")
    last.press("Enter")
    kept(page)
    expect(page.locator("#programme-p32 [data-part-count]")).to_have_text("1 of 5 filled")
    page.locator("[data-next]").click()
    expect(page.locator(":focus")).to_be_in_viewport()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_a_picture_in_the_clipboard_is_evidence(town: District, window: Callable[..., Page]):
    content = io.BytesIO()
    Image.new("RGB", (8, 8), "teal").save(content, "PNG")
    page = window()
    field(page, town, "roofs").evaluate(
        """(field, bytes) => {
            const carried = new DataTransfer();
            carried.items.add(new File([new Uint8Array(bytes)], "image.png", {type: "image/png"}));
            field.dispatchEvent(new ClipboardEvent("paste", {bubbles: true, cancelable: true, clipboardData: carried}));
        }""",
        list(content.getvalue()),
    )
    expect(row(page, town, "roofs").locator("[data-files] img")).to_have_count(1)


def test_nothing_to_report_on_says_so(town: District, window: Callable[..., Page]):
    page = window("stranger")
    expect(page.locator("main")).to_contain_text("This body leads and joins no undertaking that it could report on.")
    assert User.objects.get(username="stranger").appointments.exists()
