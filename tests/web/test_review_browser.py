"""The queue and the preview in a real browser: at two widths, in three languages, and by the keyboard alone."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.core.cache import caches
from playwright.sync_api import expect
from stage import District, district

from duban.core.refusals import Finding
from duban.intake import actions as intake
from duban.intake.lines import Said
from duban.intake.models import Submission, SubmissionFinding
from duban.ledger import reads as ledger

TODAY = date(2026, 3, 2)
NOW = datetime(2026, 3, 2, 4, tzinfo=UTC)
SIZES = (1440, 390)
LANGUAGES = ("zh-hans", "zh-hant", "en")


@pytest.fixture
def town(transactional_db: None, settings: Any) -> District:
    settings.SET = {**settings.SET, "today": TODAY, "body": "top"}
    caches["process"].clear()
    made = district()
    made.write("recorded    undertaking  measure   kind    period   amount\n2026-02-03  roofs  invested  report  2026-01  12000\n")
    for name in ("doors", "walls", "stairs"):
        made.promise(name)
    return made


def lines(town: District, *rows: str, seen: int | None = None) -> list[Said]:
    return [Said(town.line(name, "invested", "report", "2026-01", amount), seen=seen) for name, amount in (row.split() for row in rows)]


def drafted(town: District) -> Submission:
    """A draft that shows every state: new, changed, in conflict, not read, to be explained, blocked."""
    wrong = Finding("amount-unreadable", row=7, column="投资", sheet="一月", facts={"amount": "约三千"})
    said = [*lines(town, "roofs 15000", seen=0), *lines(town, "doors 5000", "walls 6000", "stairs 7000")]
    draft = intake.draft(body=town.bodies["works"], by=town.people["reporter"], lines=said, on=TODAY, findings=[wrong])
    for name, weight in (("doors", "explain"), ("walls", "block")):
        line = draft.lines.get(undertaking__code=name)
        facts = {"amount": "5000", "known": "50000000"}
        SubmissionFinding.objects.create(submission=draft, line=line, code="unit-suspect", weight=weight, facts=facts)
    return draft


def sent(town: District, row: str, days: int) -> Submission:
    draft = intake.draft(body=town.bodies["works"], by=town.people["reporter"], lines=lines(town, row), on=TODAY)
    return intake.submit(submission=draft, by=town.people["reporter"], now=NOW - timedelta(days=days), on=TODAY)


@pytest.mark.slow
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("width", SIZES)
def test_queue_preview_and_review_fit_and_keep_nobody_out(
    town: District, open_page: Callable[..., Any], barriers: Callable[[Any], list[str]], width: int, language: str
):
    draft, waiting = drafted(town), sent(town, "doors 5000", 3)
    for who, path in (
        ("reviewer", "/desk/reports/"),
        ("reporter", f"/desk/reports/{draft.pk}/"),
        ("reviewer", f"/desk/reports/{waiting.pk}/"),
    ):
        page = open_page(width=width, language=language, user=town.people[who], reduced_motion="reduce")
        page.goto(path)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
        assert barriers(page) == [], path


@pytest.mark.slow
def test_a_reviewer_needs_no_mouse(town: District, open_page: Callable[..., Any]):
    first, second, third = sent(town, "doors 5000", 9), sent(town, "walls 6000", 6), sent(town, "stairs 7000", 3)
    page = open_page(language="en", user=town.people["reviewer"])
    page.on("dialog", lambda dialog: dialog.accept())
    page.goto("/desk/reports/")
    page.keyboard.press("?")
    expect(page.locator("#keys[open]")).to_contain_text("Next report")
    page.keyboard.press("Escape")
    page.keyboard.press("j")
    expect(page.locator(f"a[href='/desk/reports/{first.pk}/']")).to_be_focused()
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(rf"/desk/reports/{first.pk}/$"))
    page.keyboard.press("j")
    page.wait_for_url(re.compile(rf"/desk/reports/{second.pk}/$"))
    page.keyboard.press("k")
    page.wait_for_url(re.compile(rf"/desk/reports/{first.pk}/$"))
    page.keyboard.press("a")
    page.wait_for_url(re.compile(rf"/desk/reports/{second.pk}/$"))
    expect(page.locator("main")).to_contain_text(f"#{first.pk} accepted, 1 new entry")
    page.keyboard.press("r")
    expect(page.locator("details.return[open] input[name=phrase]").first).to_be_focused()
    page.keyboard.press("Space")
    page.locator("#reason").focus()
    page.keyboard.type("a r j k")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(rf"/desk/reports/{third.pk}/$"))
    second.refresh_from_db()
    assert second.note == "The evidence is missing or does not show what is reported.\na r j k"
    page.goto("/desk/reports/")
    page.keyboard.press("j")
    page.keyboard.press("x")
    expect(page.locator("output")).to_have_text("1")
    page.locator("form.queue button").first.focus()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_contain_text("Accepted: 1 report")
    assert ledger.head() == 3


@pytest.mark.slow
def test_a_writer_decides_explains_and_sends_a_part(town: District, open_page: Callable[..., Any], barriers: Callable[[Any], list[str]]):
    draft = drafted(town)
    page = open_page(language="en", user=town.people["reporter"])
    page.on("dialog", lambda dialog: dialog.accept())
    page.goto(f"/desk/reports/{draft.pk}/")
    expect(page.locator("#todo")).to_contain_text("1 conflict has to be decided")
    page.get_by_role("button", name="Send mine roofs").click()
    page.wait_for_load_state()
    expect(page.locator("#todo")).not_to_contain_text("conflict")
    reason = page.get_by_label("Reason for the change: roofs")
    reason.fill("an invoice")
    reason.press("Tab")
    expect(page.locator("#todo")).not_to_contain_text("reason")
    expect(page.locator("tr.cell", has_text="roofs").locator(".saved")).to_contain_text("Saved.")
    page.locator("textarea[name^=explanation]").first.fill("counted twice by two people")
    page.locator("textarea[name^=explanation]").first.press("Tab")
    expect(page.locator("#todo")).not_to_contain_text("explained")
    boxes = page.locator("[data-pick]")
    boxes.nth(0).click()
    boxes.nth(3).click(modifiers=["Shift"])
    expect(page.locator("output")).to_have_text("4")
    page.locator("tr.cell", has_text="walls").locator("[data-pick]").click()
    expect(page.locator("output")).to_have_text("3")
    assert barriers(page) == []
    page.get_by_role("button", name="Send the selected only").click()
    expect(page.locator("main")).to_contain_text("The lines that stay behind are a draft of their own")
    rest = Submission.objects.latest("pk")
    assert [line.undertaking.code for line in rest.lines.all()] == ["walls"]
    assert draft.lines.get(undertaking__code="roofs").reason == "an invoice"
