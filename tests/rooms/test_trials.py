"""What a rulebook would do is what it does: the dry run holds to the letter once the rulebook is adopted."""

from __future__ import annotations

import contextlib
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from rulers import adopted, ruled
from stage import NOW, District

from duban.core import rulefile
from duban.core.refusals import Refusal
from duban.core.rulebook import Rulebook, Schedule
from duban.ledger import reads as ledger
from duban.registry import rulebook_actions as actions
from duban.registry.models import RulebookVersion
from duban.standing import reads, trials
from duban.standing.actions import stand

pytestmark = pytest.mark.django_db
TODAY = date(2026, 3, 1)
BOOK = """
recorded    undertaking  measure   kind    period   amount
2025-01-05  early        invested  plan    2025     1200
2025-01-05  late         invested  plan    2025     1200
2025-01-05  idle         invested  plan    2025     1200
2025-01-05  silent       invested  plan    2025     1200
2025-07-05  early        invested  report  2025-06  700
2025-07-05  late         invested  report  2025-06  300
2025-07-05  idle         invested  report  2025-06  550
2025-10-05  early        invested  report  2025-09  950
2025-10-05  late         invested  report  2025-09  700
2025-10-05  idle         invested  report  2025-09  550
2026-01-05  early        invested  report  2025-12  1200
2026-01-05  late         invested  report  2025-12  900
2026-01-05  begin        cleared   plan    2026     1200
2026-01-05  begin        start     plan    2026     2026-01-15
2026-01-05  begin        finish    plan    2026     2026-02-10
2026-01-05  early        invested  plan    2026     1200
2026-01-05  late         invested  plan    2026     1200
2026-02-05  early        invested  report  2026-01  110
2026-02-05  late         invested  report  2026-01  40
2026-03-01  early        invested  report  2026-02  190
2026-03-01  late         invested  report  2026-02  150
"""


@pytest.fixture
def town(db: None) -> District:
    """The two promises of `rulers`, and five more: one ahead, one behind, one idle, one silent, one not begun."""
    made = ruled()
    made.promise("idle", stage="continuing")
    made.promise("begin", lead="cleared", stage="new")
    made.write(BOOK)
    return made


def lights(day: date) -> dict[str, tuple[str, str]]:
    """Light and rule of every undertaking on a day, by the rulebooks in force."""
    rows = reads.standings(stand(as_of=day)).values_list("undertaking__code", "light", "rule")
    return {code: (light, rule) for code, light, rule in rows}


def listed(version: RulebookVersion, day: date) -> dict[str, tuple[str, str, str, str]]:
    """The list of a dry run: old light and rule, new light and rule."""
    before, after = trials.snapshots(version, day=day, head=ledger.head())
    rows = reads.changed(before, after, trials.reached(version))
    return {row.undertaking.code: (row.was, row.was_rule, row.light, row.rule) for row in rows}


def differing(before: dict[str, tuple[str, str]], after: dict[str, tuple[str, str]]) -> dict[str, tuple[str, ...]]:
    return {code: (*before[code], *after[code]) for code in before if before[code][0] != after[code][0]}


def counted(seen: dict[str, tuple[str, str]]) -> dict[str, int]:
    return {light: sum(one == light for one, _ in seen.values()) for light in reads.LIGHTS}


def value(section: str, key: str) -> st.SearchStrategy[Any]:
    part = rulefile.declared(section)[key]
    if "choices" in part.metadata:
        return st.sampled_from(part.metadata["choices"])
    return st.integers(part.metadata["least"], min(part.metadata["most"], 40)) if "least" in part.metadata else st.booleans()


SPOKEN = ("schedule", "start", "finish", "conversion", "resumption", "reports")
LAYERS = st.fixed_dictionaries(
    {},
    optional={
        section: st.fixed_dictionaries({}, optional={key: value(section, key) for key in rulefile.declared(section)}) for section in SPOKEN
    },
)
OWNERS = st.sampled_from(["city", "top", "invested", "cleared"])
DAYS = trials.days(TODAY)
SOME = [DAYS[place] for place in (0, 1, 2, 5, 8, 12)]
KEPT = 40
"""Snapshots that are kept at the most."""


def draft(town: District, of: str, text: str, since: date) -> RulebookVersion:
    whose: Any = town.programmes.get(of) or town.bodies[of]
    return actions.write(of=whose, text=text, since=since, reason="x", by=town.people["clerk"], now=NOW)


def test_the_days_of_a_dry_run_are_today_and_the_last_twelve_months_ends():
    assert DAYS[:3] == [date(2026, 3, 1), date(2026, 2, 28), date(2026, 1, 31)]
    assert (len(DAYS), DAYS[-1]) == (13, date(2025, 3, 31))


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(OWNERS, LAYERS, OWNERS, LAYERS, st.sampled_from(SOME), st.sampled_from([None, *rulefile.PRESETS]))
@example("invested", {"schedule": {"behind": 2}}, "city", {}, DAYS[-1], None)
@example("top", {"resumption": {"idle_months": 1}}, "top", {"schedule": {"behind": 30}}, DAYS[5], None)
@example("cleared", {"start": {"red_months": 1}}, "cleared", {"start": {"judged": False}}, DAYS[2], "yinchuan")
def test_the_list_of_a_dry_run_is_what_adopting_it_then_shows(
    town: District, of: str, layer: dict[str, Any], held: str, there: dict[str, Any], since: date, inherits: str | None
):
    with transaction.atomic():
        with contextlib.suppress(Refusal), transaction.atomic():  # one that contradicts itself holds nowhere
            adopted(town, held, rulefile.told(there), since=date(2025, 1, 1))
        version = draft(town, of, rulefile.told(layer, inherits), since)
        before = {day: lights(day) for day in SOME}
        promised = {day: listed(version, day) for day in SOME}
        figures = {day: trials.tried(version, day=day, head=ledger.head()) for day in SOME}
        try:
            actions.adopt(version=version, by=town.people["mayor"], now=NOW + timedelta(hours=1), seen=version.digest)
        except Refusal as refused:
            assert refused.code == "rulebook-contradicts"
            transaction.set_rollback(True)
            return
        reached = set(town.undertakings) if of in ("city", "top") else {c for c, u in town.undertakings.items() if u.programme.code == of}
        for day in SOME:
            after = lights(day)
            if day < since:
                assert after == before[day]  # adopting leaves days before its own alone
                continue
            assert promised[day] == differing(before[day], after)
            assert set(promised[day]) <= reached
            mine = [{code: seen[code] for code in reached if code in seen} for seen in (before[day], after)]
            assert (figures[day].before, figures[day].after) == tuple(counted(seen) for seen in mine)
            assert figures[day].changed == len(promised[day])
        transaction.set_rollback(True)


def test_the_dry_run_finds_something_to_tell(town: District):
    told = listed(draft(town, "invested", "[schedule]\nbehind = 2\n", TODAY), TODAY)
    assert told["roofs"] == ("green", "watch", "amber", "behind")
    assert "lamps" not in told


def test_a_past_day_before_its_own_is_tried_as_if_it_had_held_then(town: District):
    text, june = "[schedule]\nbehind = 2\n", date(2025, 6, 30)
    version = draft(town, "invested", text, TODAY)
    promised, before = listed(version, june), lights(june)
    actions.discard(version=version, by=town.people["clerk"])
    adopted(town, "invested", text, since=date(2025, 1, 1))
    assert promised == differing(before, lights(june)) != {}


def test_trying_writes_nothing_that_judges(town: District):
    before = lights(TODAY)
    listed(draft(town, "invested", "[schedule]\nbehind = 0\nfar_behind = 0\n", TODAY), TODAY)
    assert lights(TODAY) == before


def test_a_day_that_was_computed_long_ago_is_not_lost_while_the_other_is_computed(town: District):
    version = draft(town, "invested", "[schedule]\nbehind = 2\n", TODAY)
    stand(as_of=TODAY)
    for behind in range(KEPT - 1):
        stand(as_of=DAYS[3], rules=Rulebook(schedule=Schedule(behind=behind, far_behind=90)))
    assert listed(version, TODAY)["roofs"] == ("green", "watch", "amber", "behind")
