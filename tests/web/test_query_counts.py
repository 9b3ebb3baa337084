"""A page asks the database as often for two hundred undertakings as for twenty, and never more than twelve times; and what it asks
is no more work for each of two hundred than for each of twenty."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.core.cache import caches
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from stage import District, district

from duban.core.periods import last_day
from duban.ledger import actions as ledger
from duban.ledger.actions import Line
from duban.ledger.models import Batch
from duban.people.models import Body
from duban.press import actions as press
from duban.press.models import Figure
from duban.registry.models import Programme, Undertaking
from duban.standing import sheets
from duban.web import kept

pytestmark = pytest.mark.django_db
MOST = 12
AUGUST = date(2021, 8, 31)
NOW = datetime(2021, 8, 31, 4, tzinfo=UTC)
SOURCE = '已完成年度计划的{{ figure "done" }}，累计{{ figure "invested" }}。{{ undertaking "u3" }}'
PAGES = (
    ("dispatcher", "/desk/"),
    ("dispatcher", "/desk/undertakings/"),
    ("dispatcher", "/desk/undertakings/?q=u&light=red,amber&sort=name"),
    ("dispatcher", "/desk/undertakings/u0/"),
    ("dispatcher", "/desk/undertakings/u3/"),
    ("dispatcher", "/desk/forecast/"),
    ("dispatcher", "/desk/forecast/invested/"),
    ("dispatcher", "/desk/undertakings/u3/forecast/"),
    ("dispatcher", "/desk/stages/"),
    ("dispatcher", "/desk/stages/?by=whole&programme=invested&body=works"),
    ("dispatcher", "/desk/stages.csv"),
    ("dispatcher", "/desk/stages/races.csv"),
    ("dispatcher", "/desk/undertakings.csv"),
    ("dispatcher", "/desk/forecast/invested.csv"),
    ("dispatcher", "/desk/undertakings/?rate=started&part=of"),
    ("dispatcher", "/desk/month/"),
    ("", "/"),
    ("", "/programmes/"),
    ("", "/programmes/invested/"),
    ("", "/programmes/invested.csv"),
    ("", "/figures/done.csv"),
    ("", "/undertakings/u0/"),
    ("", "/articles/"),
    ("", "/articles/august/"),
    ("", "/articles/august/figures/done/"),
)


@pytest.fixture(autouse=True)
def _stands_on_august(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(django_settings.SET, "today", AUGUST)
    monkeypatch.setitem(django_settings.SET, "body", "top")


def _promises(town: District, first: int, end: int) -> None:
    """Undertakings on time, behind and silent, of both departments and of many towns; every tenth is a part of `u0`."""
    for place in range(first, end):
        code = f"top-town-{place}"
        hosted = Body.objects.create(code=code, kind="town", name=code, path=f"top/{code}/", parent=town.bodies["top"])
        parent = "u0" if place and place % 10 == 0 else ""
        town.promise(f"u{place}", body=("works", "parks")[place % 2], parent=parent, town=hosted)


def _entries(town: District, first: int, end: int) -> None:
    """A year's plan for each, reports until July of most, and a correction of `u3` for every ten undertakings."""
    lines = []
    for place in range(first, end):
        told = {"undertaking_id": town.undertakings[f"u{place}"].pk, "measure_id": town.measures["invested"].pk}
        lines += [Line(kind="plan", period=last_day(2021, month), amount=Decimal(month * 100), **told) for month in range(1, 13)]
        months = 8 - place % 3 * 2 if place else 0
        lines += [
            Line(kind="report", period=last_day(2021, month), amount=Decimal(month * (60 + place % 60)), **told)
            for month in range(1, months)
        ]
    _append(town, lines)
    for turn in range(first // 10, end // 10):
        u3 = {"undertaking_id": town.undertakings["u3"].pk, "measure_id": town.measures["invested"].pk}
        _append(town, [Line(kind="report", period=last_day(2021, 7), amount=Decimal(500 + turn), reason="again", **u3)])


def _append(town: District, lines: list[Line]) -> None:
    batch = Batch.objects.create(origin="test", recorded_at=NOW)
    ledger.append(lines=lines, batch=batch, submitted_by=town.people["reporter"], accepted_by=town.people["reviewer"], now=NOW)


STEP = 100
"""Instructions of SQLite's machine between two counts."""
ANEW = {
    "/desk/": 15,
    "/desk/undertakings/": 10,
    "/desk/undertakings/u3/": 16,
    "/desk/stages/": 9,
    "/desk/changes/": 17,
    "/desk/forecast/": 18,
}
"""How often a page asks that nobody has seen at this head yet."""
LINEAR = 15
"""How many times the work ten times the undertakings may be; looking through all of them for each is a hundred times."""


def _published(town: District) -> None:
    editor = town.people["editor"]
    asked: dict[str, Any] = {"programme": town.programmes["invested"], "measure": town.measures["invested"], "public": True}
    Figure.objects.create(code="done", name="完成率", operation="ratio", unit="%", decimals=2, headline=1, **asked)
    Figure.objects.create(code="invested", name="完成投资", operation="sum", unit="元", headline=2, **asked)
    article = press.write(slug="august", body=town.bodies["top"], as_of=AUGUST, by=editor, now=NOW)
    press.set_text(article=article, language="zh-hans", title="夏天的账本", source=SOURCE, by=editor, now=NOW)
    press.publish(article=article, by=editor, now=NOW)


def _asked(town: District, user: str, path: str) -> list[str]:
    """The queries of the second request for a page: the first one fills what is kept."""
    client = Client()
    if user:
        client.force_login(town.people[user], backend="allauth.account.auth_backends.AuthenticationBackend")
    assert client.get(path).status_code == 200
    with CaptureQueriesContext(connection) as captured:
        assert client.get(path).getvalue()
    return [query["sql"] for query in captured.captured_queries]


def test_ten_times_the_undertakings_cost_no_page_a_query_more():
    town = district()
    counted: dict[tuple[str, str], list[int]] = {page: [] for page in PAGES}
    for first, end in ((0, 20), (20, 200)):
        _promises(town, first, end)
        Programme.objects.update(public=True)
        _entries(town, first, end)
        if not first:
            _published(town)
        sheets.discard(keep=0)
        caches["process"].clear()
        for user, path in PAGES:
            queries = _asked(town, user, path)
            counted[user, path].append(len(queries))
            assert "." in path or len(queries) <= MOST, f"{path} with {end} undertakings:\n" + "\n".join(sql[:200] for sql in queries)
    assert Undertaking.objects.count() == 200
    assert {page: few for page, (few, many) in counted.items() if few != many} == {}, counted


def _work(client: Client, path: str) -> tuple[int, int]:
    """How often a page that is rendered anew asks, and how many times `STEP` instructions SQLite spends on that; PostgreSQL counts none."""
    client.get(path)
    kept._shelf.clear()
    with CaptureQueriesContext(connection) as captured, _stepped() as counted:
        assert client.get(path).status_code == 200
    return len(captured), len(counted)


@contextmanager
def _stepped() -> Iterator[list[None]]:
    """One item for every `STEP` instructions of SQLite's machine."""
    counted: list[None] = []
    if connection.vendor != "sqlite":
        yield counted
        return
    connection.connection.set_progress_handler(lambda: counted.append(None), STEP)
    try:
        yield counted
    finally:
        connection.connection.set_progress_handler(None, 0)


def test_a_page_rendered_anew_asks_seldom_and_works_no_more_for_each_of_many():
    town, work = district(), dict[str, list[int]]()
    for first, end in ((0, 40), (40, 400)):
        _promises(town, first, end)
        _entries(town, first, end)
        sheets.discard(keep=0)
        client = Client()
        client.force_login(town.people["dispatcher"], backend="allauth.account.auth_backends.AuthenticationBackend")
        for path, most in ANEW.items():
            asked, steps = _work(client, path)
            assert asked <= most, path
            work.setdefault(path, []).append(steps)
    assert {path: few_and_many for path, few_and_many in work.items() if few_and_many[1] > LINEAR * few_and_many[0]} == {}
