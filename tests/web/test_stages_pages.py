"""The board of stages: every number opens exactly the undertakings that it counts, on every day and in every cut."""

from __future__ import annotations

import csv
import io
import re
from datetime import date
from html import unescape
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.conf import settings as django_settings
from django.db import connection
from django.http import QueryDict
from django.test import Client
from django.test.utils import CaptureQueriesContext

from duban.ledger import reads as ledger
from duban.people.models import User
from duban.registry import rulebooks
from duban.standing.actions import stand
from duban.web import kept
from duban.web.listing import Asked, paths_of, within

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("example", "stands_on_august")]
AUGUST, MOST = date(2021, 8, 31), 13
CUTS = ("body", "programme", "town", "whole", ".level", ".origin", ".channel")
LINK = re.compile(r'<a [^>]*href="(/desk/undertakings/\?[^"]+)"[^>]*>(.*?)</a>', re.DOTALL)


def reader(name: str = "leader") -> Client:
    client = Client()
    client.cookies[django_settings.LANGUAGE_COOKIE_NAME] = "en"
    client.force_login(User.objects.get(username=name), backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


def page(path: str, name: str = "leader", **headers: str) -> str:
    answer = reader(name).get(path, headers=headers)
    assert answer.status_code == 200
    return unescape(answer.content.decode())


def links(told: str) -> list[tuple[str, int]]:
    """Every link to the list with the number that it shows."""
    found = ((href, re.findall(r"\d[\d,]*", re.sub(r"<[^>]+>", "", words))) for href, words in LINK.findall(told))
    return [(href, int(numbers[-1].replace(",", ""))) for href, numbers in found if numbers]


def listed(href: str, name: str = "leader", as_of: date = AUGUST) -> int:
    """How many undertakings the list shows under an address."""
    asked = Asked.read(QueryDict(urlsplit(href).query))
    snapshot, books = stand(as_of=as_of, head=ledger.head()), rulebooks.in_force(as_of=as_of, led=True)
    return asked.standings(snapshot, within(paths_of(User.objects.get(username=name))), books).count()


@pytest.mark.parametrize("cut", CUTS)
def test_every_number_opens_what_it_counts(cut: str):
    found = links(page(f"/desk/stages/?by={cut}"))
    assert len(found) > 30
    assert {href: listed(href) for href, _ in found} == dict(found)


@pytest.mark.parametrize(
    "scope", ["programme=key-projects", "programme=deals", "body=tunxi-housing", "programme=key-projects&body=tunxi-drc"]
)
def test_a_programme_and_a_body_have_a_board_of_their_own(scope: str):
    found = links(page(f"/desk/stages/?{scope}"))
    assert found
    assert {href: listed(href) for href, _ in found} == dict(found)
    asked = parse_qs(scope)
    for href, _ in found:
        told = parse_qs(urlsplit(href).query)
        assert told.get("programme", []) == asked.get("programme", [])
        assert "body" not in asked or "under" in told or "led" in told


def test_a_board_of_the_past_links_to_lists_of_the_past():
    found = links(page("/desk/stages/?as_of=2021-06-30"))
    assert all("as_of=2021-06-30" in href for href, _ in found)
    assert {href: listed(href, as_of=date(2021, 6, 30)) for href, _ in found} == dict(found)


def test_a_reporter_sees_what_its_body_answers_for():
    found = links(page("/desk/stages/", "reporter-housing"))
    assert {href: listed(href, "reporter-housing") for href, _ in found} == dict(found)
    assert max(number for _, number in found) < max(number for _, number in links(page("/desk/stages/")))


def test_the_package_is_counted_by_its_three_parts():
    told = page("/desk/stages/?programme=key-projects&by=whole")
    assert "25 projects in a stage" in told
    whole = next(number for href, number in links(told) if "whole=key-jiangnan" in href and "stage" not in href)
    assert whole == 3


def test_by_the_middle_of_the_year_time_and_task_are_both_past_half():
    told = re.sub(r"<[^>]+>", "", page("/desk/stages/races/?as_of=2021-06-30", **{"HX-Request": "true"}))
    livelihood = told[told.index("Livelihood programmes") :]
    assert "time 50.00%" in livelihood
    assert "Time and task are both past half" in livelihood


def test_the_published_programme_stands_16_points_ahead_of_the_time():
    told = " ".join(re.sub(r"<[^>]+>", "", page("/desk/stages/races/", **{"HX-Request": "true"})).split())
    assert "Livelihood programmes +16.10 points time 66.67% · task 82.77%" in told
    assert 'hx-get="/desk/stages/races/"' in page("/desk/")
    assert "time 66.67% · task 83.00%" in page("/desk/undertakings/key-parking/")


def test_the_public_page_of_a_programme_tells_time_against_task_where_amounts_may_be_added():
    told = " ".join(re.sub(r"<[^>]+>", "", page("/programmes/livelihood/")).split())
    assert "Time against task Investment: time 66.67% · task 82.77%" in told
    assert "Time and task are both past half; the task is 16.10 points ahead of the time." in told
    june = " ".join(re.sub(r"<[^>]+>", "", page("/programmes/livelihood/?as_of=2021-06-30")).split())
    assert "time 50.00%" in june
    for code in ("villages", "deals", "education"):
        assert "Time against task" not in page(f"/programmes/{code}/")


def test_without_a_script_the_part_is_the_board():
    assert "Five rates" in page("/desk/stages/races/")


def test_the_file_says_what_the_table_says():
    answer = reader().get("/desk/stages.csv?by=programme&programme=deals&as_of=2021-08-31")
    rows = list(csv.DictReader(io.StringIO(answer.getvalue().decode("utf-8-sig"))))
    assert [row["Name"] for row in rows] == ["Outside investment", "Total"]
    assert {row["As of"] for row in rows} == {"2021-08-31"}
    assert (rows[1]["In a stage"], rows[1]["Signing rate: signed"], rows[1]["Signing rate, %"]) == ("41", "37", "90.24")
    assert rows[1]["Start rate, %"] == "65.22"


@pytest.mark.parametrize("path", [*(f"/desk/stages/?by={cut}" for cut in CUTS), "/desk/stages.csv", "/desk/stages/?body=tunxi"])
def test_a_board_asks_at_most_thirteen_times_when_nothing_is_kept(path: str):
    client = reader()
    client.get(path)
    kept._shelf.clear()
    with CaptureQueriesContext(connection) as asked:
        client.get(path)
    assert len(asked) <= MOST, "\n".join(query["sql"][:160] for query in asked.captured_queries)


def test_what_nobody_knows_is_not_found_and_an_empty_board_says_so():
    assert reader().get("/desk/stages/?body=nobody").status_code == 404
    assert reader().get("/desk/stages/?programme=nothing").status_code == 404
    told: Any = page("/desk/stages/?programme=livelihood")
    assert "Nothing here is in a stage." in told
    assert "Show everything" in told
    assert "Livelihood programmes" in told


@pytest.mark.parametrize("language", ["zh-hans", "zh-hant"])
def test_the_rates_are_named_as_offices_name_them(language: str):
    client = reader()
    client.cookies[django_settings.LANGUAGE_COOKIE_NAME] = language
    told = client.get("/desk/stages/").content.decode()
    names = {"zh-hans": ("签约率", "开工率", "竣工率", "达产率", "转化率"), "zh-hant": ("簽約率", "開工率", "竣工率", "達產率", "轉化率")}
    assert [name for name in names[language] if name not in told] == []
