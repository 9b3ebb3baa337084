"""Rulebooks as officials read, write and adopt them."""

from __future__ import annotations

from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from rulers import MARCH, adopted, ruled, written
from stage import NOW, District

from duban.core import periods
from duban.registry import rulebooks
from duban.registry.models import RulebookVersion

pytestmark = pytest.mark.django_db
OWN = ("programme", "invested")


@pytest.fixture
def town(monkeypatch: pytest.MonkeyPatch) -> District:
    monkeypatch.setitem(django_settings.SET, "today", MARCH)
    return ruled()


def reader(town: District, name: str = "dispatcher") -> Client:
    client = Client()
    client.cookies[django_settings.LANGUAGE_COOKIE_NAME] = "en"
    client.force_login(town.people[name], backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


def told(answer: HttpResponse, status: int = 200) -> str:
    assert answer.status_code == status, answer
    return " ".join(unescape(answer.content.decode()).split())


def page(town: District, *address: Any, by: str = "dispatcher", **asked: str) -> str:
    return told(reader(town, by).get(reverse(address[0], args=address[1:]), asked))


def typed(**more: Any) -> dict[str, Any]:
    """What the editor sends."""
    return {"since": "2026-03-01", "reason": "decided in March", "seen": "", "base": "", "text": "", **more}


def saved(town: District, by: str = "dispatcher", **more: Any) -> RulebookVersion:
    answer = reader(town, by).post(reverse("web:rulebook_draft", args=OWN), typed(**more))
    found = RulebookVersion.objects.get(state="draft")
    assert answer.status_code == 302 and answer["Location"] == reverse("web:rulebook_version", args=[found.pk])
    return found


# Reading


def test_the_list_shows_who_rules_what_from_the_top_down(town: District) -> None:
    adopted(town, "city", "[schedule]\nbehind = 8\n")
    adopted(town, "invested", "[schedule]\nbehind = 6\n")
    listed = page(town, "web:rulebooks")
    rows = listed[listed.index("<tbody>") :].split("<tr>")[1:]
    assert [row.count("rule-depth-") and row.partition("rule-depth-")[2][0] for row in rows] == ["0", "1", "2", "2"]
    assert ["inherits 市" in row for row in rows] == [False, True, True, False]
    assert ["from 1 March 2026" in row for row in rows] == [True, False, False, True]


def test_what_applies_is_shown_with_who_says_it(town: District) -> None:
    adopted(town, "city", "[schedule]\nbehind = 8\n[reports]\ngrace_days = 3\n")
    adopted(town, "invested", '[schedule]\nbehind = 6\n[labels]\n"双进双产" = ["new", "producing"]\n')
    shown = page(town, "web:rulebook", *OWN)
    applied = [row.split("</tr>")[0] for row in shown[shown.index("rule-applied") :].split("<tr>")[2:]]
    assert len(applied) == 3
    amber, grace, label = applied
    assert "Amber" in amber and "<td>more than 6 points behind</td>" in amber and "invested, from 1 March 2026" in amber
    assert "Days of grace" in grace and "<td>3</td>" in grace and "市, from 1 March 2026" in grace
    assert "双进双产" in label and "new · in production" in label
    assert "behind = 6" in shown and 'curve = "own"' in shown


def test_who_looks_back_reads_the_rulebook_of_then(town: District) -> None:
    adopted(town, "invested", "[schedule]\nbehind = 6\n", now=NOW)
    earlier = {"as_of": "2026-03-01", "known_at": (NOW - timedelta(hours=1)).isoformat()}
    assert "Nothing is set; duban's own defaults apply." in page(town, "web:rulebook", *OWN, **earlier)
    assert "Nothing is set" not in page(town, "web:rulebook", *OWN, as_of="2026-03-01")


def test_a_district_reads_its_citys_rulebook_and_does_not_write_it(town: District) -> None:
    shown = page(town, "web:rulebook", "body", "city")
    assert "Begin a draft" not in shown
    assert reader(town).get(reverse("web:rulebook_draft", args=("body", "city"))).status_code == 403
    assert "Begin a draft" in page(town, "web:rulebook", "body", "city", by="clerk")


def test_what_has_always_held_is_said_so(town: District) -> None:
    adopted(town, "invested", "[schedule]\nbehind = 6\n", since=periods.BEGINNING)
    shown = page(town, "web:rulebook", "programme", "invested")
    assert "Its own, since the beginning" in shown and "1900" not in shown


def test_every_version_stays_in_the_history_with_its_reason_and_its_difference(town: District) -> None:
    adopted(town, "invested", "[schedule]\nbehind = 6\n", now=NOW - timedelta(days=3))
    second = adopted(town, "invested", "[schedule]\nbehind = 7\n")
    shown = page(town, "web:rulebook", *OWN)
    assert shown.count("Open this version") == 2
    assert shown.count("in force</span>") == 1
    assert "<del>behind = 6</del>" in shown and "<ins>behind = 7</ins>" in shown
    assert "written by dispatcher, adopted by leader on" in shown
    opened = page(town, "web:rulebook_version", second.pk, by="reporter")
    assert second.digest in opened and "because" in opened


# Writing


def test_a_rulebook_is_written_by_one_and_adopted_by_another(town: District) -> None:
    draft = saved(town, **{"set.schedule.behind": "2"})
    assert draft.text == "[schedule]\nbehind = 2\n"
    assert "somebody else adopts it" in page(town, "web:rulebook_version", draft.pk)
    refused = reader(town).post(reverse("web:rulebook_adopt", args=[draft.pk]), {"seen": draft.digest})
    assert "Nobody adopts a rulebook that they had a hand in." in told(refused, 409)
    assert ">Adopt</button>" in page(town, "web:rulebook_version", draft.pk, by="leader")
    done = reader(town, "leader").post(reverse("web:rulebook_adopt", args=[draft.pk]), {"seen": draft.digest})
    assert done["Location"] == reverse("web:rulebook", args=OWN)
    assert rulebooks.in_force(as_of=MARCH)[town.programmes["invested"].pk].schedule.behind == 2
    assert "decided in March" in page(town, "web:rulebook", *OWN)


def test_who_goes_on_with_a_draft_had_a_hand_in_it(town: District) -> None:
    draft = saved(town)
    again = saved(town, by="clerk", seen=draft.digest, text="[schedule]\nbehind = 3\n")
    assert again.pk == draft.pk and ">Adopt</button>" not in page(town, "web:rulebook_version", draft.pk, by="clerk")


def test_two_who_write_at_once_do_not_overwrite_each_other(town: District) -> None:
    draft = saved(town)
    saved(town, seen=draft.digest, text="[schedule]\nbehind = 3\n")
    late = reader(town, "clerk").post(reverse("web:rulebook_draft", args=OWN), typed(seen=draft.digest, text="[schedule]\nbehind = 9\n"))
    shown = told(late, 422)
    assert "Somebody has changed this draft since you opened it." in shown and "behind = 9" in shown
    draft.refresh_from_db()
    assert draft.text == "[schedule]\nbehind = 3\n"


def test_a_fault_is_told_beside_its_field_and_nothing_is_lost(town: District) -> None:
    text = "[schedule]\nbehind = 300\n"
    answer = reader(town).post(reverse("web:rulebook_draft", args=OWN), typed(text=text, base=text))
    shown = told(answer, 422)
    field = shown[shown.index('id="faults-schedule-behind"') :]
    assert "schedule.behind" in field.partition("</div>")[0]
    assert "behind = 300" in shown and "decided in March" in shown
    assert not RulebookVersion.objects.exists()


@pytest.mark.parametrize(
    "wrong", [{"reason": " "}, {"since": "soon"}, {"since": "9999-01-01"}, {"text": "[schedule\n"}, {"text": "#" * 20_001}]
)
def test_what_a_draft_needs_is_told_on_the_page(town: District, wrong: dict[str, str]) -> None:
    answer = reader(town).post(reverse("web:rulebook_draft", args=OWN), typed(**wrong))
    assert 'role="alert"' in told(answer, 422)
    assert not RulebookVersion.objects.exists()


def test_a_draft_begins_with_what_speaks_now_or_with_a_published_set(town: District) -> None:
    adopted(town, "invested", "# ours\n[schedule]\nbehind = 6\n")
    assert "# ours" in page(town, "web:rulebook_draft", *OWN)
    begun = page(town, "web:rulebook_draft", *OWN, **{"from": "yinchuan"})
    assert 'inherits = "yinchuan"' in begun and "# ours" not in begun


# Fields and text follow each other


def synced(town: District, side: str, **more: Any) -> str:
    answer = reader(town).post(reverse("web:rulebook_draft", args=OWN), typed(sync=side, **more), headers={"HX-Request": "true"})
    return told(answer)


def source(fragment: str) -> str:
    return fragment.partition('id="rule-source"')[2].partition(">")[2].partition("</textarea>")[0].strip()


def test_a_field_goes_into_the_text_and_leaves_the_rest_as_it_stands(town: District) -> None:
    text = "# why\n[schedule]\nbehind = 8 # two less\n"
    shown = synced(town, "fields", base=text, text=text, **{"set.schedule.behind": "5", "set.start.judged": "false"})
    assert source(shown) == "# why [schedule] behind = 5 # two less [start] judged = false"
    emptied = synced(town, "fields", base=text, text=text, **{"set.schedule.behind": ""})
    assert source(emptied) == "# why [schedule]"


def test_the_text_goes_into_the_fields(town: District) -> None:
    shown = synced(town, "text", text="[schedule]\nbehind = 5\n", **{"set.schedule.behind": ""})
    assert 'name="set.schedule.behind" value="5"' in shown


def test_a_text_that_cannot_be_read_leaves_the_fields_as_they_were(town: District) -> None:
    before = "[schedule]\nbehind = 5\n"
    shown = synced(town, "text", base=before, text="[schedule]\nbehind = \n", **{"set.schedule.behind": "5"})
    assert 'name="set.schedule.behind" value="5"' in shown
    assert "Row 2: This is not TOML." in shown
    assert f'name="base" value="{" ".join(before.split())}' in shown


def test_labels_are_words_over_stages_that_are_written_renamed_and_dropped(town: District) -> None:
    row = {"label.0.name": "双进双产", "label.0.stage": ["new", "producing"]}
    assert source(synced(town, "fields", **row)) == '[labels] "双进双产" = ["new", "producing"]'
    text = '[labels]\n"双进双产" = ["new"]\n'
    renamed = synced(town, "fields", base=text, text=text, **{"label.0.name": "两进", "label.0.stage": ["new"]})
    assert source(renamed) == '[labels] "两进" = ["new"]'
    assert source(synced(town, "fields", base=text, text=text, **{"label.0.name": ""})) == "[labels]"


def test_a_preset_changes_what_every_field_would_inherit(town: District) -> None:
    adopted(town, "city", "[schedule]\nbehind = 8\n")
    assert "empty inherits 8 (市, from 1 March 2026)" in page(town, "web:rulebook_draft", *OWN)
    shown = synced(town, "preset", **{"set..inherits": "wuhan"})
    assert "empty inherits 80 (preset Wuhan)" in shown and source(shown) == 'inherits = "wuhan"'


def test_a_red_before_its_amber_is_told_while_it_is_written(town: District) -> None:
    adopted(town, "city", "[schedule]\nbehind = 20\n")
    shown = synced(town, "text", text="[schedule]\nfar_behind = 15\n")
    assert shown.count("“schedule.far_behind” would turn red before it turns amber.") == 2


# Drafts


def test_a_draft_is_for_those_who_write_or_adopt(town: District) -> None:
    draft = written(town, "invested", "[schedule]\nbehind = 2\n")
    for name in ("reporter", "reviewer", "editor"):
        assert reader(town, name).get(reverse("web:rulebook_version", args=[draft.pk])).status_code == 404
        assert "A draft by" not in page(town, "web:rulebook", *OWN, by=name)
    assert "A draft by dispatcher" in page(town, "web:rulebook", *OWN, by="leader")
    assert "a draft waits" in page(town, "web:rulebooks", by="leader")


def test_a_discarded_draft_makes_room_for_another(town: District) -> None:
    draft = saved(town)
    reader(town).post(reverse("web:rulebook_discard", args=[draft.pk]))
    draft.refresh_from_db()
    assert draft.state == "discarded"
    assert saved(town).pk != draft.pk


def test_a_contradiction_with_what_a_programme_sets_is_told_before_anybody_adopts(town: District) -> None:
    adopted(town, "invested", "[schedule]\nfar_behind = 12\n")
    draft = written(town, "top", "[schedule]\nbehind = 20\n")
    shown = page(town, "web:rulebook_version", draft.pk, by="leader")
    assert "(invested, from 1 March 2026)" in shown and ">Adopt</button>" not in shown
