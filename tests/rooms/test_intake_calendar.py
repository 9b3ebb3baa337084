"""Who is expected to report what by when: what is asked, what answers, and who is late."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from stage import District, district

from duban.intake import actions as intake
from duban.intake import calendar
from duban.intake.calendar import Expected, expected
from duban.intake.models import Calendar
from duban.ledger import actions as ledger
from duban.ledger.actions import Line
from duban.ledger.models import Batch
from duban.people.models import Body
from duban.registry.models import Undertaking

pytestmark = pytest.mark.django_db
JANUARY, FEBRUARY = date(2026, 1, 31), date(2026, 2, 28)
DUE = date(2026, 3, 6)  # the fifth working day of March; 28 February is a make-up workday


@pytest.fixture
def town(db: None) -> District:
    made = district()
    made.promise("roofs")
    return made


def line(town: District, *measures: str, programme: str = "invested", since: str = "2026-02-01", **fields: Any) -> Calendar:
    made = Calendar.objects.create(programme=town.programmes[programme], since=date.fromisoformat(since), **fields)
    made.measures.set([town.measures[code] for code in measures or ("invested",)])
    return made


def row(on: date = DUE, **asked: Any) -> Expected:
    (found,) = expected(on=on, **asked)
    return found


def counts(found: Expected) -> dict[str, int]:
    told = {name: getattr(found, name) for name in ("accepted", "waiting", "returned", "silent")}
    return {name: count for name, count in told.items() if count}


def test_february_2026_is_due_on_the_fifth_working_day(town: District):
    line(town)
    found = row()
    assert (found.period, found.due, found.remind_on) == (FEBRUARY, DUE, date(2026, 3, 4))
    assert (found.asked, counts(found)) == (1, {"silent": 1})


def test_a_day_moves_the_state_on(town: District):
    line(town)
    days = {1: "open", 3: "open", 4: "soon", 6: "soon", 7: "late", 9: "late", 10: "late"}
    assert {day: row(date(2026, 3, day)).state for day in days} == days
    late = {7: 0, 8: 0, 9: 1, 10: 2, 13: 5}
    assert {day: row(date(2026, 3, day)).late_by for day in late} == late


@pytest.mark.parametrize("amount", ["0", "12.5"])
def test_zero_is_a_report_like_any_other(town: District, amount: str):
    line(town)
    town.write(f"recorded undertaking measure kind period amount\n2026-03-03 roofs invested report 2026-02 {amount}")
    assert (row().state, counts(row())) == ("done", {"accepted": 1})


def test_withdrawn_is_silence_again(town: District):
    line(town)
    town.write(
        """recorded undertaking measure kind period amount
        2026-03-03 roofs invested report 2026-02 12
        2026-03-04 roofs invested report 2026-02 withdrawn"""
    )
    assert (row().state, counts(row())) == ("soon", {"silent": 1})


def test_a_plan_and_another_period_answer_nothing(town: District):
    line(town)
    town.write("undertaking measure kind period amount\nroofs invested plan 2026-02 12\nroofs invested report 2026-01 9")
    assert counts(row()) == {"silent": 1}


def sent(town: District, amount: str = "12") -> Any:
    told = town.line("roofs", "invested", "report", "2026-02", amount, reason="corrected")
    submission = intake.draft(body=town.bodies["works"], by=town.people["reporter"], lines=[told], on=DUE)
    return intake.submit(submission=submission, by=town.people["reporter"], now=datetime(2026, 3, 5, 4, tzinfo=UTC), on=DUE)


def test_what_waits_is_not_missing_and_what_was_returned_is(town: District):
    line(town)
    submission = sent(town)
    later = date(2026, 3, 12)
    assert (row(later).state, row(later).missing, counts(row(later))) == ("sent", 0, {"waiting": 1})
    intake.give_back(submission=submission, by=town.people["reviewer"], reason="why", now=datetime(2026, 3, 9, tzinfo=UTC))
    assert (row(later).state, row(later).missing, counts(row(later))) == ("late", 1, {"returned": 1})
    sent(town)
    assert counts(row(later)) == {"waiting": 1}


def test_a_correction_that_waits_leaves_an_answered_slot_answered(town: District):
    line(town)
    town.write("recorded undertaking measure kind period amount\n2026-03-03 roofs invested report 2026-02 9")
    sent(town)
    assert (row().state, counts(row())) == ("done", {"accepted": 1})


def test_a_slow_reviewer_makes_nobody_late(town: District):
    line(town)
    submission = sent(town)
    later = date(2026, 3, 20)
    intake.accept(submission=submission, by=town.people["reviewer"], now=datetime(2026, 3, 18, 4, tzinfo=UTC))
    assert (row(later).state, row(later).handed_in, row(later).late_by) == ("done", date(2026, 3, 5), 0)


def test_done_late_says_by_how_much_and_a_later_correction_changes_nothing(town: District):
    line(town)
    town.write(
        """recorded undertaking measure kind period amount
        2026-03-10 roofs invested report 2026-02 12
        2026-03-18 roofs invested report 2026-02 13"""
    )
    found = row(date(2026, 3, 20))
    assert (found.state, found.handed_in, found.late_by) == ("done", date(2026, 3, 10), 2)


def test_what_has_parts_is_not_asked_and_its_parts_are(town: District):
    line(town)
    town.promise("north", parent="roofs")
    town.promise("south", parent="roofs", body="parks")
    assert {found.body.code: found.asked for found in expected(on=DUE)} == {"works": 1, "parks": 1}


def test_what_is_in_reserve_is_not_asked(town: District):
    line(town)
    Undertaking.objects.update(stage="reserve")
    assert expected(on=DUE) == []


@pytest.mark.parametrize(("finished", "periods"), [("2026-01-31", []), ("2026-02-01", [FEBRUARY]), ("2026-02-28", [FEBRUARY])])
def test_amounts_are_asked_up_to_the_month_of_the_finish(town: District, finished: str, periods: list[date]):
    line(town)
    town.write(f"undertaking measure kind period amount\nroofs finish report {finished[:7]} {finished}")
    assert [found.period for found in expected(on=date(2026, 4, 10)) if found.asked] == periods


def test_a_finish_that_was_withdrawn_is_none(town: District):
    line(town)
    town.write(
        """recorded undertaking measure kind period amount
        2026-02-02 roofs finish report 2026-01 2026-01-20
        2026-02-03 roofs finish report 2026-01 withdrawn"""
    )
    assert counts(row()) == {"silent": 1}


def test_a_line_without_measures_asks_for_all_amounts_and_no_day(town: District):
    line(town).measures.clear()
    assert row().asked == len([measure for measure in town.measures.values() if measure.holds == "amount"])


def told_finish(town: District, period: str) -> Any:
    told = town.line("roofs", "finish", "report", period, f"{period}-01")
    submission = intake.draft(body=town.bodies["works"], by=town.people["reporter"], lines=[told], on=date(2026, 4, 30))
    return intake.submit(submission=submission, by=town.people["reporter"], now=datetime(2026, 3, 10, tzinfo=UTC), on=date(2026, 4, 30))


@pytest.mark.parametrize("period", ["2026-02", "2026-03"])
def test_a_day_is_asked_by_name_once_it_should_have_come_and_only_once(town: District, period: str):
    line(town, "finish", since="2026-01-01")
    april = date(2026, 4, 10)
    assert expected(on=april) == []
    town.write("recorded undertaking measure kind period amount\n2026-01-01 roofs finish plan 2026 2026-02-10")
    assert [(found.period, found.state) for found in expected(on=april)] == [(FEBRUARY, "late")]
    assert row(april, period=FEBRUARY).missing == 1
    assert expected(on=april, period=date(2026, 3, 31)) == []
    submission = told_finish(town, period)
    assert counts(row(april)) == {"waiting": 1}
    intake.accept(submission=submission, by=town.people["reviewer"], now=datetime(2026, 4, 5, tzinfo=UTC))
    assert (row(april).period, row(april).state, row(april).late_by) == (FEBRUARY, "done", 2)


def test_a_day_that_was_planned_before_the_line_began_is_asked_in_its_first_period(town: District):
    line(town, "finish", since="2026-02-01")
    town.write("recorded undertaking measure kind period amount\n2025-01-01 roofs finish plan 2025 2025-06-10")
    assert [(found.period, found.missing) for found in expected(on=date(2026, 4, 10))] == [(FEBRUARY, 1)]


def test_a_day_that_was_planned_again_for_later_is_asked_later(town: District):
    line(town, "finish", since="2026-01-01", every="quarter")
    town.write(
        """recorded undertaking measure kind period amount
        2026-01-01 roofs finish plan 2026 2026-02-10
        2026-02-20 roofs finish plan 2026 2026-05-31"""
    )
    assert [found.period for found in expected(on=date(2026, 7, 30))] == [date(2026, 6, 30)]


def test_a_quarter_and_a_year_are_asked_when_they_end(town: District):
    quarterly, yearly = line(town, every="quarter", since="2025-06-01"), line(town, every="year", since="2025-01-01")
    on = date(2026, 3, 31)
    quarters = [date(2025, 6, 30), date(2025, 9, 30), date(2025, 12, 31), on]
    assert calendar.periods_of(quarterly, on=on) == quarters
    assert calendar.periods_of(yearly, on=on) == [date(2025, 12, 31)]


def test_a_line_that_has_ended_asks_for_nothing_later(town: District):
    line(town, since="2026-01-01", until=date(2026, 2, 27))
    assert [found.period for found in expected(on=date(2026, 5, 1))] == [JANUARY]


def test_the_next_due_days_begin_with_what_is_not_due_yet(town: District):
    made = line(town)
    assert calendar.coming(made, on=DUE, count=2) == [FEBRUARY, date(2026, 3, 31)]
    assert calendar.coming(made, on=date(2026, 3, 7), count=1) == [date(2026, 3, 31)]
    made.until = FEBRUARY
    assert calendar.coming(made, on=date(2026, 3, 1), count=3) == [FEBRUARY]


def test_only_some_bodies_and_only_what_is_missing(town: District):
    line(town)
    town.promise("ponds", body="parks")
    town.write("recorded undertaking measure kind period amount\n2026-03-03 roofs invested report 2026-02 1")
    parks = Body.objects.filter(code="parks")
    assert [found.body.code for found in expected(on=DUE, bodies=parks)] == ["parks"]
    assert [found.body.code for found in expected(on=DUE, missing=True)] == ["parks"]
    assert len(expected(on=DUE)) == 2
    assert expected(on=DUE, period=JANUARY) == []


def test_worst_first(town: District):
    line(town, since="2026-01-01")
    town.promise("ponds", body="parks")
    town.promise("paths", body="parks")
    told = [(found.body.code, found.period) for found in expected(on=date(2026, 3, 9))]
    assert told == [("parks", JANUARY), ("works", JANUARY), ("parks", FEBRUARY), ("works", FEBRUARY)]


def test_a_thousand_undertakings_cost_no_query_more_than_ten(town: District):
    line(town, since="2026-01-01")
    line(town, "finish", programme="invested")
    asked = []
    for first, end in ((0, 10), (10, 1000)):
        programme, works = town.programmes["invested"], town.bodies["works"]
        rows = [
            Undertaking(code=f"u{place}", name=f"u{place}", kind="project", programme=programme, lead_body=works)
            for place in range(first, end)
        ]
        Undertaking.objects.bulk_create(rows)
        now = datetime(2026, 3, 1, tzinfo=UTC)
        lines = [Line(row.pk, town.measures["invested"].pk, "report", JANUARY, amount=Decimal(1)) for row in rows]
        people = {"submitted_by": town.people["reporter"], "accepted_by": town.people["reviewer"]}
        ledger.append(lines=lines, batch=Batch.objects.create(origin="test", recorded_at=now), now=now, **people)
        with CaptureQueriesContext(connection) as captured:
            found = expected(on=DUE)
        asked.append(len(captured))
        told = {(one.period, one.state): counts(one) for one in found}
        assert told == {(JANUARY, "late"): {"accepted": end, "silent": 1}, (FEBRUARY, "soon"): {"silent": end + 1}}
    assert asked[0] == asked[1] <= 13
