"""The watch-list, what was tried, and what changed, over a ledger in the database."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.db.models import Q
from django.test.utils import CaptureQueriesContext
from stage import District, district

from duban.intake.models import Calendar, Reminder, Submission, SubmissionFinding, SubmissionLine
from duban.ledger import reads as ledger
from duban.ledger.models import Batch, Entry
from duban.registry.models import Evidence
from duban.standing import changes, efforts, watching
from duban.standing.actions import stand
from duban.standing.changes import Changes, Listed
from duban.standing.watching import Total, Watched, watch

pytestmark = pytest.mark.django_db
MAY = date(2026, 5, 31)
APRIL = date(2026, 4, 30)
MARCH = date(2026, 3, 31)
FEBRUARY = date(2026, 2, 28)

PLANS = """
recorded    undertaking  measure   kind    period   amount
2026-01-05  roofs        invested  plan    2026     1200
2026-01-05  wells        invested  plan    2026     2400
2026-01-05  paths        invested  plan    2026     1200
"""
REPORTS = """
recorded    undertaking  measure   kind    period   amount
2026-02-02  roofs        invested  report  2026-01  100
2026-02-02  wells        invested  report  2026-01  200
2026-02-02  paths        invested  report  2026-01  100
2026-03-02  roofs        invested  report  2026-02  20
2026-03-02  wells        invested  report  2026-02  400
2026-03-02  paths        invested  report  2026-02  200
2026-04-02  roofs        invested  report  2026-03  40
2026-04-02  wells        invested  report  2026-03  100
2026-04-02  paths        invested  report  2026-03  300
2026-05-02  roofs        invested  report  2026-04  60
2026-05-02  wells        invested  report  2026-04  700
2026-05-02  paths        invested  report  2026-04  400
"""


@pytest.fixture
def town(db: None) -> District:
    made = district()
    made.write(PLANS)
    return made


@pytest.fixture
def year(town: District) -> District:
    """`roofs` lags since February, `wells` since March with a good month between, `paths` never."""
    town.write(REPORTS)
    return town


def names(rows: list[Watched]) -> list[str]:
    return [one.standing.undertaking.code for one in rows]


def seen(rows: list[Watched]) -> dict[str, Watched]:
    return {one.standing.undertaking.code: one for one in rows}


# The list


def test_the_list_holds_what_is_red_or_amber_and_nothing_else(year: District):
    found = seen(watch(stand(as_of=APRIL)))
    assert set(found) == {"roofs"}
    roofs = found["roofs"]
    assert (roofs.standing.light, roofs.reason, roofs.stake.kind, roofs.stake.amount) == ("amber", "schedule", "behind", 340)


def test_it_counts_from_the_first_month_end_of_the_unbroken_run(year: District):
    assert seen(watch(stand(as_of=APRIL)))["roofs"].since == FEBRUARY
    found = seen(watch(stand(as_of=MARCH)))
    assert (found["roofs"].since, found["wells"].since) == (FEBRUARY, MARCH)


def test_a_month_that_was_well_breaks_the_run(year: District):
    year.write("recorded undertaking measure kind period amount\n2026-06-02 wells invested report 2026-05 710")
    assert seen(watch(stand(as_of=MAY)))["wells"].since == MAY


def test_the_run_is_looked_up_by_what_is_known_at_the_head_and_not_by_what_was_known_then(year: District):
    year.write("recorded undertaking measure kind period amount\n2026-05-10 roofs invested report 2026-03 300")
    assert seen(watch(stand(as_of=APRIL)))["roofs"].since == APRIL
    before = ledger.head() - 1
    assert seen(watch(stand(as_of=APRIL, head=before)))["roofs"].since == FEBRUARY


def test_a_run_that_is_older_than_a_year_is_said_to_reach_back(town: District):
    town.write("recorded undertaking measure kind period amount\n2024-01-05 roofs start plan 2024 2024-02-01")
    (roofs, *_) = watch(stand(as_of=date(2026, 1, 15)))
    assert (roofs.standing.rule, roofs.since) == ("start_overdue", date(2025, 1, 31))
    assert roofs.reaches_back(date(2026, 1, 15))
    assert not roofs.reaches_back(date(2025, 12, 15))


def test_the_largest_stake_stands_first(year: District):
    year.write("recorded undertaking measure kind period amount\n2026-05-03 paths invested report 2026-04 80")
    year.write("recorded undertaking measure kind period amount\n2026-05-03 wells invested report 2026-04 100")
    assert names(watch(stand(as_of=APRIL))) == ["wells", "roofs", "paths"]


def test_a_smaller_amount_that_lasts_longer_stands_before_a_larger_one(year: District):
    year.write("recorded undertaking measure kind period amount\n2026-05-03 paths invested report 2026-04 50")
    found = watch(stand(as_of=APRIL))
    assert names(found) == ["roofs", "paths"]
    assert [one.stake.amount for one in found] == [340, 350]
    assert [one.since for one in found] == [FEBRUARY, APRIL]


def test_what_is_no_money_stands_below_money_by_its_share(year: District):
    for code in ("ponds", "walls"):
        year.promise(code, lead="progress")
    year.write("""
recorded    undertaking  measure   kind    period   amount
2026-01-05  ponds        progress  plan    2026     100
2026-01-05  walls        progress  plan    2026     100
2026-05-02  ponds        progress  report  2026-04  20
2026-05-02  walls        progress  report  2026-04  2
""")
    found = watch(stand(as_of=APRIL))
    assert names(found) == ["roofs", "walls", "ponds"]
    assert [one.stake.money for one in found] == [True, False, False]
    assert [one.stake.share for one in found[1:]] == [3133, 1333]


def test_a_body_sees_its_own_alone(year: District):
    year.promise("lanes", body="parks")
    year.write("recorded undertaking measure kind period amount\n2026-01-05 lanes invested plan 2026 1200")
    year.write("recorded undertaking measure kind period amount\n2026-05-02 lanes invested report 2026-04 10")
    assert names(watch(stand(as_of=APRIL), Q(lead_body__code="parks"))) == ["lanes"]


def test_another_month_costs_no_query_for_each_undertaking(year: District):
    def asked() -> int:
        watch(stand(as_of=APRIL))
        with CaptureQueriesContext(connection) as queries:
            watch(stand(as_of=APRIL))
        return len(queries)

    few = asked()
    for place in range(30):
        year.promise(f"more-{place}")
        year.write(f"recorded undertaking measure kind period amount\n2026-01-05 more-{place} invested plan 2026 1200")
        year.write(f"recorded undertaking measure kind period amount\n2026-05-02 more-{place} invested report 2026-04 1")
    assert asked() == few


def test_the_total_adds_what_lags_and_names_the_oldest(year: District):
    year.write("recorded undertaking measure kind period amount\n2026-05-03 paths invested report 2026-04 50")
    rows = watch(stand(as_of=APRIL))
    total = Total.of(rows)
    assert (total.undertakings, total.red, total.behind, total.bodies) == (2, 0, 690, 1)
    assert total.oldest and total.oldest.standing.undertaking.code == "roofs"
    assert watching.counts(rows)["schedule"] == 2
    assert Total.of([]) == Total(undertakings=0, red=0, behind=Decimal(0), uncounted=Decimal(0), idle=Decimal(0), bodies=0, oldest=None)


def test_what_is_not_enrolled_is_counted_apart_from_what_lags(year: District):
    year.write("recorded undertaking measure kind period amount\n2026-02-05 paths start report 2026-01 2026-01-10")
    with_rule = stand(as_of=APRIL, rules=_enrolling())
    found = seen(watch(with_rule))
    assert (found["paths"].standing.rule, found["paths"].reason) == ("enrolment_overdue", "enrolment")
    total = Total.of(list(found.values()))
    assert (total.behind, total.uncounted) == (340, 400)


def _enrolling() -> Any:
    from duban.core.rulebook import Enrolment, Rulebook

    return Rulebook(enrolment=Enrolment(judged=True))


# What was tried

SAID = ("said", "written again")
"""What every entry of a book comes with that has no column for reasons."""


def tried(town: District, **known: Any) -> list[tuple[str, str]]:
    head = ledger.head()
    rows = watch(stand(as_of=APRIL, head=head))
    told = efforts.tried(rows, head=known.pop("head", head), **known)
    return [(one.act, one.words) for one in told.get(town.undertakings["roofs"].pk, [])]


def test_what_was_tried_is_told_in_the_order_of_time(year: District):
    year.write("""
recorded    undertaking  measure   kind    period   amount      reason
2026-05-06  roofs        finish    plan    2026     2026-09-30  -
2026-05-07  roofs        finish    plan    2026     2026-11-30  the steel came late
2026-05-08  roofs        invested  report  2026-04  70          an invoice was overlooked
2026-05-09  roofs        finish    report  2026-04  2026-04-29  -
2026-05-10  roofs        finish    report  2026-04  withdrawn   not finished at all
""")
    assert [one for one in tried(year) if one != SAID] == [
        ("replanned", "the steel came late"),
        ("corrected", "an invoice was overlooked"),
        ("withdrawn", "not finished at all"),
    ]


def test_a_correction_says_what_stood_before_and_who_wrote_it(year: District):
    year.write(
        "recorded undertaking measure kind period amount reason\n2026-05-08 roofs invested report 2026-04 70 an invoice was overlooked"
    )
    rows = watch(stand(as_of=APRIL))
    one = efforts.tried(rows, head=ledger.head())[year.undertakings["roofs"].pk][-1]
    assert (one.before, one.after, one.measure, one.period) == (60, 70, year.measures["invested"], APRIL)
    assert one.by == year.people["reporter"]


def test_what_was_said_before_the_light_came_on_is_not_told(year: District):
    entries = Entry.objects.filter(undertaking=year.undertakings["roofs"], recorded_at__lt=datetime(2026, 2, 1, tzinfo=UTC))
    assert entries.exclude(reason="").exists()
    rows = watch(stand(as_of=APRIL))
    told = efforts.tried(rows, head=ledger.head())[year.undertakings["roofs"].pk]
    assert all(one.at >= datetime(2026, 1, 31, 16, tzinfo=UTC) for one in told)


def test_what_was_said_after_the_head_is_not_known(year: District):
    head = ledger.head()
    year.write(
        "recorded undertaking measure kind period amount reason\n2026-05-08 roofs invested report 2026-04 70 an invoice was overlooked"
    )
    assert ("corrected", "an invoice was overlooked") in tried(year)
    assert ("corrected", "an invoice was overlooked") not in tried(year, head=head)


def _explained(town: District, *, accepted: bool) -> None:
    batch = Batch.objects.filter(entries__undertaking=town.undertakings["roofs"], entries__kind="report").last()
    submission = Submission.objects.create(body=town.bodies["works"], created_by=town.people["reporter"], batch=batch if accepted else None)
    line = SubmissionLine.objects.create(
        submission=submission, undertaking=town.undertakings["roofs"], measure=town.measures["invested"], period=APRIL, amount=60
    )
    at = datetime(2026, 5, 2, 5, tzinfo=UTC)
    SubmissionFinding.objects.create(
        submission=submission, line=line, code="x", explanation="rain", explained_by=town.people["reporter"], explained_at=at
    )


def test_an_explanation_counts_once_its_report_was_accepted(year: District):
    _explained(year, accepted=False)
    assert ("explained", "rain") not in tried(year)


def test_an_accepted_explanation_is_told(year: District):
    _explained(year, accepted=True)
    assert ("explained", "rain") in tried(year)
    assert ("explained", "rain") not in tried(year, head=3)


def test_files_of_one_person_and_day_are_told_together(year: District):
    for place, hour in ((1, 1), (2, 5)):
        Evidence.objects.create(
            undertaking=year.undertakings["roofs"], sha256=str(place) * 64, name="x.jpg", media_type="image/jpeg", size=1,
            caption="the roof", added_by=year.people["reporter"], added_at=datetime(2026, 5, 3, hour, tzinfo=UTC),
        )  # fmt: skip
    rows = watch(stand(as_of=APRIL))
    roofs = year.undertakings["roofs"].pk
    shown = [one for one in efforts.tried(rows, head=ledger.head())[roofs] if one.act == "shown"]
    assert [(one.files, one.words, one.by) for one in shown] == [(2, "the roof", year.people["reporter"])]
    early = efforts.tried(rows, head=ledger.head(), known_at=datetime(2026, 5, 3, 2, tzinfo=UTC))
    assert [one.files for one in early[roofs] if one.act == "shown"] == [1]


def test_a_body_that_was_long_silent_shows_that_it_was_chased(town: District):
    line = Calendar.objects.create(programme=town.programmes["invested"], since=date(2026, 1, 1))
    at = datetime(2026, 5, 8, tzinfo=UTC)
    for kind, month in (("after", APRIL), ("before", MARCH)):
        day = {"on": date(2026, 5, 8) if kind == "after" else date(2026, 4, 1), "due": date(2026, 5, 8)}
        Reminder.objects.create(calendar=line, body=town.bodies["works"], period=month, kind=kind, missing=1, made_at=at, **day)
    rows = watch(stand(as_of=MAY))
    assert {one.standing.rule for one in rows} == {"long_silent"}
    told = efforts.tried(rows, head=ledger.head())
    assert [(one.act, one.period) for one in told[town.undertakings["roofs"].pk]] == [("chased", APRIL)]
    assert efforts.tried(rows, head=ledger.head(), known_at=datetime(2026, 5, 7, tzinfo=UTC)).get(town.undertakings["roofs"].pk, []) == []


# What changed


def compared(since: date, *, head_then: int, corrected: bool = False, as_of: date = APRIL, **more: Any) -> Changes:
    after = stand(as_of=as_of)
    before = stand(as_of=since, head=after.head if corrected else head_then)
    return changes.changes(before, after, head_then=head_then, **more)


def codes(listed: Listed) -> list[str]:
    return [row.standing.undertaking.code for row in listed.rows]


def test_what_turned_is_told_by_how_it_turned(year: District):
    told = compared(MARCH, head_then=ledger.head(), as_of=APRIL)
    assert codes(told.turned["cured"]) == ["wells"]
    assert codes(told.turned["worsened"]) == ["roofs"]
    assert [one.count for name, one in told.turned.items() if name not in ("cured", "worsened")] == [0] * 5
    roofs = told.turned["worsened"].rows[0]
    assert (roofs.was, roofs.was_rule, roofs.was_gap, roofs.standing.gap) == ("amber", "behind", -2167, -2833)


def test_a_day_is_known_as_it_was_then_unless_its_corrections_are_wanted(year: District):
    then = ledger.head()
    year.write("recorded undertaking measure kind period amount reason\n2026-05-20 wells invested report 2026-03 600 counted again")
    assert codes(compared(MARCH, head_then=then).turned["cured"]) == ["wells"]
    assert codes(compared(MARCH, head_then=then, corrected=True).turned["cured"]) == []


def test_days_that_came_are_told_in_their_order(year: District):
    then = ledger.head()
    year.write("""
recorded    undertaking  measure   kind    period   amount
2026-05-03  wells        start     report  2026-04  2026-04-20
2026-05-03  roofs        start     report  2026-04  2026-04-02
2026-05-03  paths        enrolled  report  2026-04  2026-04-02
""")
    told = compared(MARCH, head_then=then)
    assert [(row.standing.undertaking.code, row.day) for row in told.reached["started"].rows] == [
        ("roofs", date(2026, 4, 2)),
        ("wells", date(2026, 4, 20)),
    ]
    assert codes(told.reached["enrolled"]) == ["paths"]
    assert told.reached["finished"].count == 0


def test_only_what_had_been_reported_by_then_counts_as_corrected(year: District):
    then = ledger.head()
    year.write("""
recorded    undertaking  measure   kind    period   amount     reason
2026-05-20  wells        invested  report  2026-03  600        counted again
2026-05-21  wells        invested  report  2026-03  610        and again
2026-05-22  paths        invested  report  2026-05  500        -
2026-05-23  paths        invested  report  2026-05  510        too new
2026-05-24  roofs        invested  report  2026-01  90         a slip
2026-05-25  roofs        invested  report  2026-01  100        no slip
2026-05-26  roofs        invested  report  2026-02  withdrawn  of another year
""")
    told = compared(MARCH, head_then=then, as_of=MAY).corrected
    assert [(row.entry.undertaking.code, row.before, row.after, row.entry.reason, row.times) for row in told.rows] == [
        ("roofs", 20, None, "of another year", 1),
        ("wells", 100, 610, "and again", 2),
    ]


def test_a_correction_of_a_period_that_lies_ahead_is_not_told(year: District):
    then = ledger.head()
    year.write("recorded undertaking measure kind period amount reason\n2026-05-20 wells invested report 2026-04 600 counted again")
    assert compared(FEBRUARY, head_then=then, as_of=MARCH).corrected.count == 0
    assert compared(FEBRUARY, head_then=then, as_of=APRIL).corrected.count == 1


def test_a_plan_that_was_written_anew_is_told_with_both_values(year: District):
    then = ledger.head()
    year.write("""
recorded    undertaking  measure   kind  period   amount      reason
2026-05-20  wells        invested  plan  2026     2000        funds were cut
2026-05-20  wells        finish    plan  2026     2026-12-01  -
""")
    (row,) = compared(MARCH, head_then=then).replanned.rows
    assert (row.before, row.after, row.entry.reason) == (2400, 2000, "funds were cut")


def test_new_is_of_what_the_ledger_had_not_spoken(year: District):
    then = ledger.head()
    year.write("recorded undertaking measure kind period amount\n2026-05-20 lanes invested plan 2026 1200")
    told = compared(MARCH, head_then=then).entered
    assert [row.code for row in told.rows] == ["lanes"]
    assert changes.changes(stand(as_of=MARCH), stand(as_of=APRIL), head_then=then).entered.count == 1
    assert compared(MARCH, head_then=ledger.head()).entered.count == 0


def test_a_body_is_told_of_its_own_changes_alone(year: District):
    then = ledger.head()
    year.write("recorded undertaking measure kind period amount reason\n2026-05-20 wells invested report 2026-03 600 counted again")
    after, before = stand(as_of=APRIL), stand(as_of=MARCH, head=then)
    told = changes.changes(before, after, Q(lead_body__code="parks"), head_then=then)
    assert told.count == 0
    assert changes.changes(before, after, Q(lead_body__code="works"), head_then=then).count == compared(MARCH, head_then=then).count > 0


def test_long_lists_are_counted_whole_and_listed_in_part(year: District):
    then = ledger.head()
    year.write("""
recorded    undertaking  measure   kind  period   amount  reason
2026-05-20  wells        invested  plan  2026     2000    funds were cut
2026-05-20  roofs        invested  plan  2026     1000    funds were cut
""")
    told = compared(MARCH, head_then=then, most=1).replanned
    assert (told.count, len(told.rows), told.more) == (2, 1, 1)


def test_nothing_changes_between_a_day_and_itself(year: District):
    assert compared(APRIL, head_then=ledger.head()).count == 0
