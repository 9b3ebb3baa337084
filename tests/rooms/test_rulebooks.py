"""Rulebooks that bodies and programmes own: written, adopted by somebody else, inherited, and in force from a day on."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext
from rulers import FEBRUARY, MARCH, adopted, ruled, written
from stage import NOW, District

from duban.core.refusals import Refusal
from duban.core.rulebook import Rulebook
from duban.people.models import AuditLine, Body
from duban.press import figures
from duban.press.models import Figure
from duban.registry import rulebook_actions as actions
from duban.registry import rulebooks
from duban.registry.models import Programme, RulebookVersion
from duban.standing import actions as standing

pytestmark = pytest.mark.django_db
STRICT = "[schedule]\nbehind = 2\n"


@pytest.fixture
def town(db: None) -> District:
    return ruled()


def code(call: Callable[..., Any], **named: Any) -> str:
    with pytest.raises(Refusal) as refused:
        call(**named)
    return refused.value.code


def behind(town: District, of: str, as_of: date = MARCH, **more: Any) -> int:
    """How many points a programme may lie behind on a day."""
    return rulebooks.in_force(as_of=as_of, **more)[town.programmes[of].pk].schedule.behind


def lit(town: District, undertaking: str, as_of: date = FEBRUARY, **more: Any) -> str:
    row = standing.stand(as_of=as_of, **more).standings.get(undertaking__code=undertaking)
    return f"{row.light} {row.rule}"


# In force


def test_a_programme_is_judged_by_its_own_rulebook_over_its_districts_over_its_citys(town: District):
    assert list(rulebooks.in_force(as_of=MARCH).values()) == [Rulebook(), Rulebook()]
    adopted(town, "city", "[schedule]\nbehind = 8\nfar_behind = 40\n[start]\nred_months = 6\n")
    adopted(town, "top", "[schedule]\nbehind = 6\n")
    adopted(town, "invested", "[schedule]\nfar_behind = 20\n")
    found = rulebooks.in_force(as_of=MARCH)
    own, other = (found[town.programmes[code].pk] for code in ("invested", "cleared"))
    assert (own.schedule.behind, own.schedule.far_behind, own.start.red_months) == (6, 20, 6)
    assert (other.schedule.behind, other.schedule.far_behind, other.start.red_months) == (6, 40, 6)


def test_a_body_elsewhere_rules_nothing_here(town: District):
    Body.objects.create(code="next", kind="district", name="县", path="city/next/", parent=town.bodies["city"])
    twin = Body.objects.create(code="to", kind="district", name="镇", path="city/to/", parent=town.bodies["city"])
    town.bodies["to"] = twin
    draft = written(town, "to", STRICT, by="clerk")
    actions.adopt(version=draft, by=town.people["mayor"], now=NOW, seen=draft.digest)
    assert behind(town, "invested") == 10


def test_a_preset_stands_in_place_of_the_bodies_above(town: District):
    adopted(town, "city", "[schedule]\nbehind = 8\n")
    adopted(town, "invested", 'inherits = "yinchuan"\n')
    assert behind(town, "invested") == 10
    assert behind(town, "cleared") == 8


def test_a_version_speaks_from_its_day_until_a_later_one_does(town: District):
    adopted(town, "invested", "[schedule]\nbehind = 5\n", since=date(2026, 2, 1))
    adopted(town, "invested", "[schedule]\nbehind = 7\n", since=date(2026, 3, 1))
    days = [date(2026, 1, 31), date(2026, 2, 1), date(2026, 2, 28), date(2026, 3, 1)]
    assert [behind(town, "invested", day) for day in days] == [10, 5, 5, 7]


def test_what_is_decided_for_a_later_day_outlasts_what_is_decided_afterwards_for_an_earlier_one(town: District):
    adopted(town, "invested", "[schedule]\nbehind = 5\n", since=date(2026, 6, 1))
    adopted(town, "invested", "[schedule]\nbehind = 7\n", since=date(2026, 3, 1), now=NOW + timedelta(days=9))
    assert [behind(town, "invested", day) for day in (date(2026, 5, 31), date(2026, 6, 1))] == [7, 5]


def test_of_two_versions_from_one_day_the_one_adopted_last_speaks(town: District):
    adopted(town, "invested", "[schedule]\nbehind = 5\n")
    adopted(town, "invested", "[schedule]\nbehind = 7\n", now=NOW + timedelta(hours=1))
    assert behind(town, "invested") == 7
    assert behind(town, "invested", known_at=NOW) == 5


def test_drafts_and_what_was_discarded_rule_nothing(town: District):
    draft = written(town, "invested", STRICT)
    assert behind(town, "invested") == 10
    actions.discard(version=draft, by=town.people["dispatcher"])
    assert behind(town, "invested") == 10


def test_who_looks_back_is_shown_the_rules_that_had_been_adopted_by_then(town: District):
    adopted(town, "invested", STRICT, since=date(2026, 1, 1), now=NOW)
    assert lit(town, "roofs") == "amber behind"
    assert lit(town, "roofs", known_at=NOW - timedelta(seconds=1)) == "green watch"
    assert lit(town, "lamps") == "green watch"


def test_adopting_a_rulebook_changes_at_once_what_lights_show(town: District):
    assert lit(town, "roofs") == "green watch"
    adopted(town, "invested", STRICT, since=FEBRUARY)
    assert lit(town, "roofs") == "amber behind"
    assert lit(town, "roofs", as_of=date(2026, 2, 27)) == "grey silent"


def test_a_figure_that_counts_lights_follows_the_rulebook_and_others_do_not_ask_for_it(town: District):
    lights = Figure.objects.create(
        code="behind", name="滞后", operation="lit", programme=town.programmes["invested"], lights=["amber"], unit="项"
    )
    head = standing.reads.head()
    assert figures.answer(lights, as_of=FEBRUARY, head=head).value == 0
    adopted(town, "invested", STRICT, since=FEBRUARY)
    assert figures.answer(lights, as_of=FEBRUARY, head=head).value == 1
    assert figures.answer(lights, as_of=FEBRUARY, head=head, known_at=NOW - timedelta(days=1)).value == 0
    spent = Figure.objects.create(
        code="spent", name="投资", operation="sum", programme=town.programmes["invested"], measure=town.measures["invested"], unit="元"
    )
    figures.answer(spent, as_of=FEBRUARY, head=head, revision=1)
    with CaptureQueriesContext(connection) as queries:
        figures.answer(spent, as_of=FEBRUARY, head=head, revision=1)
    assert len(queries) == 0


def test_several_days_at_once_are_judged_as_each_of_them_alone_in_two_queries(town: District):
    adopted(town, "city", "[schedule]\nbehind = 8\n", since=date(2026, 1, 1))
    adopted(town, "invested", "[schedule]\nbehind = 5\n", since=date(2026, 3, 1), now=NOW + timedelta(days=2))
    adopted(town, "invested", "[schedule]\nbehind = 6\n", since=date(2026, 2, 1), now=NOW + timedelta(days=9))
    adopted(town, "invested", "[schedule]\nbehind = 7\n", since=date(2026, 3, 1), now=NOW + timedelta(days=3))
    days = [date(2025, 12, 31), date(2026, 1, 31), date(2026, 2, 28), date(2026, 3, 31)]
    for known_at in (None, NOW, NOW + timedelta(days=2), NOW + timedelta(days=9)):
        alone = {day: rulebooks.in_force(as_of=day, known_at=known_at, led=True) for day in days}
        with CaptureQueriesContext(connection) as queries:
            assert rulebooks.on_days(days, known_at=known_at) == alone
        assert len(queries) == 2
    assert rulebooks.on_days([]) == {}


def test_it_takes_two_queries_however_many_programmes_and_versions_there_are(town: District):
    adopted(town, "invested", STRICT)

    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            rulebooks.in_force(as_of=MARCH)
        return len(queries)

    few = asked()
    for number in range(20):
        programme = Programme.objects.create(code=f"p{number}", name=f"p{number}", owner=town.bodies["works"])
        town.programmes[programme.code] = programme
        adopted(town, programme.code, f"[schedule]\nbehind = {number}\n")
    assert asked() == few == 2
    assert behind(town, "p7") == 7


# Writing and adopting


def test_what_is_written_and_adopted_is_kept_with_who_and_why(town: District):
    version = adopted(town, "invested", STRICT)
    version.refresh_from_db()
    assert (version.state, version.author, version.adopted_by) == ("adopted", town.people["dispatcher"], town.people["leader"])
    assert (version.text, version.digest, version.reason, version.adopted_at) == (STRICT, actions.digest_of(STRICT), "because", NOW)
    lines = AuditLine.objects.order_by("pk").values_list("act", "subject", "who__username")
    assert list(lines) == [("rulebook.draft", "invested", "dispatcher"), ("rulebook.adopt", "invested", "leader")]
    assert AuditLine.objects.first().facts["digest"] == version.digest  # type: ignore[union-attr]


def test_nobody_adopts_what_they_had_a_hand_in(town: District):
    draft = written(town, "invested", STRICT)
    assert code(actions.adopt, version=draft, by=town.people["dispatcher"], now=NOW, seen=draft.digest) == "rulebook-own"
    again = actions.rewrite(version=draft, text="", since=MARCH, reason="because", by=town.people["clerk"], now=NOW, seen=draft.digest)
    for by in ("dispatcher", "clerk"):
        assert code(actions.adopt, version=again, by=town.people[by], now=NOW, seen=again.digest) == "rulebook-own"
    actions.adopt(version=again, by=town.people["leader"], now=NOW, seen=again.digest)


@pytest.mark.parametrize("by", ["reporter", "reviewer", "editor", "resident", "leader", "stranger"])
def test_only_a_dispatcher_of_the_body_or_above_writes_its_rulebook(town: District, by: str):
    with pytest.raises(PermissionDenied):
        written(town, "invested", STRICT, by=by)
    draft = written(town, "invested", STRICT)
    with pytest.raises(PermissionDenied):
        actions.discard(version=draft, by=town.people[by])


@pytest.mark.parametrize("by", ["reporter", "reviewer", "editor", "resident", "stranger"])
def test_only_a_dispatcher_or_a_leader_adopts_it(town: District, by: str):
    draft = written(town, "invested", STRICT)
    with pytest.raises(PermissionDenied):
        actions.adopt(version=draft, by=town.people[by], now=NOW, seen=draft.digest)


def test_a_district_does_not_write_its_citys_rulebook_and_a_city_may_write_its_districts(town: District):
    with pytest.raises(PermissionDenied):
        written(town, "city", STRICT)
    assert written(town, "top", STRICT, by="clerk").state == "draft"


def test_what_is_adopted_is_never_changed(town: District):
    version = adopted(town, "invested", STRICT)
    by = town.people["dispatcher"]
    assert code(actions.discard, version=version, by=by) == "rulebook-in-another-state"
    rewriting = {"version": version, "text": "", "since": MARCH, "reason": "x", "by": by, "now": NOW, "seen": version.digest}
    assert code(actions.rewrite, **rewriting) == "rulebook-in-another-state"
    assert code(actions.adopt, version=version, by=town.people["mayor"], now=NOW, seen=version.digest) == "rulebook-in-another-state"


def test_there_is_one_draft_at_a_time(town: District):
    draft = written(town, "invested", STRICT)
    with pytest.raises(Refusal) as refused:
        written(town, "invested", "")
    assert (refused.value.code, refused.value.facts["by"]) == ("rulebook-draft-waits", "dispatcher")
    assert written(town, "cleared", STRICT).state == written(town, "top", STRICT).state == "draft"
    actions.discard(version=draft, by=town.people["dispatcher"])
    assert written(town, "invested", "").state == "draft"


def test_the_database_itself_refuses_a_second_draft_and_a_rulebook_of_nobody(town: District):
    written(town, "invested", STRICT)
    for whose in ({"programme": town.programmes["invested"]}, {}, {"programme": town.programmes["cleared"], "body": town.bodies["top"]}):
        with pytest.raises(DatabaseError), transaction.atomic():
            RulebookVersion.objects.create(**whose, since=MARCH, digest="")


def test_two_who_change_one_draft_do_not_lose_each_others_words(town: District):
    draft = written(town, "invested", STRICT)
    change = {"version": draft, "since": MARCH, "reason": "because", "by": town.people["dispatcher"], "now": NOW, "seen": draft.digest}
    actions.rewrite(text="[schedule]\nbehind = 3\n", **change)
    assert code(actions.rewrite, text="[schedule]\nbehind = 4\n", **change) == "rulebook-rewritten"
    assert code(actions.adopt, version=draft, by=town.people["leader"], now=NOW, seen=draft.digest) == "rulebook-rewritten"


def test_a_draft_needs_a_reason_a_day_and_a_text_without_faults(town: District):
    draft = {"of": town.programmes["invested"], "by": town.people["dispatcher"], "now": NOW}
    assert code(actions.write, text="", since=MARCH, reason=" ", **draft) == "rulebook-needs-reason"
    assert code(actions.write, text="", since=date(1850, 1, 1), reason="x", **draft) == "day-unreadable"
    with pytest.raises(Refusal) as refused:
        actions.write(text="[schedule]\nbehind = 5\nfar = 6\n", since=MARCH, reason="x", **draft)
    assert (refused.value.code, refused.value.facts["row"], refused.value.facts["key"]) == ("rulebook-unfit", 3, "schedule.far")
    assert not RulebookVersion.objects.exists()
    assert not AuditLine.objects.exists()


def test_line_ends_of_any_kind_make_the_same_text(town: District):
    assert written(town, "invested", "[schedule]\r\nbehind = 2\r\n\r\n").text == STRICT
    assert written(town, "cleared", "[schedule]\rbehind = 2").text == STRICT


def test_a_rulebook_that_would_contradict_what_a_programme_sets_is_not_adopted(town: District):
    adopted(town, "invested", "[schedule]\nfar_behind = 20\n")
    draft = written(town, "top", "[schedule]\nbehind = 25\n")
    with pytest.raises(Refusal) as refused:
        actions.adopt(version=draft, by=town.people["leader"], now=NOW, seen=draft.digest)
    assert refused.value.code == "rulebook-contradicts"
    assert {name: refused.value.facts[name] for name in ("key", "name", "day")} == {
        "key": "schedule.far_behind", "name": "invested", "day": MARCH,
    }  # fmt: skip


def test_a_contradiction_that_comes_with_a_later_version_is_found_too(town: District):
    adopted(town, "invested", "[schedule]\nfar_behind = 20\n", since=date(2026, 6, 1))
    draft = written(town, "top", "[schedule]\nbehind = 25\n", since=MARCH)
    with pytest.raises(Refusal) as refused:
        actions.adopt(version=draft, by=town.people["leader"], now=NOW, seen=draft.digest)
    assert refused.value.facts["day"] == date(2026, 6, 1)
