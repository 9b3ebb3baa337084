"""A rulebook in a real browser: fields and text follow each other, the past comes in month by month, a second person adopts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings as django_settings
from playwright.sync_api import expect
from rulers import MARCH, ruled
from stage import District

from duban.registry.models import RulebookVersion

WIDTHS = pytest.mark.parametrize("width", [390, 1440])


@pytest.fixture
def town(transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> District:
    monkeypatch.setitem(django_settings.SET, "today", MARCH)
    return ruled()


def fits(page: Any) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth <= innerWidth"))


@WIDTHS
def test_a_rulebook_is_written_tried_and_adopted(
    width: int, town: District, open_page: Callable[..., Any], barriers: Callable[[Any], list[str]]
):
    page = open_page(width=width, language="en", user=town.people["dispatcher"])
    page.goto("/desk/rules/")
    assert (barriers(page), fits(page)) == ([], True)
    page.get_by_role("link", name="invested").click()
    assert (barriers(page), fits(page)) == ([], True)
    page.get_by_role("link", name="Begin a draft").click()
    page.locator("#part-schedule > summary").click()
    text, amber = page.get_by_label("The rulebook as text"), page.locator("#set-schedule-behind")
    amber.fill("2")
    amber.press("Tab")
    expect(text).to_have_value("[schedule]\nbehind = 2\n")
    text.fill("[schedule]\nbehind = 200\n")
    expect(page.locator("#faults-schedule-behind")).to_contain_text("cannot be “200”")
    assert (barriers(page), fits(page)) == ([], True)
    text.fill("[schedule]\nbehind = 3 # stricter\n")
    expect(amber).to_have_value("3")
    expect(page.get_by_text("It can be read, and does not contradict itself.")).to_be_visible()
    page.get_by_label("Why").fill("Decided in March")
    page.get_by_role("button", name="Save the draft").click()
    expect(page.get_by_role("status")).to_contain_text("The draft was saved.")
    assert (barriers(page), fits(page)) == ([], True)
    page.get_by_role("link", name="Try it on the past").click()
    expect(page.locator(".rule-tried .cell-drawn")).to_have_count(13, timeout=60_000)
    expect(page.locator(".rule-tried progress")).to_have_count(0)
    expect(page.locator(".rule-changes")).to_contain_text("roofs")
    page.get_by_role("link", name="30 September 2025").click()
    expect(page.locator("#changes-title")).to_have_text("Other lights on 30 September 2025")
    assert (barriers(page), fits(page)) == ([], True)
    draft = RulebookVersion.objects.get()
    leader = open_page(width=width, language="en", user=town.people["leader"])
    leader.goto(f"/desk/rules/version/{draft.pk}/")
    leader.on("dialog", lambda asked: asked.accept())
    leader.get_by_role("button", name="Adopt").click()
    expect(leader.get_by_role("status")).to_contain_text("The rulebook was adopted.")
    draft.refresh_from_db()
    assert (draft.state, draft.text) == ("adopted", "[schedule]\nbehind = 3 # stricter\n")
