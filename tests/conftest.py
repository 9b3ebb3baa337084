"""What every test may ask for. Marks are derived from what a test asks for, so none is forgotten."""

from __future__ import annotations

import logging
import re
import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import emptying
import pytest
import structlog
from django.apps import apps
from django.conf import settings as django_settings
from django.db import connection
from hypothesis import settings as effort

effort.register_profile("duban", deadline=None)  # a time on a shared machine proves nothing
effort.load_profile("duban")

ROOT = Path(__file__).resolve().parents[1]
TOUCHES_DATABASE = {"db", "transactional_db", "django_db_setup", "live_server"}
CHROMIUM = ("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
            "--disable-component-update", "--disable-sync")  # fmt: skip
PATIENCE = 30_000
"""Milliseconds that a browser's test waits for what should come: on a busy machine an answer may take its time."""


def pytest_configure() -> None:
    """A refusal is logged with a plain traceback, as in production: Rich, which comes with the tools, would draw each for 0.1 s."""
    for handler in logging.getLogger("django").handlers:
        formatter: Any = handler.formatter
        formatter.processors[-1].exception_formatter = structlog.dev.plain_traceback


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark `browser` what drives one and `database` what touches one: the second run, on PostgreSQL, picks by these."""
    for item in items:
        fixtures = set(getattr(item, "fixturenames", ()))
        if "browser" in fixtures:
            item.add_marker("browser")
        if fixtures & TOUCHES_DATABASE or item.get_closest_marker("django_db"):
            item.add_marker("database")


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix: None) -> None:
    """On SQLite a file, not memory: a server in a thread then has a connection of its own, as in life."""
    database = django_settings.DATABASES["default"]
    if database["ENGINE"].endswith("sqlite3"):
        database.setdefault("TEST", {})["NAME"] = str(Path(django_settings.STATE) / "test.sqlite3")
        database["OPTIONS"]["init_command"] = database["OPTIONS"]["init_command"].replace("synchronous=FULL", "synchronous=OFF")


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> None:
    """The database as the migrations make it, and a copy of that to come back to. What tests register was known before their ledgers."""
    with django_db_blocker.unblock():
        apps.get_model("registry", "Revision").objects.update(clock=datetime(2000, 1, 1, tzinfo=UTC))
        emptying.remember(connection)


@pytest.fixture(autouse=True)
def _cheap_and_apart(settings: Any, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Passwords need not withstand anybody, and no test finds another's files."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.MEDIA_ROOT = str(tmp_path_factory.mktemp("files"))


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """Debian's Chromium, one for the whole process."""
    from playwright.sync_api import expect, sync_playwright

    expect.set_options(timeout=PATIENCE)
    program = shutil.which("chromium")
    assert program, "Chromium is not installed: run scripts/bootstrap test"
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=program, args=list(CHROMIUM))
        yield running
        running.close()


@pytest.fixture
def open_page(browser: Any, live_server: Any) -> Iterator[Callable[..., Any]]:
    """A new window on the running site: `open_page(width=390, language="en", user=reporter)`.

    A script error or a resource that the site refuses fails the test when the window closes, unless it is of a kind that the
    test brings about (`foreseen`: a pattern of what the browser says of it).
    """
    contexts: list[Any] = []
    faults: list[str] = []

    def complains(said: Any, page: Any) -> bool:
        """A page that answers 403 or 404 on purpose is no fault; whatever it fails to load is one."""
        return said.type == "error" and said.location.get("url") != page.url

    def open_one(*, width: int = 1440, language: str = "", user: Any = None, foreseen: str = "", **options: Any) -> Any:
        context = browser.new_context(viewport={"width": width, "height": 900}, base_url=live_server.url, locale="zh-CN", **options)
        context.set_default_timeout(PATIENCE)
        contexts.append(context)
        cookies = {}
        if language:
            cookies[django_settings.LANGUAGE_COOKIE_NAME] = language
        if user is not None:
            cookies[django_settings.SESSION_COOKIE_NAME] = _session_of(user)
        context.add_cookies([{"name": name, "value": value, "url": live_server.url} for name, value in cookies.items()])
        page = context.new_page()
        page.on("pageerror", lambda error: faults.append(f"{page.url}: {error}"))
        expected = re.compile(foreseen or r"(?!)")
        page.on(
            "console",
            lambda said: faults.append(f"{page.url}: {said.text}") if complains(said, page) and not expected.search(said.text) else None,
        )
        return page

    yield open_one
    for context in contexts:
        context.close()
    assert not faults, "\n".join(faults)


@pytest.fixture
def page(open_page: Callable[..., Any]) -> Any:
    """One window of a reader who is not signed in."""
    return open_page()


@pytest.fixture
def barriers() -> Callable[[Any], list[str]]:
    """What axe-core finds on a page that keeps somebody out: `assert barriers(page) == []`."""
    program = (ROOT / "node_modules" / "axe-core" / "axe.min.js").read_text(encoding="utf-8")

    def found(page: Any) -> list[str]:
        page.locator("[aria-busy='true']").first.wait_for(state="detached")  # what is still coming is dimmed for so long
        page.evaluate(program)
        result = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
        return [f"{broken['id']}: {node['target']} {node['failureSummary']}" for broken in result["violations"] for node in broken["nodes"]]

    return found


def _session_of(user: Any) -> str:
    from django.test import Client

    client = Client()
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return str(client.cookies[django_settings.SESSION_COOKIE_NAME].value)
