"""What programs read: the numbers of the pages, of when they are asked, within what a token reaches."""

from __future__ import annotations

import csv
import io
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.core.cache import cache
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from stage import NOW, District, district

from duban.people import tokens
from duban.people.models import Appointment, Token, User

pytestmark = pytest.mark.django_db
JUNE = date(2026, 6, 30)
BOOK = """
recorded    undertaking  measure   kind    period      amount
2026-01-05  roofs        invested  plan    2026        1200
2026-01-05  ponds        invested  plan    2026        1200
2026-05-10  roofs        invested  report  2026-04-30  300
2026-05-10  ponds        invested  report  2026-04-30  500
2026-06-10  roofs        invested  report  2026-04-30  100
"""
MAY = {"as_of": "2026-04-30", "known_at": "2026-05-31"}
READS = ("standings", "undertakings/roofs", "watch", "changes?since=2026-03-31", "rates", "forecasts")


@pytest.fixture
def town(settings: Any) -> District:
    cache.clear()
    settings.SET = {**settings.SET, "today": JUNE}
    made = district()
    made.people["leader"] = User.objects.create_user("leader")
    Appointment.objects.create(user=made.people["leader"], body=made.bodies["top"], role="leader", since=NOW)
    made.promise("roofs")
    made.promise("ponds", body="parks")
    made.write(BOOK)
    return made


def token(town: District, who: str = "leader", body: str = "top", scopes: Any = ("standings:read",)) -> str:
    return tokens.make(user=town.people[who], body=town.bodies[body], name="x", scopes=scopes, days=30, now=timezone.now())[1]


def ask(secret: str, path: str, status: int = 200, headers: Any = None, **asked: str) -> Any:
    named = {"Authorization": f"Bearer {secret}", "Accept-Language": "en", **(headers or {})}
    answer = Client().get(f"/api/v1/{path}", asked, headers=named)
    assert answer.status_code == status, answer.content
    return answer if status == 304 or headers else answer.json()


def in_file(town: District, name: str, **asked: str) -> list[dict[str, str]]:
    """The rows of a list's file, in English, as the desk gives it to the leader."""
    client = Client(headers={"Accept-Language": "en"})
    client.cookies["django_language"] = "en"
    client.force_login(town.people["leader"], backend="allauth.account.auth_backends.AuthenticationBackend")
    answer = client.get(f"/desk/{name}.csv", asked)
    return list(csv.DictReader(io.StringIO(answer.getvalue().decode("utf-8-sig"))))


def number(text: str | None) -> Decimal | None:
    return Decimal(text) if text else None


@pytest.mark.parametrize("asked", [{}, MAY, {**MAY, "corrected": "1"}, {"light": "red"}, {"body": "parks"}])
def test_standings_are_those_of_the_list(town: District, asked: dict[str, str]):
    told, listed = ask(token(town), "standings", **asked), in_file(town, "undertakings", **asked)
    assert [
        (row["undertaking"], number(row["done"]), number(row["planned"]), number(row["gap"]), row["why"], row["cure"])
        for row in told["standings"]
    ] == [(row["Code"], number(row["Done"]), number(row["Schedule"]), number(row["Points"]), row["Why"], row["Cure"]) for row in listed]
    assert told["count"] == len(listed)
    if listed:
        moment, line = told["moment"], listed[0]
        assert (moment["as_of"], str(moment["head"]), moment["rulebook"]) == (
            line["As of"], line["Ledger head"], line["Digest of the rulebooks"],
        )  # fmt: skip


def test_an_undertaking_is_told_as_it_was_known(town: District):
    then, since = (ask(token(town), "undertakings/roofs", **asked) for asked in (MAY, {"as_of": "2026-04-30"}))
    assert (then["standing"]["done"], since["standing"]["done"]) == ("300", "100")
    assert then["standing"]["light"] != "" and then["moment"]["known_at"].startswith("2026-05-31T")
    reported = [
        [entry["amount"] for entry in slot["entries"]] for told in (then, since) for slot in told["slots"] if slot["kind"] == "report"
    ]
    assert reported == [["300"], ["100", "300"]]


def test_the_watch_list_is_that_of_the_desk(town: District):
    told, listed = ask(token(town), "watch"), in_file(town, "watch")
    assert [(str(row["rank"]), row["standing"]["undertaking"], number(row["amount"]), row["since"]) for row in told["watch"]] == [
        (row["Rank"], row["Code"], number(row["Amount at stake"]), row["Since"]) for row in listed
    ]
    assert listed
    assert [one["what"] for one in told["watch"][0]["tried"]]


def test_changes_are_those_of_the_desk(town: District):
    told, listed = ask(token(town), "changes", since="2026-05-31"), in_file(town, "changes", since="2026-05-31")
    kinds = [*told["turned"].values(), *told["reached"].values(), told["corrected"], told["replanned"], told["entered"]]
    assert sum(kind["count"] for kind in kinds) == len(listed)
    assert told["corrected"]["rows"][0]["before"], told["corrected"]["rows"][0]["after"] == ("300", "100")


def test_rates_and_stages_are_those_of_the_board(town: District):
    told, total = ask(token(town), "rates"), in_file(town, "stages")[-1]
    assert told["staged"] == int(total["In a stage"])
    assert next((rate["done"], rate["of"]) for rate in told["rates"]) == (
        int(total["Signing rate: signed"]), int(total["Signing rate: taken of"]),
    )  # fmt: skip
    races = in_file(town, "stages/races")
    assert [(race["programme"], number(race["gap"])) for race in told["races"]] == [
        (race["Code"], number(race["Points ahead of time"])) for race in races
    ]


def test_forecasts_are_those_of_the_file(town: District):
    told, listed = ask(token(town), "forecasts"), in_file(town, "forecast")
    assert [(row["code"], number(row["done"]), bool(row["reason"])) for row in told["forecasts"]] == [
        (row["Code"], number(row["Done"]), bool(row["Why not"])) for row in listed
    ]
    assert ask(token(town), "forecasts", 404, programme="nothing")


def test_a_long_list_comes_in_parts(town: District):
    secret = token(town)
    whole = ask(secret, "standings")["standings"]
    parts = [ask(secret, "standings", page=page, size="1")["standings"] for page in ("1", "2", "9")]
    assert parts == [[whole[0]], [whole[1]], []]


def test_a_token_reads_within_its_body_and_no_further(town: District):
    secret = token(town, body="works")
    assert [row["undertaking"] for row in ask(secret, "standings")["standings"]] == ["roofs"]
    assert ask(secret, "undertakings/ponds", 404)
    assert ask(token(town, who="reporter", body="works", scopes=["slots:read"]), "standings", 403)["code"] == "not-permitted"
    with pytest.raises(PermissionDenied):
        token(town, who="leader", scopes=["submissions:write"])


def test_who_may_no_longer_read_the_desk_reads_nothing(town: District):
    secret = token(town)
    town.people["leader"].appointments.update(until=timezone.now())
    for path in READS:
        assert ask(secret, path, 403)["code"] == "not-permitted"


@pytest.mark.parametrize("path", READS)
def test_what_has_not_changed_is_not_told_again(town: District, path: str):
    secret = token(town)
    tag = ask(secret, path, headers={"X-First": "1"})["ETag"]
    assert ask(secret, path, 304, headers={"If-None-Match": tag}).content == b""
    town.write("recorded undertaking measure kind period amount\n2026-06-20 roofs invested report 2026-05-31 500\n")
    assert ask(secret, path, headers={"If-None-Match": tag})["ETag"] != tag


@pytest.mark.parametrize("path", READS)
@pytest.mark.parametrize(("asked", "code"), [({"as_of": "2026-02-31"}, "day-unreadable"), ({"known_at": "soon"}, "moment-unreadable")])
def test_a_moment_that_is_none_is_refused_in_words(town: District, path: str, asked: dict[str, str], code: str):
    base, _question, query = path.partition("?")
    told = ask(token(town), base, 409, **asked, **dict(pair.split("=") for pair in query.split("&") if pair))
    assert told["code"] == code and told["message"]


def test_what_an_address_does_not_know_is_refused_and_not_passed_over(town: District):
    told = ask(token(town), "standings", 409, lights="red")
    assert (told["code"], told["facts"]["parameter"]) == ("parameter-unknown", "lights")


@pytest.mark.parametrize("path", READS)
def test_more_undertakings_cost_no_query_more(town: District, path: str):
    secret, counted = token(town), []
    for first, end in ((0, 3), (3, 30)):
        rows = ""
        for place in range(first, end):
            town.promise(f"more-{place}", body=("works", "parks")[place % 2])
            rows += f"2026-05-31 more-{place} invested plan 2026 120\n2026-06-01 more-{place} invested report 2026-05-31 1\n"
        town.write("recorded undertaking measure kind period amount\n" + rows)
        ask(secret, path)
        with CaptureQueriesContext(connection) as captured:
            ask(secret, path)
        counted.append(len(captured))
    assert counted[0] == counted[1], "\n".join(query["sql"][:160] for query in captured)


def test_scopes_are_offered_to_those_whom_they_serve(town: District):
    assert [scope for scope, _label in tokens.scopes(town.people["leader"])] == [Token.Scope.STANDINGS]
    assert {scope for scope, _label in tokens.scopes(town.people["reporter"])} == set(Token.Scope.values)
