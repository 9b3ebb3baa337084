"""The watch-list, what changed since a day, and the one page for a meeting, as officials read and print them."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from stage import District, district

from duban.web.changing import presets, shared

pytestmark = pytest.mark.django_db
MAY = date(2026, 5, 31)
PAGES = ("/desk/watch/", "/desk/watch.csv", "/desk/changes/", "/desk/changes.csv", "/desk/meeting/")
MOST = 12
BOOK = """
recorded    undertaking  measure   kind    period      amount      reason
2026-01-05  roofs        invested  plan    2026        1200        -
2026-01-05  wells        invested  plan    2026        2400        -
2026-01-05  paths        invested  plan    2026        1200        -
2026-01-05  gates        start     plan    2026        2026-04-10  -
2026-01-05  doors        start     plan    2026        2026-05-10  -
2026-01-05  doors        invested  plan    2026        120         -
2026-02-28  roofs        invested  report  2026-02-28  200         -
2026-03-31  roofs        invested  report  2026-03-31  300         -
2026-04-30  roofs        invested  report  2026-04-30  160         the contractor stopped work
2026-04-30  wells        invested  report  2026-04-30  790         -
2026-04-30  paths        invested  report  2026-04-30  60          -
2026-05-10  wells        invested  report  2026-04-30  700         counted twice
2026-05-20  paths        invested  plan    2026        1500        a second lot
2026-05-31  roofs        invested  report  2026-05-31  170         -
2026-05-31  wells        invested  report  2026-05-31  980         -
2026-05-31  paths        invested  report  2026-05-31  600         -
2026-05-31  ponds        invested  plan    2026        600         -
2026-05-31  ponds        invested  report  2026-05-31  260         -
"""


@pytest.fixture(autouse=True)
def _stands_on_may(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(django_settings.SET, "today", MAY)


@pytest.fixture
def town(db: None) -> District:
    """`roofs` lags, `gates` is a late day, `doors` has not started, `paths` caught up, `wells` was corrected, `ponds` new, of `parks`."""
    made = district()
    made.promise("roofs", answerable_title="局长")
    made.promise("gates", lead="start")
    made.promise("ponds", body="parks")
    made.write(BOOK)
    return made


def reader(town: District, name: str = "dispatcher") -> Client:
    client = Client()
    client.cookies[django_settings.LANGUAGE_COOKIE_NAME] = "en"
    client.force_login(town.people[name], backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


def shown(client: Client, address: str, status: int = 200, **asked: str) -> str:
    """A page's main part as running text."""
    response = client.get(address, asked)
    assert response.status_code == status
    page = response.content.decode()
    words = re.sub(r"<[^>]+>", " ", page[page.index("<main") : page.index("</main")])
    return " ".join(words.replace("&#x27;", "'").split())


def table(client: Client, **asked: str) -> list[dict[str, str]]:
    response = client.get("/desk/watch.csv", asked)
    assert response.status_code == 200
    return list(csv.DictReader(io.StringIO(response.getvalue().decode("utf-8-sig"))))


# The watch-list


def test_the_list_says_what_is_at_stake_why_what_cures_it_who_answers_and_since_when(town: District):
    page = shown(reader(town), "/desk/watch/")
    assert "3 undertakings" in page
    row = page[page.index("roofs") : page.index("By shares of the plan")]
    for words in (
        "住建局",
        "局长",
        "¥330 behind",
        "27.5% of the year's plan",
        "since April 2026",
        "27.50 points behind",
        "more by 30 June 2026",
    ):
        assert words in row, words
    assert "the contractor stopped work" in row
    unstarted, late = page[page.index("doors") : page.index("By shares of the plan")], page[page.index("gates") :]
    assert "51 days late" in late and "¥50 behind" in unstarted and "Start, and report the day of the start." in unstarted
    assert "nobody named as answerable" in late and "Nothing was said, re-planned or shown since." in late
    assert "paths" not in page and "wells" not in page


@pytest.mark.parametrize(
    ("asked", "left"),
    [
        ({}, {"roofs", "gates", "doors"}),
        ({"why": "finish"}, {"gates"}),
        ({"why": "start"}, {"doors"}),
        ({"why": "schedule"}, {"roofs"}),
        ({"why": "resumption"}, set()),
        ({"programme": "start"}, {"gates"}),
        ({"body": "works"}, {"roofs", "gates", "doors"}),
        ({"body": "parks"}, set()),
        ({"light": "green"}, {"roofs", "gates", "doors"}),
        ({"light": "amber", "why": "schedule"}, {"roofs"}),
        ({"why": "nonsense", "light": "blue"}, {"roofs", "gates", "doors"}),
    ],
)
def test_the_list_and_its_file_answer_the_same_question(town: District, asked: dict[str, str], left: set[str]):
    client = reader(town)
    assert {row["Code"] for row in table(client, **asked)} == left
    page = client.get("/desk/watch/", asked).content.decode()
    assert set(re.findall(r'watch-rank">.*?/desk/undertakings/(\w+)/', page, re.DOTALL)) == left
    if not left:
        assert "Show everything that is watched" in page


def test_each_light_of_the_list_has_its_own(town: District):
    client = reader(town)
    found = {light: {row["Code"]: row["Light"] for row in table(client, light=light)} for light in ("red", "amber")}
    assert set(found["red"]) | set(found["amber"]) == {"roofs", "gates", "doors"}
    assert set(found["red"].values()) <= {"Red"} and set(found["amber"].values()) == {"Amber"}


def test_a_file_says_of_when_it_is_and_what_can_be_computed_with(town: District):
    roofs = next(row for row in table(reader(town)) if row["Code"] == "roofs")
    assert (roofs["Amount at stake"], roofs["Done"], roofs["Schedule"], roofs["Plan"]) == ("330", "170", "500", "1200")
    assert (roofs["As of"], roofs["Since"], roofs["Points"]) == ("2026-05-31", "2026-04-30", "-27.5")
    assert roofs["Note"] == "Work statistics, not official statistics."
    assert re.match(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d$", roofs["Known at"])


def test_the_list_turns_back_and_its_links_keep_the_moment(town: District):
    client = reader(town)
    then = {"as_of": "2026-04-30", "known_at": "2026-05-01"}
    page = client.get("/desk/watch/", then).content.decode()
    assert "paths" in page
    assert 'href="/desk/undertakings/paths/?as_of=2026-04-30&amp;known_at=2026-05-01T23%3A59%3A59' in page
    assert {row["As of"] for row in table(client, **then)} == {"2026-04-30"}


def test_an_official_watches_what_their_body_answers_for(town: District):
    assert "Nothing is red or amber." in shown(reader(town, "stranger"), "/desk/watch/")
    assert table(reader(town, "stranger")) == []
    assert "roofs" in shown(reader(town, "reporter"), "/desk/watch/")


# What has changed


def test_changes_tell_what_turned_what_was_corrected_and_by_whom(town: District):
    page = shown(reader(town), "/desk/changes/", since="2026-04-30")
    assert "from 30 April 2026 to 31 May 2026" in page
    for head, name in (("Cured", "paths"), ("Figures corrected that had been reported", "wells"), ("Plans written anew", "paths")):
        assert name in page[page.index(head) :], head
    corrected = page[page.index("Figures corrected") : page.index("Plans written anew")]
    assert re.search(r"¥790 became ¥700 counted twice reporter → reviewer", corrected), corrected
    assert re.search(r"¥1,200 became ¥1,500 a second lot", page)
    assert "ponds" in page[page.index("New undertakings") :]


def test_what_was_known_then_and_what_is_known_now_are_told_apart(town: District):
    client = reader(town)
    town.write("recorded undertaking measure kind period amount\n2026-05-31 paths invested report 2026-04-30 400")
    then = shown(client, "/desk/changes/", since="2026-04-30")
    assert "paths" in then[: then.index("Figures corrected")]
    now = shown(client, "/desk/changes/", since="2026-04-30", against="now")
    assert "paths" not in now[: now.index("Figures corrected")]


def test_the_page_stands_on_the_end_of_the_last_month_and_offers_others(town: District):
    page = shown(reader(town), "/desk/changes/")
    assert "from 30 April 2026 to 31 May 2026" in page
    for words in ("a week ago", "the end of last month", "the end of last quarter", "the end of last year"):
        assert words in page


def test_a_day_that_two_names_fit_is_offered_once():
    days = [day for day, _words in presets(date(2026, 1, 7))]
    assert days == [date(2025, 12, 31)]
    assert [day for day, _words in presets(date(2026, 5, 31))] == [
        date(2026, 5, 24),
        date(2026, 4, 30),
        date(2026, 3, 31),
        date(2025, 12, 31),
    ]


@pytest.mark.parametrize("address", ["/desk/changes/", "/desk/meeting/"])
@pytest.mark.parametrize(
    ("since", "words"),
    [
        ("2026-05-31", "31 May 2026 does not lie before 31 May 2026. Choose an earlier day to compare with."),
        ("last Tuesday", "“last Tuesday” is not a day."),
        ("0001-01-01", "“0001-01-01” is not a day."),
    ],
)
def test_a_day_that_cannot_be_compared_with_is_refused_in_words(town: District, address: str, since: str, words: str):
    assert words in shown(reader(town), address, 409, since=since)


def test_nothing_changed_is_said(town: District):
    client = reader(town, "stranger")
    assert "Nothing has changed since 30 May 2026." in shown(
        client, "/desk/changes/", as_of="2026-05-31", known_at="2026-05-30", since="2026-05-30"
    )


# One page for a meeting


def test_the_page_for_a_meeting_holds_counts_stakes_and_changes(town: District):
    page = shown(reader(town), "/desk/meeting/")
    for words in ("3 undertakings", "Green 3", "Everything that is under watch", "roofs", "more by 30 June 2026", "Cured 1 paths",
                  "Figures corrected 1 wells, invested, April 2026: ¥790 → ¥700 (counted twice)", "New undertakings 1 ponds",
                  "Work statistics, not official statistics.", "30 April 2026 is seen as it was known then."):  # fmt: skip
        assert words in page, words


def test_money_and_everything_else_share_the_ten_places(town: District):
    rows = "2026-01-05 late-0 start plan 2026 2026-02-10\n"
    for place in range(3):
        town.promise(f"late-{place}", lead="start")
    for place in range(17):
        rows += f"2026-01-05 poor-{place} invested plan 2026 {1200 + place}\n2026-05-31 poor-{place} invested report 2026-05-31 1\n"
    town.write("recorded undertaking measure kind period amount\n" + rows)
    page = shown(reader(town), "/desk/meeting/")
    assert "The 10 largest stakes; 11 more stand on the watch-list" in page
    money, rest = page[page.index("By amounts of money") :].split("By shares of the plan")
    assert money.count("poor-") == 9 and "late-0" in rest and "gates" not in rest[: rest.index("What has changed")]


@pytest.mark.parametrize(
    ("money", "rest", "left"),
    [(3, 4, (3, 4)), (20, 1, (9, 1)), (1, 20, (1, 9)), (0, 20, (0, 10)), (20, 0, (10, 0)), (12, 11, (6, 4)), (9, 2, (9, 1))],
)
def test_places_are_shared_and_none_stays_empty(money: int, rest: int, left: tuple[int, int]):
    rows: Any = [SimpleNamespace(watched=SimpleNamespace(stake=SimpleNamespace(money=place < money))) for place in range(money + rest)]
    found = [row.watched.stake.money for row in shared(rows)]
    assert (found.count(True), found.count(False)) == left


def test_an_empty_desk_has_an_empty_page(town: District):
    page = shown(reader(town, "stranger"), "/desk/meeting/", as_of="2026-02-28", known_at="2026-02-28")
    assert "0 undertakings" in page and "Nothing." in page


@pytest.mark.parametrize("address", PAGES)
def test_many_undertakings_cost_no_query_more(town: District, address: str):
    client = reader(town)
    counted = []
    for more in (0, 40):
        for place in range(more):
            town.promise(f"more-{place}", body=("works", "parks")[place % 2])
        rows = "".join(
            f"2026-05-31 more-{place} invested {kind}\n" for place in range(more) for kind in ("plan 2026 120", "report 2026-05-31 1")
        )
        town.write("recorded undertaking measure kind period amount\n" + rows)
        assert client.get(address).status_code == 200
        with CaptureQueriesContext(connection) as captured:
            assert client.get(address).getvalue()
        counted.append(len(captured))
    assert counted[0] == counted[1], counted
    if not address.endswith(".csv"):  # a file is written anew each time
        assert counted[1] <= MOST, "\n".join(query["sql"][:160] for query in captured)


# In a browser


@pytest.fixture
def crowd(transactional_db: None) -> District:
    """Thirty-three undertakings with long names and reasons, most of them behind, corrected and re-planned."""
    made = district()
    rows = ""
    for place in range(33):
        name = f"屯溪区老旧小区改造提升及配套基础设施建设工程第{place}标段（含雨污分流、道路白改黑、绿化亮化与停车位建设）"
        made.promise(f"p{place}", answerable_title="区政府党组成员、副区长、区住房和城乡建设局局长")
        made.undertakings[f"p{place}"].name = made.undertakings[f"p{place}"].name_en = name
        made.undertakings[f"p{place}"].save()
        past = (40_000_000 + place, 1_000_000)[place % 4 != 0]
        rows += f"2026-01-05 p{place} invested plan 2026 120000000\n2026-04-30 p{place} invested report 2026-04-30 {past}\n"
        rows += f"2026-05-02 p{place} invested report 2026-04-30 {past + 500_000}\n" if place % 3 == 0 else ""
        rows += f"2026-05-03 p{place} invested plan 2026 {130_000_000 + place}\n" if place % 5 == 0 else ""
        rows += f"2026-05-31 p{place} invested report 2026-05-31 {(2_000_000, 52_000_000, 40_500_000)[place % 3]}\n"
    made.write("recorded undertaking measure kind period amount\n" + rows)
    return made


@pytest.mark.parametrize("language", ["zh-hans", "zh-hant", "en"])
def test_a_district_of_thirty_three_fits_on_one_sheet(language: str, crowd: District, open_page: Callable[..., Any]):
    page = open_page(language=language, user=crowd.people["dispatcher"])
    page.goto("/desk/meeting/")
    assert page.locator(".paper-rows tbody tr").count() == 10
    page.emulate_media(media="print")
    assert page.locator(".paper").is_visible() and not page.locator(".since").is_visible()
    printed = page.pdf(prefer_css_page_size=True)
    assert len(re.findall(rb"/Type\s*/Page\b", printed)) == 1


@pytest.mark.parametrize("width", [390, 1440])
@pytest.mark.parametrize("address", ["/desk/watch/", "/desk/changes/", "/desk/meeting/"])
def test_the_pages_fit_and_hold_no_barrier(
    width: int, address: str, crowd: District, open_page: Callable[..., Any], barriers: Callable[[Any], list[str]]
):
    page = open_page(width=width, language="en", user=crowd.people["dispatcher"])
    page.goto(address)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert barriers(page) == []


def test_a_choice_in_the_list_needs_no_button_and_without_script_a_button(crowd: District, open_page: Callable[..., Any]):
    page = open_page(language="en", user=crowd.people["dispatcher"])
    page.goto("/desk/watch/")
    page.get_by_label("Light").select_option("red")
    page.wait_for_url("**light=red**")
    assert page.locator(".watch-rows .light").count() > 0
    assert set(page.locator(".watch-rows .light").evaluate_all("all => all.map(one => one.classList.contains('light-red'))")) == {True}
