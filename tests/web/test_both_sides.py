"""A page that was turned back by what was known sets beside itself what was corrected since: watch-list, changes, stages, forecasts."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.test import Client
from stage import District, district

from duban.standing.changes import Listed
from duban.web.changing import Sides

pytestmark = pytest.mark.django_db
BOOK = """
recorded    undertaking  measure   kind    period      amount
2026-01-05  roofs        invested  plan    2026        1200
2026-01-05  ponds        invested  plan    2026        1200
2026-01-05  gates        invested  plan    2026        1200
2026-01-05  wells        invested  plan    2026        1200
2026-05-10  roofs        invested  report  2026-04-30  100
2026-05-10  ponds        invested  report  2026-04-30  500
2026-05-10  gates        invested  report  2026-04-30  100
2026-05-10  wells        invested  report  2026-04-30  500
2026-06-10  roofs        invested  report  2026-04-30  150
2026-06-10  ponds        invested  report  2026-04-30  50
2026-06-10  gates        invested  report  2026-04-30  600
"""
THEN = {"as_of": "2026-04-30", "known_at": "2026-05-31"}
SINCE = {**THEN, "corrected": "1"}
PAGES = ("watch/", "changes/", "stages/", "forecast/", "forecast/invested/")


@pytest.fixture
def town(settings: Any) -> District:
    settings.SET = {**settings.SET, "today": date(2026, 6, 30)}
    made = district()
    for code in ("roofs", "ponds", "gates", "wells"):
        made.promise(code, stage="continuing")
    made.write(BOOK)
    return made


def shown(town: District, address: str, asked: dict[str, str]) -> str:
    client = Client()
    client.cookies[django_settings.LANGUAGE_COOKIE_NAME] = "en"
    client.force_login(town.people["dispatcher"], backend="allauth.account.auth_backends.AuthenticationBackend")
    page = client.get(f"/desk/{address}", asked)
    assert page.status_code == 200
    told = page.content.decode()
    return " ".join(re.sub(r"<[^>]+>", " ", told[told.index("<main") : told.index("</main")]).split())


def row(page: str, name: str, end: str = "Nothing was said") -> str:
    """What a list says of one undertaking."""
    return page[page.index(f"{name} 住建局") :].partition(end)[0]


def test_the_watch_list_shows_both_values_and_who_is_watched_on_one_side_alone(town: District):
    then, since = (shown(town, "watch/", asked) for asked in (THEN, SINCE))
    assert "¥300 behind" in row(then, "roofs")
    assert re.search(r"As corrected since: [A-Z][a-z ]+ ¥250 behind", row(then, "roofs"))
    assert "¥250 behind" in row(since, "roofs") and "As known then:" in row(since, "roofs")
    assert "As corrected since: not watched" in row(then, "gates")
    assert "Only as corrected since: 1" in then and "ponds" in then[then.index("Only as corrected since") :]
    assert "Only as known then: 1" in since and "gates" in since[since.index("Only as known then") :]
    assert "wells" not in then and "wells" not in since


def test_changes_mark_what_is_not_so_on_the_other_side_and_name_what_is_there_alone(town: District):
    then = shown(town, "changes/", {**THEN, "since": "2026-03-31"})
    assert "not so as corrected since" in then
    assert "As corrected since, also: ponds" in then
    since = shown(town, "changes/", {**SINCE, "since": "2026-03-31"})
    assert "As known then, also: gates" in since


def test_stages_show_amounts_rates_and_lights_of_both_sides(town: District):
    then, since = (shown(town, "stages/", asked) for asked in (THEN, SINCE))
    assert "¥1,200 / ¥4,800" in then and re.search(r"As corrected since: 4 · ¥1,300 / ¥4,800", then)
    assert re.search(r"As known then: 4 · ¥1,200 / ¥4,800", since)
    assert re.search(r"As corrected since: time 33.33% · task 27.08%", then)


def test_forecasts_show_both_sides(town: District):
    then, since = (shown(town, "forecast/", asked) for asked in (THEN, SINCE))
    assert "¥1,200" in then and "As corrected since: ¥1,300 of ¥4,800" in then
    assert "As known then: ¥1,200 of ¥4,800" in since


@pytest.mark.parametrize("address", PAGES)
def test_a_page_that_names_no_moment_sets_nothing_beside_itself(town: District, address: str):
    for asked in ({}, {"as_of": "2026-04-30"}):
        page = shown(town, address, asked)
        assert "As corrected since" not in page and "As known then" not in page


@pytest.mark.parametrize("address", PAGES)
def test_where_nothing_was_written_since_the_page_says_so(town: District, address: str):
    page = shown(town, address, {"as_of": "2026-04-30", "known_at": "2026-06-20"})
    assert "Nothing written since changes this." in page
    assert "As corrected since:" not in page


def test_sides_count_what_is_not_listed():
    here, there = Listed(2, [], frozenset({1, 2})), Listed(3, [], frozenset({2, 3}))
    assert Sides.of(here, there).here == {1}
    assert not Sides.of(here, None)
