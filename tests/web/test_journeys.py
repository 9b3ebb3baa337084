"""What the people of the example do, in a real browser: read, open a figure, register, report, review."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.core.cache import caches
from django.utils import timezone
from playwright.sync_api import expect

from duban.demo.load import load
from duban.ledger import reads
from duban.people.models import User
from duban.press import figures

AUGUST = date(2021, 8, 31)
WORD = "Riverside-2021-lamps"


@pytest.fixture
def example(transactional_db: None, settings: Any) -> None:
    """The whole example behind the live server, standing on the last day of August."""
    settings.MODE = "demo"
    settings.SET = {**settings.SET, "today": AUGUST, "body": "tunxi"}
    caches["process"].clear()
    load(now=timezone.now(), password=WORD)


def user(name: str) -> User:
    return User.objects.get(username=name)


def numbers(texts: list[str]) -> list[int]:
    return [int(re.sub(r"[^\d-]", "", text)) for text in texts if re.sub(r"\D", "", text)]


def completion(head: int) -> Decimal | None:
    return figures.answer("livelihood.completion", as_of=AUGUST, head=head).value


@pytest.mark.slow
def test_a_reader_opens_a_figure_down_to_the_history_of_one_record(
    example: None, open_page: Callable[..., Any], barriers: Callable[[Any], list[str]]
):
    page = open_page(language="en", reduced_motion="reduce")
    page.goto("/")
    assert barriers(page) == []
    page.locator("main a[href='/articles/august-2021/']").first.click()
    expect(page.locator("h1")).to_contain_text("Tunxi")
    figure = page.locator("p a.figure", has_text="82.77%")
    figure.focus()
    page.keyboard.press("Enter")
    sheet = page.locator("#sheet[open]")
    expect(sheet.locator("tbody tr")).to_have_count(33)
    expect(sheet).to_contain_text("245,000,000")
    expect(sheet).to_contain_text("296,000,000")
    assert barriers(page) == []
    records = sheet.locator("tbody tr")
    done = [numbers([records.nth(place).locator("td").nth(0).inner_text()]) for place in range(33)]
    planned = [numbers([records.nth(place).locator("td").nth(1).inner_text()]) for place in range(33)]
    assert sum(sum(row) for row in done) == 245_000_000
    assert sum(sum(row) for row in planned) == 296_000_000
    page.keyboard.press("Escape")
    expect(page.locator("#sheet[open]")).to_have_count(0)
    expect(figure).to_be_focused()
    figure.click()
    page.locator("#sheet[open] tbody tr a").first.click()
    page.wait_for_url(re.compile(r"/undertakings/"))
    expect(page.locator("main")).to_contain_text("August 2021")
    assert barriers(page) == []


@pytest.mark.slow
def test_a_resident_registers_and_changes_the_password(example: None, open_page: Callable[..., Any]):
    page = open_page(language="en", width=390)
    page.goto("/")
    page.locator("header summary, header button").first.wait_for()
    page.goto(page.locator("header a[href*='signup']").first.get_attribute("href"))
    page.fill("input[name=username]", "riverside")
    page.fill("input[name=password1]", WORD)
    if page.locator("input[name=password2]").count():
        page.fill("input[name=password2]", WORD)
    page.click("main form [type=submit]")
    page.wait_for_url(lambda url: "signup" not in url)
    page.goto(page.locator("header a[href*='password/change']").first.get_attribute("href"))
    page.fill("input[name=oldpassword]", WORD)
    page.fill("input[name=password1]", WORD + "-2")
    page.fill("input[name=password2]", WORD + "-2")
    page.click("main form [type=submit]")
    page.wait_for_load_state()
    assert user("riverside").check_password(WORD + "-2")
    assert not user("riverside").appointments.exists()


@pytest.mark.slow
def test_a_correction_counts_once_it_is_accepted_and_not_for_those_who_look_back(example: None, open_page: Callable[..., Any]):
    before = reads.head()
    reporter = open_page(language="en", user=user("reporter-housing"))
    reporter.goto("/desk/reports/new/?programme=livelihood&period=2021-08")
    slot = reporter.locator("[data-promise]", has_text="Spots prone to flood")
    slot.locator("summary").first.click()
    slot.locator("input[name^=value]").first.fill("2,548,100元")
    slot.locator("[name^=reason]").first.fill("An invoice of August had been left out.")
    reporter.click("#month-send button")
    reporter.wait_for_url(re.compile(r"/desk/reports/\d+/"))
    report = reporter.url
    reporter.get_by_role("button", name="Send all to review").click()
    expect(reporter.locator("main")).to_contain_text("Sent. A reviewer will answer it.")
    assert reads.head() == before
    assert round(completion(before), 2) == Decimal("82.77")

    other = open_page(language="en", user=user("reporter-education"))
    assert other.goto(report).status in {403, 404}

    reviewer = open_page(language="en", user=user("reviewer"))
    reviewer.on("dialog", lambda dialog: dialog.accept())
    reviewer.goto(report)
    reviewer.locator("form[action$='/accept/'] button").click()
    if reviewer.locator("dialog[open] button").count():
        reviewer.locator("dialog[open] button.btn-primary").click()
    expect(reviewer.locator("main")).to_contain_text("accepted", ignore_case=True)
    after = reads.head()
    assert after == before + 1
    assert round(completion(before), 2) == Decimal("82.77")
    assert round(completion(after), 2) == Decimal("83.11")

    reader = open_page(language="en")
    reader.goto("/figures/livelihood.completion/")
    expect(reader.locator("main")).to_contain_text("83.11")
    reader.goto("/articles/august-2021/")
    expect(reader.locator("main")).to_contain_text("82.77%")
    reader.locator("p a.figure", has_text="82.77%").click()
    expect(reader.locator("#sheet[open]")).to_contain_text("83.11")
