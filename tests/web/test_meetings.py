"""Meetings that were held: what the next one is told begins with what the last one saw."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.test import Client
from stage import District, district

from duban.core.refusals import Refusal
from duban.people.models import AuditLine
from duban.standing import meetings
from duban.standing.models import Meeting

pytestmark = pytest.mark.django_db
MAY, MET = date(2026, 5, 31), date(2026, 5, 12)
MORNING = datetime(2026, 5, 12, 2, tzinfo=UTC)
"""Ten o'clock in the district; what a book records on a day, it records at noon."""
BOOK = """
recorded    undertaking  measure   kind    period      amount  reason
2026-01-05  roofs        invested  plan    2026        1200    -
2026-04-30  roofs        invested  report  2026-04-30  160     -
2026-05-12  roofs        invested  report  2026-04-30  380     counted again
"""


@pytest.fixture
def town(db: None, monkeypatch: pytest.MonkeyPatch) -> District:
    monkeypatch.setitem(django_settings.SET, "today", MAY)
    made = district()
    made.promise("roofs")
    made.write(BOOK)
    return made


def reader(town: District, name: str) -> Client:
    client = Client()
    client.cookies[django_settings.LANGUAGE_COOKIE_NAME] = "en"
    client.force_login(town.people[name], backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


def page(client: Client, address: str, **asked: str) -> str:
    response = client.get(address, asked)
    assert response.status_code == 200
    return response.content.decode()


def held(town: District, **changed: Any) -> Meeting:
    facts = {"body": town.bodies["top"], "held_on": MET, "name": "5月调度会", "by": town.people["dispatcher"], "now": MORNING, "on": MAY}
    return meetings.hold(**{**facts, **changed})


def test_changes_are_told_since_the_last_meeting_and_as_it_saw_them(town: District):
    client = reader(town, "dispatcher")
    assert "from 30 April 2026 to 31 May 2026" in page(client, "/desk/changes/")
    held(town)
    told = page(client, "/desk/changes/")
    assert "from 12 May 2026 to 31 May 2026" in told and "the last meeting" in told
    assert "counted again" in told, "the correction came after the meeting had ended, on the same day"
    assert "changes since 12 May 2026" in page(client, "/desk/meeting/")
    assert "from 30 April 2026" in page(client, "/desk/changes/", as_of="2026-05-12"), "a meeting has nothing to tell itself"
    assert "from 30 April 2026" in page(client, "/desk/changes/", known_at="2026-05-12T09:00"), "nobody had met by then"


def test_a_department_hears_of_its_own_meetings_and_of_those_above_and_its_leader_not_of_those_below(town: District):
    held(town, body=town.bodies["works"], held_on=date(2026, 5, 20), now=datetime(2026, 5, 20, 2, tzinfo=UTC))
    held(town)
    assert [one.held_on.day for one in meetings.heard((town.bodies["works"].path,))] == [20, 12]
    assert [one.held_on.day for one in meetings.heard((town.bodies["top"].path,))] == [12]
    assert [one.held_on.day for one in meetings.heard((town.bodies["parks"].path,))] == [12]
    assert list(meetings.heard(())) == []


def test_a_meeting_is_kept_on_a_page_once_a_day_and_never_ahead(town: District):
    client = reader(town, "dispatcher")
    form = {"body": town.bodies["top"].pk, "held_on": "2026-05-12", "name": " 5月调度会 "}
    assert "None is kept yet" in page(client, "/desk/meetings/")
    assert client.post("/desk/meetings/", form).status_code == 302
    kept = Meeting.objects.get()
    assert (kept.name, kept.held_on, kept.kept_by) == ("5月调度会", MET, town.people["dispatcher"])
    assert kept.known_at.astimezone().date() == MET, "a day that has passed is seen to its end"
    shown = page(client, "/desk/meetings/")
    assert "5月调度会" in shown and "as_of=2026-05-12&amp;known_at=2026-05-12T23" in shown
    assert "A meeting of 12 May 2026 is kept already." in client.post("/desk/meetings/", form).content.decode()
    assert "has not come yet" in client.post("/desk/meetings/", {**form, "held_on": "2026-06-01"}).content.decode()
    assert Meeting.objects.count() == 1
    with pytest.raises(Refusal, match="meeting-ahead"):
        held(town, held_on=date(2026, 6, 1))


def test_who_may_not_keep_one_has_no_form_and_what_was_kept_by_mistake_is_taken_back(town: District):
    kept = held(town)
    assert "Keep a meeting" not in page(reader(town, "reporter"), "/desk/meetings/")
    assert reader(town, "reporter").post("/desk/meetings/", {"held_on": "2026-05-13"}).status_code == 200
    assert Meeting.objects.count() == 1
    assert reader(town, "dispatcher").post(f"/desk/meetings/{kept.pk}/strike/").status_code == 302
    assert not Meeting.objects.exists()
    assert list(AuditLine.objects.filter(act__startswith="meeting.").values_list("act", flat=True).order_by("pk")) == [
        "meeting.hold",
        "meeting.strike",
    ]
