"""The registry's forms in a real browser: by keyboard, on a phone, without a barrier."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect
from stage import District, district

from duban.registry.models import Evidence, Undertaking

TEXT = {"name": "现场.txt", "mimeType": "text/plain", "buffer": "屋顶已修好".encode()}


@pytest.fixture
def place(transactional_db: None) -> District:
    built = district()
    built.promise("roofs")
    return built


@pytest.mark.parametrize("width", [390, 1440])
def test_a_reporter_adds_a_file_without_leaving_the_page(
    width: int, place: District, open_page: Callable[..., Any], barriers: Callable[[Any], list[str]]
):
    page = open_page(width=width, language="en", user=place.people["reporter"])
    page.goto("/desk/undertakings/roofs/")
    page.locator(".attach summary").focus()
    page.keyboard.press("Enter")
    page.set_input_files("#id_content", {**TEXT, "buffer": b"\x00\x01"})
    page.locator(".attach button").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#id_content_error")).to_contain_text("is none of these")
    assert barriers(page) == []
    page.set_input_files("#id_content", TEXT)
    page.fill("#id_caption", "roofs mended")
    page.locator(".attach button").click()
    expect(page.locator("#evidence [role=status]")).to_have_text("The file was added.")
    expect(page.locator("#evidence li")).to_contain_text("roofs mended")
    assert page.url.endswith("/desk/undertakings/roofs/")
    assert Evidence.objects.get().name == "现场.txt"


@pytest.mark.parametrize("width", [390, 1440])
def test_a_dispatcher_adds_an_undertaking_by_keyboard_and_is_led_to_what_is_wrong(
    width: int, place: District, open_page: Callable[..., Any], barriers: Callable[[Any], list[str]]
):
    page = open_page(width=width, language="en", user=place.people["dispatcher"])
    page.goto("/desk/programmes/invested/undertakings/new/")
    assert barriers(page) == []
    page.fill("#id_name", "walls")
    page.fill("#id_code", "roofs")
    page.select_option("#id_lead_body", label="住建局")
    page.locator("#id_order").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#id_code_error")).to_have_text("The code roofs is taken.")
    assert barriers(page) == []
    page.locator("[role=alert] a", has_text="Code").focus()
    page.keyboard.press("Enter")
    page.wait_for_function("location.hash === '#id_code'")
    page.fill("#id_code", "walls")
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text("walls")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert Undertaking.objects.get(code="walls").lead_body == place.bodies["works"]
