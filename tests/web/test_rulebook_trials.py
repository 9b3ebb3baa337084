"""The page that tries a draft on the past, as officials see it."""

from __future__ import annotations

from html import unescape

import pytest
from django.conf import settings as django_settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from rulers import MARCH, ruled, written
from stage import District

from duban.registry.models import RulebookVersion

pytestmark = pytest.mark.django_db
STRICT = "[schedule]\nbehind = 2\n"
MOST = 12


@pytest.fixture
def town(monkeypatch: pytest.MonkeyPatch) -> District:
    monkeypatch.setitem(django_settings.SET, "today", MARCH)
    return ruled()


@pytest.fixture
def draft(town: District) -> RulebookVersion:
    return written(town, "invested", STRICT)


def reader(town: District, name: str = "leader") -> Client:
    client = Client()
    client.cookies[django_settings.LANGUAGE_COOKIE_NAME] = "en"
    client.force_login(town.people[name], backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


def shown(client: Client, draft: RulebookVersion, *, fragment: bool = False, **asked: str) -> str:
    answer = client.get(reverse("web:rulebook_trial", args=[draft.pk]), asked, headers={"HX-Request": "true"} if fragment else {})
    assert answer.status_code == 200
    return " ".join(unescape(answer.content.decode()).split())


def test_what_would_turn_is_listed_with_its_old_and_new_light_and_rule(town: District, draft: RulebookVersion) -> None:
    page = shown(reader(town), draft)
    row = page[page.index("rule-changes") :].split("<tr>")[2]
    assert "roofs" in row and "lamps" not in page
    old, new = row.split("<td>")[1:]
    assert "light-green" in old and "light-amber" in new


def test_the_months_come_in_one_after_the_other_and_each_asks_for_the_next(town: District, draft: RulebookVersion) -> None:
    client = reader(town)
    page = shown(client, draft)
    assert "?row=0" in page and "rule-tried" in page and "<progress" in page
    for place in range(13):
        row = shown(client, draft, fragment=True, row=str(place))
        assert (f"?row={place + 1}" in row) == (place < 12)
        assert ("<progress" in row) == (place < 12)
    assert client.get(reverse("web:rulebook_trial", args=[draft.pk]), {"row": "13"}).status_code == 404
    assert client.get(reverse("web:rulebook_trial", args=[draft.pk]), {"row": "x"}).status_code == 404


def test_a_row_tells_the_counts_before_and_after(town: District, draft: RulebookVersion) -> None:
    row = shown(reader(town), draft, fragment=True, row="0")
    cells = [cell.partition("</td>")[0] for cell in row.split('<td class="num">')[1:]]
    told = {cell.partition('">')[2].split()[0]: "<strong>1</strong>" in cell for cell in cells}
    assert told == {"Red": False, "Amber": True, "Grey": False, "Green": False, "Other": True}


def test_without_a_script_all_of_it_is_worked_out_at_once(town: District, draft: RulebookVersion) -> None:
    page = shown(reader(town), draft, whole="1")
    assert page.count('class="cell-drawn"') == 13 and "<progress" not in page


def test_another_day_is_looked_at_and_a_day_before_its_own_says_so(town: District, draft: RulebookVersion) -> None:
    fragment = shown(reader(town), draft, fragment=True, day="2026-02-28")
    assert fragment.startswith("<header><h2") and "28 February 2026" in fragment
    assert "before it holds: only to try it" in fragment and "roofs" in fragment
    assert "only to try it" not in shown(reader(town), draft, fragment=True, day="2026-03-01")
    assert reader(town).get(reverse("web:rulebook_trial", args=[draft.pk]), {"day": "2026-02-27"}).status_code == 404
    assert reader(town).get(reverse("web:rulebook_trial", args=[draft.pk]), {"day": "soon"}).status_code == 409


def test_a_draft_that_changes_nothing_says_so(town: District) -> None:
    assert "No light would be another." in shown(reader(town), written(town, "invested", "[outlook]\nlikely = 90\n"))


def test_a_page_of_a_trial_asks_the_database_seldom(town: District, draft: RulebookVersion) -> None:
    client = reader(town)
    for asked in ({}, {"row": "3"}, {"day": "2026-02-28"}):
        shown(client, draft, **asked)
        with CaptureQueriesContext(connection) as captured:
            shown(client, draft, **asked)
        assert len(captured) <= MOST, "\n".join(query["sql"][:160] for query in captured.captured_queries)
