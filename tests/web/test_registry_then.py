"""Pages turned back name, count and group by the registry as it was known then, and set what it says since beside it."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.test import Client
from stage import District, district

from duban.people.models import Body
from duban.registry import past
from duban.registry.models import Programme, Undertaking

pytestmark = pytest.mark.django_db
THEN = "as_of=2026-02-28&known_at=2026-03-10"
BOOK = """
recorded    undertaking  measure   kind    period   amount
2026-01-05  roofs        invested  plan    2026     1200
2026-01-05  wells        invested  plan    2026     1200
2026-03-01  roofs        invested  report  2026-02  200
2026-03-01  wells        invested  report  2026-02  20
"""


@pytest.fixture
def town(monkeypatch: pytest.MonkeyPatch) -> District:
    """A registry that changed on 15 March: another name and lead body, another list's name, and one more undertaking."""
    monkeypatch.setitem(django_settings.SET, "today", date(2026, 3, 31))
    monkeypatch.setitem(django_settings.SET, "body", "top")
    town = district()
    town.write(BOOK)
    Programme.objects.update(public=True)
    with past.written(datetime(2026, 3, 15, tzinfo=UTC)):
        town.promise("doors")
        Undertaking.objects.filter(code="roofs").update(name="tiles", lead_body=town.bodies["parks"])
        Body.objects.filter(code="parks").update(name="林业局")
        Programme.objects.update(name="new works")
    return town


def page(town: District, address: str, user: str = "dispatcher") -> Any:
    client = Client()
    client.cookies["django_language"] = "en"
    if user:
        client.force_login(town.people[user], backend="allauth.account.auth_backends.AuthenticationBackend")
    response = client.get(address)
    assert response.status_code == 200
    return response


def text(response: Any) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


def listed(response: Any) -> set[str]:
    return set(re.findall(r'href="/(?:desk/)?undertakings/([a-z]+)/', response.content.decode()))


@pytest.mark.parametrize(("user", "path"), [("dispatcher", "/desk/undertakings/"), ("", "/programmes/invested/")])
def test_a_list_holds_what_was_registered_then_under_the_names_of_then(town: District, user: str, path: str):
    then, now = page(town, f"{path}?{THEN}", user), page(town, f"{path}?as_of=2026-02-28", user)
    assert listed(then) == {"roofs", "wells"}
    assert listed(now) == {"roofs", "wells", "doors"}
    assert "tiles" not in text(then)
    assert "tiles" in text(now)


def test_a_list_of_a_body_holds_what_it_led_then(town: District):
    for body, then, now in (("works", {"roofs", "wells"}, {"wells", "doors"}), ("parks", set(), {"roofs"})):
        assert listed(page(town, f"/desk/undertakings/?{THEN}&led={body}")) == then
        assert listed(page(town, f"/desk/undertakings/?as_of=2026-02-28&led={body}")) == now


@pytest.mark.parametrize("path", ["/desk/", "/desk/watch/", "/desk/changes/", "/desk/stages/", "/desk/stages/?by=body", "/desk/forecast/"])
def test_groups_have_their_names_of_then(town: District, path: str):
    told = text(page(town, f"{path}{'&' if '?' in path else '?'}{THEN}"))
    assert "new works" not in told
    assert "林业局" not in told.replace("also: 林业局", ""), "but where what is there since alone is named"
    assert "tiles" not in told


@pytest.mark.parametrize(("user", "path"), [
    ("dispatcher", "/desk/undertakings/doors/"), ("dispatcher", "/desk/undertakings/doors/forecast/"), ("", "/undertakings/doors/"),
])  # fmt: skip
def test_what_was_not_registered_yet_says_so_and_leads_to_today(town: District, user: str, path: str):
    then = page(town, f"{path}?{THEN}", user)
    assert "This undertaking was not yet to be found here on 10 March 2026" in text(then)
    assert "See it as it is today" in text(then)
    assert "not yet to be found" not in text(page(town, path, user))


@pytest.mark.parametrize(("user", "path"), [("dispatcher", "/desk/undertakings/roofs/"), ("", "/undertakings/roofs/")])
def test_an_undertaking_shows_what_the_registry_said_then_and_since(town: District, user: str, path: str):
    for asked in (THEN, f"{THEN}&corrected=1"):
        told = text(page(town, f"{path}?{asked}", user))
        beside = told[told.index("Known then, and corrected since") :][:500]
        assert "Name roofs tiles" in beside
        assert "Lead body 住建局 林业局" in beside
        assert "Programme invested new works" in beside
        assert "the registry has changed" in beside
    assert "not registered yet stands in it" in text(page(town, f"/desk/undertakings/doors/?{THEN}&corrected=1"))


def test_a_reader_sees_what_their_body_answered_for_then(town: District):
    then, now = (page(town, f"/desk/undertakings/?{asked}", "reporter") for asked in (THEN, "as_of=2026-02-28"))
    assert listed(then) == {"roofs", "wells"}
    assert listed(now) == {"wells", "doors"}
