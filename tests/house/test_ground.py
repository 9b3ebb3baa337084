"""The ground that the other tests stand on."""

from __future__ import annotations

import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connection

from duban.ledger import triggers
from duban.ledger.models import Batch
from duban.ledger.reads import revision
from duban.people.models import Body


def test_the_ledger_is_guarded_in_tests_as_in_life(db: None) -> None:
    assert triggers.missing(connection) == []


def test_after_a_test_that_committed_the_database_is_as_the_migrations_left_it(transactional_db: None) -> None:
    before = revision()
    Body.objects.create(code="city", kind="city", name="市", path="city/")
    Batch.objects.create(origin="test", recorded_at="2021-08-31T00:00:00Z")
    assert revision() == before + 1
    call_command("flush", interactive=False, verbosity=0)
    assert not Body.objects.exists()
    assert not Batch.objects.exists()
    assert triggers.missing(connection) == []
    Body.objects.create(code="city", kind="city", name="市", path="city/")
    assert revision() == before + 1


def test_a_server_in_a_thread_has_a_connection_of_its_own(live_server: Any) -> None:
    assert connection.settings_dict["NAME"] != ":memory:"
    with urllib.request.urlopen(f"{live_server.url}/accounts/login/") as answer:
        assert answer.status == 200


@pytest.mark.parametrize("width", [1440, 390])
@pytest.mark.parametrize("language", ["zh-hans", "zh-hant", "en"])
def test_a_browser_opens_a_page_without_a_fault_or_a_barrier(
    open_page: Callable[..., Any], barriers: Callable[[Any], list[str]], width: int, language: str
) -> None:
    page = open_page(width=width, language=language)
    page.goto("/accounts/login/")
    assert page.locator("html").get_attribute("lang").lower() == language
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert barriers(page) == []


def test_nothing_is_written_into_the_tree() -> None:
    tree = Path(__file__).resolve().parents[2]
    assert tree not in Path(settings.STATE).parents
    assert tree not in Path(settings.MEDIA_ROOT).parents
