"""What pages do in a browser beyond showing themselves: keys, the choice of theme, the list, the sheet, no scripts, no barriers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

from duban.people.models import User

pytestmark = pytest.mark.slow

PAGES = (
    ("", "/"),
    ("", "/articles/august-2021/"),
    ("", "/figures/rank.gdp/"),
    ("", "/programmes/key-projects/"),
    ("", "/undertakings/livelihood-old-estates/"),
    ("leader", "/desk/"),
    ("leader", "/desk/undertakings/"),
    ("leader", "/desk/undertakings/livelihood-old-estates/"),
    ("reporter-housing", "/desk/month/?programme=key-projects"),
    ("editor", "/desk/articles/august-2021/"),
)


def test_no_page_keeps_anybody_out_or_runs_over_its_edge(served: Any, open_page: Callable[..., Any], barriers: Callable[[Any], list[str]]):
    found = []
    for width, scheme, language in ((1440, "light", "zh-hans"), (390, "dark", "en")):
        for user in ("", "leader", "reporter-housing", "editor"):
            official = User.objects.get(username=user) if user else None
            page = open_page(width=width, language=language, user=official, color_scheme=scheme, reduced_motion="reduce")
            for path in (path for whose, path in PAGES if whose == user):
                page.goto(path)
                found += [f"{path} {width} {barrier}" for barrier in barriers(page)]
                if (wide := page.evaluate("document.documentElement.scrollWidth")) > width:
                    found.append(f"{path} is {wide} wide on {width}")
    assert not found, "\n".join(found)


def test_the_keyboard_is_enough(served: Any, open_page: Callable[..., Any]):
    page = open_page(language="en", user=User.objects.get(username="leader"), reduced_motion="reduce")
    page.goto("/desk/")
    page.keyboard.press("Tab")
    expect(page.locator(":focus")).to_have_text("Skip to content")
    page.keyboard.press("/")
    expect(page.locator("#head-search")).to_be_focused()
    page.keyboard.type("small water")
    page.keyboard.press("Enter")
    expect(page.locator(".undertakings tbody tr")).to_have_count(1)
    page.locator("h1").click()
    page.keyboard.press("?")
    expect(page.locator("#keys")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#keys")).to_be_hidden()
    page.keyboard.press("g")
    page.keyboard.press("d")
    page.wait_for_url("**/desk/")

    page.goto("/articles/august-2021/")
    figure = page.locator("p a.figure").first
    figure.focus()
    page.keyboard.press("Enter")
    expect(page.locator("#sheet")).to_be_visible()
    assert page.url.endswith("/articles/august-2021/")
    page.keyboard.press("Escape")
    expect(page.locator("#sheet")).to_be_hidden()
    expect(figure).to_be_focused()


def test_the_list_narrows_without_leaving_the_page_and_can_be_gone_back_in(served: Any, open_page: Callable[..., Any]):
    page = open_page(language="en", user=User.objects.get(username="leader"), reduced_motion="reduce")
    page.goto("/desk/undertakings/")
    page.evaluate("window.same = true")
    page.locator(".facets a", has_text="Red").click()
    expect(page.locator(".undertakings tbody tr")).to_have_count(8)
    page.select_option("select[name=programme]", "livelihood")
    expect(page.locator(".undertakings tbody tr")).to_have_count(1)
    assert "light=red" in page.url
    assert "programme=livelihood" in page.url
    assert page.evaluate("window.same") is True
    page.reload()
    expect(page.locator(".undertakings tbody tr")).to_have_count(1)
    page.go_back()
    expect(page.locator(".undertakings tbody tr")).to_have_count(8)


def test_a_chosen_theme_is_kept_and_the_systems_is_followed_otherwise(served: Any, open_page: Callable[..., Any]):
    page = open_page(language="en", color_scheme="dark")
    page.goto("/")
    expect(page.locator("html")).to_have_attribute("data-bs-theme", "dark")
    page.locator("summary[aria-label=Appearance]").click()
    page.get_by_role("button", name="Light").click()
    expect(page.locator("html")).to_have_attribute("data-bs-theme", "light")
    page.goto("/programmes/")
    expect(page.locator("html")).to_have_attribute("data-bs-theme", "light")


def test_a_reader_without_scripts_reaches_a_receipt_and_another_language(served: Any, open_page: Callable[..., Any]):
    page = open_page(java_script_enabled=False)
    page.goto("/articles/august-2021/")
    page.locator("p a.figure", has_text="82.77%").click()
    expect(page.locator(".receipt-value")).to_have_text("82.77%")
    page.get_by_role("button", name="EN", exact=True).click()
    expect(page.locator("h1")).to_contain_text("share of the year's plan")


def test_the_chart_says_what_its_table_says(served: Any, open_page: Callable[..., Any]):
    page = open_page(language="en", user=User.objects.get(username="leader"), reduced_motion="reduce")
    page.goto("/desk/undertakings/livelihood-small-water/")
    expect(page.locator(".chart svg")).to_be_visible()
    page.get_by_text("The numbers of the chart").click()
    expect(page.locator("#course tbody tr", has_text="August 2021")).to_contain_text("¥794,400")


def test_an_editor_sees_the_text_as_it_would_be_printed_while_typing(served: Any, open_page: Callable[..., Any]):
    page = open_page(language="en", user=User.objects.get(username="editor"), reduced_motion="reduce")
    page.goto("/desk/articles/august-2021/?language=en")
    page.locator("#source").fill('{{ figure "deals.count" as_of="2021-06-30" unit="" }} projects were signed, 30 of them here.')
    expect(page.locator("#preview .figure")).to_have_count(1)
    expect(page.locator("#preview .figure")).to_have_text("30")
    expect(page.locator("#preview .notice-amber")).to_contain_text("30 of them")
