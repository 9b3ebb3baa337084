"""The reporting calendar in a real browser: who is late, chasing, what a reporter owes, a programme's lines, group chats."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.conf import settings as django_settings
from playwright.sync_api import expect
from stage import District, district

from duban.intake.models import Calendar, Channel, Reminder

WIDTHS = pytest.mark.parametrize("width", [390, 1440])
MONDAY = date(2026, 3, 9)  # a working day after February was due


@pytest.fixture
def town(transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> District:
    monkeypatch.setitem(django_settings.SET, "today", MONDAY)
    made = district()
    made.promise("roofs")
    made.promise("walls")
    made.promise("ponds", body="parks")
    line = Calendar.objects.create(programme=made.programmes["invested"], since=date(2026, 2, 1))
    line.measures.set([made.measures["invested"]])
    made.write("recorded undertaking measure kind period amount\n2026-03-03 roofs invested report 2026-02 0")
    return made


def fits(page: Any) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth <= innerWidth"))


@WIDTHS
def test_a_dispatcher_sees_who_is_late_and_chases_by_keyboard(
    width: int, town: District, open_page: Callable[..., Any], barriers: Callable[[Any], list[str]]
):
    page = open_page(width=width, language="en", user=town.people["dispatcher"])
    page.goto("/desk/board/")
    rows = page.locator(".board-rows tbody tr")
    expect(rows).to_have_count(2)
    works, parks = rows.filter(has_text="住建局"), rows.filter(has_text="园林局")
    expect(works).to_contain_text("working days late: 1")
    expect(works).to_contain_text("1 / 2")
    assert barriers(page) == []
    assert fits(page)
    works.get_by_role("button", name="Chase now 住建局").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("住建局 sees it in duban")
    expect(works.get_by_role("button")).to_have_count(0)
    expect(works).to_contain_text("9 March 2026")
    expect(parks.get_by_role("button")).to_have_count(1)
    assert [(one.body.code, one.kind, one.missing) for one in Reminder.objects.all()] == [("works", "after", 1)]
    assert barriers(page) == []


def test_the_board_prints_without_its_buttons(town: District, open_page: Callable[..., Any]):
    page = open_page(language="en", user=town.people["dispatcher"])
    page.goto("/desk/board/?period=2026-02-28")
    expect(page.locator(".board-sum")).to_contain_text("late 2")
    page.emulate_media(media="print")
    expect(page.get_by_role("button", name="Chase now").first).to_be_hidden()
    expect(page.locator(".board-rows")).to_be_visible()
    expect(page.locator(".facets")).to_be_hidden()


@WIDTHS
def test_a_reporter_sees_what_is_owed_and_is_led_to_the_month(
    width: int, town: District, open_page: Callable[..., Any], barriers: Callable[[Any], list[str]]
):
    page = open_page(width=width, language="en", user=town.people["reporter"])
    page.goto("/desk/")
    owed = page.locator(".owed")
    expect(owed).to_contain_text("1 of 2 missing")
    expect(owed).to_contain_text("by 6 March 2026")
    assert barriers(page) == []
    assert fits(page)
    owed.get_by_role("link", name="invested, February 2026").click()
    page.wait_for_url("**/desk/month/?body=works&period=2026-02-28")
    page.goto("/desk/reports/")
    expect(page.locator(".owed")).to_contain_text("1 of 2 missing")
    page.goto("/desk/board/")
    expect(page.locator(".board-rows tbody tr")).to_have_count(1)
    expect(page.get_by_role("button", name="Chase now")).to_have_count(0)


def test_who_reports_for_nobody_sees_no_list_of_their_own(town: District, open_page: Callable[..., Any]):
    page = open_page(language="en", user=town.people["dispatcher"])
    page.goto("/desk/")
    expect(page.locator(".tiles")).to_be_visible()
    expect(page.locator(".owed")).to_have_count(0)


@WIDTHS
def test_a_dispatcher_sets_a_line_and_sees_the_holidays_on_the_way(
    width: int, town: District, open_page: Callable[..., Any], barriers: Callable[[Any], list[str]]
):
    page = open_page(width=width, language="en", user=town.people["dispatcher"])
    page.goto("/desk/programmes/invested/calendar/")
    assert barriers(page) == []
    page.fill("#id_working_days", "3")
    page.fill("#id_since", "2026-09-01")
    page.fill("#id_until", "2026-08-01")
    page.get_by_role("button", name="Add").click()
    expect(page.locator("#id_until_error")).to_contain_text("before it begins")
    assert barriers(page) == []
    page.fill("#id_until", "")
    page.get_by_role("button", name="Add").click()
    expect(page.get_by_role("status")).to_have_text("The line was added.")
    added = page.locator(".lines tbody tr").nth(1)
    expect(added).to_contain_text("10 October 2026")  # a Saturday that is worked
    expect(added).to_contain_text("National Day")
    assert fits(page)
    added.get_by_role("link", name="Change").click()
    page.fill("#id_working_days", "80")
    page.evaluate("document.querySelector('#id_working_days').removeAttribute('max')")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#id_working_days_error")).to_be_visible()
    page.on("dialog", lambda asked: asked.accept())
    page.get_by_role("button", name="End the line").click()
    expect(page.locator(".lines tbody tr")).to_have_count(1)


def test_a_year_that_is_not_announced_is_called_so(town: District, open_page: Callable[..., Any], monkeypatch: pytest.MonkeyPatch):
    from duban.registry import holidays

    monkeypatch.setitem(django_settings.SET, "today", date(holidays.KNOWN[-1], 12, 31))
    page = open_page(language="en", user=town.people["dispatcher"])
    page.goto("/desk/programmes/invested/calendar/")
    expect(page.locator(".ahead").first).to_contain_text(f"Holidays of {holidays.KNOWN[-1] + 1} are not announced yet")


@WIDTHS
def test_an_address_goes_in_and_never_comes_out(
    width: int, town: District, open_page: Callable[..., Any], barriers: Callable[[Any], list[str]]
):
    page = open_page(width=width, language="en", user=town.people["dispatcher"])
    page.goto("/desk/channels/")
    expect(page.locator(".chats")).to_contain_text("None yet")
    assert barriers(page) == []
    page.select_option("#id_body", label="住建局")
    page.fill("#id_name", "住建群")
    page.fill("#id_address", "http://127.0.0.1/secret-93")
    page.get_by_role("button", name="Add").click()
    expect(page.locator("#id_address_error")).to_contain_text("wecombot")
    assert "secret-93" not in page.content()
    page.fill("#id_address", "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=secret-93")
    page.get_by_role("button", name="Add").click()
    expect(page.locator(".chats")).to_contain_text("住建群")
    assert "secret-93" not in page.content()
    assert Channel.objects.get().address == "wecombot://secret-93"
    assert barriers(page) == []
    assert fits(page)
    page.get_by_role("button", name="Switch off 住建群").click()
    expect(page.get_by_role("button", name="Switch on 住建群")).to_be_visible()
    page.on("dialog", lambda asked: asked.accept())
    page.get_by_role("button", name="Remove 住建群").click()
    expect(page.locator(".chats")).to_contain_text("None yet")
    assert not Channel.objects.exists()
