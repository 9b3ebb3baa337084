"""The Tunxi example for the pages' tests."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.db import transaction
from django.test import override_settings
from django.utils import timezone

AUGUST = date(2021, 8, 31)


@pytest.fixture
def stands_on_august(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages stand on 31 August 2021, and the portal is Tunxi's."""
    monkeypatch.setitem(django_settings.SET, "today", AUGUST)
    monkeypatch.setitem(django_settings.SET, "body", "tunxi")


def _load(files: Path) -> Any:
    from duban.demo.load import load

    return load(now=timezone.now(), password="correct horse battery staple")


@pytest.fixture(scope="module")
def example(django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """The example, loaded once for a module and gone after it."""
    quick = {"PASSWORD_HASHERS": ["django.contrib.auth.hashers.MD5PasswordHasher"]}
    files = tmp_path_factory.mktemp("files")
    with django_db_blocker.unblock(), override_settings(MODE="demo", MEDIA_ROOT=str(files), **quick), transaction.atomic():
        _load(files)
        yield
        transaction.set_rollback(True)


@pytest.fixture
def served(live_server: Any, settings: Any, stands_on_august: None, tmp_path: Path) -> Any:
    """The example on a running site, for a browser."""
    settings.MODE = "demo"
    _load(tmp_path)
    return live_server
