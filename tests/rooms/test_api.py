"""What programs hand in: once for each key, judged and queued like everything else, within a token's reach."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.utils import timezone
from rulers import weigh
from stage import TODAY, District, district

from duban.core.refusals import Refusal
from duban.intake import actions as intake
from duban.intake.models import Submission
from duban.ledger import reads as ledger
from duban.people import tokens
from duban.people.models import Appointment, AuditLine, Token

pytestmark = pytest.mark.django_db
ALL = ("slots:read", "submissions:write")


@pytest.fixture
def town(settings: Any) -> District:
    cache.clear()
    settings.SET = {**settings.SET, "today": TODAY}
    made = district()
    made.promise("roofs")
    made.promise("ponds", body="parks")
    return made


def token(town: District, who: str = "reporter", body: str = "works", scopes: Any = ALL) -> str:
    return tokens.make(user=town.people[who], body=town.bodies[body], name="x", scopes=scopes, days=30, now=timezone.now())[1]


def call(method: str, path: str, secret: str, given: Any = None, **headers: str) -> Any:
    body = {"data": json.dumps(given), "content_type": "application/json"} if given is not None else {}
    named = {"Authorization": f"Bearer {secret}", **{name.replace("_", "-"): value for name, value in headers.items()}}
    return getattr(Client(), method)(f"/api/v1/{path}", headers=named, **body)


def report(**line: Any) -> dict[str, Any]:
    return {"body": "works", "lines": [{"undertaking": "roofs", "measure": "invested", "period": "2026-01", "amount": "12", **line}]}


def hand_in(town: District, given: Any = None, *, key: str = "one", secret: str = "", **headers: str) -> Any:
    return call("post", "submissions", secret or token(town), given or report(), Idempotency_Key=key, **headers)


def test_a_report_waits_for_somebody_else_like_every_other(town: District):
    answer = hand_in(town)
    assert (answer.status_code, answer.json()["state"]) == (201, "submitted")
    submission = Submission.objects.get(pk=answer.json()["id"])
    assert (submission.origin, submission.submitted_by.username, ledger.head()) == ("api", "reporter", 0)
    intake.accept(submission=submission, by=town.people["reviewer"], now=timezone.now())
    again = call("get", f"submissions/{submission.pk}", token(town)).json()
    assert (again["state"], again["lines"][0]["amount"], ledger.head()) == ("accepted", "12", 1)


def test_the_same_key_does_nothing_twice_and_another_report_under_it_is_refused(town: District):
    secret = token(town)
    first, second = hand_in(town, secret=secret), hand_in(town, secret=secret)
    assert (first.status_code, second.status_code) == (201, 200)
    assert (first.json()["id"], Submission.objects.count()) == (second.json()["id"], 1)
    other = hand_in(town, report(amount="13"), secret=secret)
    assert (other.status_code, other.json()["code"]) == (409, "key-used-differently")
    assert hand_in(town, report(amount="13"), key="two", secret=secret).status_code == 201


def test_the_key_must_be_there(town: District):
    answer = call("post", "submissions", token(town), report())
    assert (answer.status_code, answer.json()["code"]) == (422, "request-unfit")


def test_everything_that_is_wrong_is_named_with_its_line_and_nothing_is_kept(town: District):
    given = {"body": "works", "lines": [
        {"undertaking": "roofs", "measure": "invested", "period": "2026-01", "amount": "about 300"},
        {"undertaking": "nowhere", "measure": "invested", "period": "2026-01", "amount": 1},
        {"undertaking": "roofs", "measure": "invested", "period": "2026-13", "amount": 1},
        {"undertaking": "roofs", "measure": "start", "period": "2026-01", "amount": 1},
        {"undertaking": "roofs", "measure": "invested", "period": "2026-01", "amount": -1},
        {"undertaking": "roofs", "measure": "invested", "period": "2026-01"},
        {"undertaking": "roofs", "measure": "invested", "period": "2026-01", "amount": "1.00001"},
    ]}  # fmt: skip
    answer = hand_in(town, given)
    assert answer.status_code == 422
    found = [(one["line"], one["field"]) for one in answer.json()["findings"]]
    assert found == [(0, "amount"), (1, "undertaking"), (2, "period"), (3, "day"), (4, "amount"), (5, "amount"), (6, "amount")]
    assert not Submission.objects.exists()


def test_amounts_keep_every_digit_and_may_name_their_unit(town: District):
    assert hand_in(town, report(amount="1,234.5万元")).json()["lines"][0]["amount"] == "12345000"
    assert hand_in(town, report(amount=0.1), key="two").json()["lines"][0]["amount"] == "0.1"
    assert hand_in(town, report(amount="99999999999.9999"), key="three").json()["lines"][0]["amount"] == "99999999999.9999"


def test_a_number_that_a_float_would_round_is_refused_or_kept_whole(town: District):
    def numbered(number: str, key: str) -> Any:
        headers = {"Authorization": f"Bearer {token(town)}", "Idempotency-Key": key}
        given = json.dumps(report()).replace('"12"', number)
        return Client().post("/api/v1/submissions", data=given, content_type="application/json", headers=headers)

    assert numbered("888888888888.12349999", "one").json()["findings"][0]["code"] == "amount-too-fine"
    assert numbered("888888888888.1234", "two").json()["lines"][0]["amount"] == "888888888888.1234"
    assert numbered("1e999999", "three").json()["findings"][0]["code"] == "amount-too-large"


@pytest.mark.parametrize("name", ["undertaking", "period", "amount", "reason", "explanation"])
def test_what_no_database_keeps_is_refused(town: District, name: str):
    answer = hand_in(town, report(**{name: "1\x00"}))
    assert (answer.status_code, answer.json()["code"]) == (422, "request-unfit")


def test_a_form_is_no_request(town: District):
    headers = {"Authorization": f"Bearer {token(town)}", "Idempotency-Key": "one"}
    answer = Client().post("/api/v1/submissions", {"body": "works"}, headers=headers)
    assert answer.status_code == 400


def test_a_key_is_its_makers_alone(town: District):
    made = hand_in(town, {**report(), "send": False}).json()["id"]
    intake.submit(submission=Submission.objects.get(pk=made), by=town.people["colleague"], now=timezone.now(), on=TODAY)
    assert hand_in(town, report(amount="13"), secret=token(town, "colleague")).status_code == 201


def test_what_is_accepted_after_a_report_arrived_is_not_overwritten_unseen(town: District):
    made = hand_in(town, report(reason="counted")).json()["id"]
    town.write("undertaking measure kind period amount\nroofs invested report 2026-01 11")
    with pytest.raises(Refusal, match="slot-spoke-meanwhile"):
        intake.accept(submission=Submission.objects.get(pk=made), by=town.people["reviewer"], now=timezone.now())


def test_what_says_nothing_new_makes_no_submission(town: District):
    town.write("undertaking measure kind period amount\nroofs invested report 2026-01 12")
    answer = hand_in(town)
    assert (answer.status_code, answer.json()["state"], answer.json()["unchanged"]) == (200, "unchanged", 1)
    assert not Submission.objects.exists()


def test_a_correction_needs_its_reason_and_what_was_seen_guards_what_was_accepted_since(town: District):
    town.write("undertaking measure kind period amount\nroofs invested report 2026-01 12")
    assert hand_in(town, report(amount="13")).json()["code"] == "correction-needs-reason"
    assert hand_in(town, report(amount="13", reason="again", seen=0)).json()["code"] == "slot-spoke-meanwhile"
    assert hand_in(town, report(amount="13", reason="again", seen=1)).status_code == 201


def test_what_the_rulebook_wants_explained_is_explained_or_refused_with_its_findings(town: District):
    town.write("undertaking measure kind period amount\nroofs invested report 2026-01 12")
    weigh(town, checks={"amount-falls": "explain"})
    given = report(period="2026-02", amount="9")
    refused = hand_in(town, given)
    assert (refused.status_code, refused.json()["code"]) == (409, "finding-unexplained")
    assert [(one["code"], one["line"]) for one in refused.json()["findings"] if one["weight"] == "explain"] == [("amount-falls", 0)]
    assert not Submission.objects.exists()
    assert hand_in(town, {**given, "lines": [{**given["lines"][0], "explanation": "an invoice was cancelled"}]}).status_code == 201
    assert Submission.objects.get().findings.get(code="amount-falls").explanation == "an invoice was cancelled"


def test_a_draft_waits_for_its_writer(town: District):
    assert hand_in(town, {**report(), "send": False}).json()["state"] == "draft"


def test_a_token_reaches_its_body_and_its_scopes_and_no_further(town: District):
    assert hand_in(town, {**report(), "body": "parks"}).json()["code"] == "body-unknown"
    stranger = hand_in(town, secret=token(town, "stranger", "parks"))
    assert (stranger.status_code, stranger.json()["code"]) == (409, "body-unknown")
    assert hand_in(town, secret=token(town, scopes=["slots:read"])).status_code == 403
    made = hand_in(town, key="three").json()["id"]
    assert call("get", f"submissions/{made}", token(town, "stranger", "parks")).status_code == 404
    theirs = report(undertaking="ponds")
    assert hand_in(town, theirs, key="four").json()["code"] == "undertaking-of-another-body"


def test_a_token_does_only_what_its_owner_still_may(town: District):
    secret = token(town)
    Appointment.objects.filter(user=town.people["reporter"]).update(until=timezone.now() - timedelta(hours=1))
    assert hand_in(town, secret=secret).status_code == 403
    town.people["reporter"].is_active = False
    town.people["reporter"].save()
    assert hand_in(town, secret=secret).status_code == 401


@pytest.mark.parametrize("change", [{"ended_at": timezone.now()}, {"expires_at": timezone.now() - timedelta(days=1)}, {"hashed": "x"}])
def test_a_token_that_does_not_run_opens_nothing(town: District, change: dict[str, Any]):
    secret = token(town)
    Token.objects.update(**change)
    assert hand_in(town, secret=secret).status_code == 401


def test_a_session_opens_nothing_here(town: District):
    client = Client()
    client.force_login(town.people["reporter"], backend="allauth.account.auth_backends.AuthenticationBackend")
    assert client.get("/api/v1/slots?body=works&period=2026-01").status_code == 401


def test_the_secret_is_kept_nowhere_and_its_making_and_end_are_recorded(town: District):
    made, secret = tokens.make(user=town.people["reporter"], body=town.bodies["works"], name="x", scopes=ALL, days=30, now=timezone.now())
    assert secret not in json.dumps(list(Token.objects.values()) + list(AuditLine.objects.values()), default=str)
    with pytest.raises(PermissionDenied):
        tokens.end(token=made, by=town.people["colleague"], now=timezone.now())
    tokens.end(token=made, by=town.people["reporter"], now=timezone.now())
    assert [line.act for line in AuditLine.objects.order_by("pk")][-2:] == ["token.make", "token.end"]


@pytest.mark.parametrize(
    ("change", "code"), [({"name": " "}, "token-name-missing"), ({"scopes": ["all"]}, "scope-unknown"), ({"days": 367}, "token-too-long")]
)
def test_a_token_is_for_something_and_not_for_ever(town: District, change: dict[str, Any], code: str):
    wanted = {"name": "x", "scopes": ALL, "days": 30, **change}
    with pytest.raises(Refusal) as refused:
        tokens.make(user=town.people["reporter"], body=town.bodies["works"], now=timezone.now(), **wanted)
    assert refused.value.code == code


def test_the_month_lists_what_is_to_be_reported_with_what_is_known(town: District):
    town.write("undertaking measure kind period amount\nroofs invested plan 2026 100\nroofs invested report 2026-01 12")
    slots = call("get", "slots?body=works&period=2026-02", token(town)).json()
    invested = next(one for one in slots if one["measure"] == "invested")
    assert (invested["now"], invested["seen"], invested["before"]["amount"], invested["plan"]["amount"]) == (None, 0, "12", "100")
    assert {one["undertaking"] for one in slots} == {"roofs"}
    assert call("get", "slots?body=works&period=2026-13", token(town)).json()["code"] == "period-unreadable"
    assert call("get", "slots?body=works&period=2026-03", token(town)).json()["code"] == "period-not-ended"


def test_a_refusal_is_told_in_the_language_that_was_asked_for(town: District):
    given = {**report(), "body": "parks"}
    told = {asked: hand_in(town, given, Accept_Language=asked).json()["message"] for asked in ("en", "zh-CN", "")}
    assert told["en"] == "Nobody knows a body “parks”."
    assert told["zh-CN"] == told[""] != told["en"]
