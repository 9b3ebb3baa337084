"""A reporter's month: kept as it is typed, shared by colleagues, sent by those who may, and read as it was meant."""

from __future__ import annotations

import io
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from stage import NOW, TODAY, District, district

from duban.core import numerals
from duban.core.refusals import Refusal
from duban.intake import actions as intake
from duban.intake import forms, reads, typing
from duban.intake.models import Submission, SubmissionLine, TypedCell
from duban.ledger import reads as ledger
from duban.people.models import AuditLine
from duban.registry import evidence as files
from duban.registry.models import Evidence, Measure

pytestmark = pytest.mark.django_db
JANUARY = date(2026, 1, 31)
FEBRUARY = date(2026, 2, 28)


@pytest.fixture
def town(db: None) -> District:
    made = district()
    made.promise("roofs")
    made.promise("walls")
    made.promise("ponds", body="parks")
    return made


def key(town: District, undertaking: str, measure: str = "invested") -> dict[str, Any]:
    return {"undertaking": town.undertakings[undertaking], "measure": town.measures[measure]}


def place(town: District, undertaking: str = "roofs", measure: str = "invested", *, body: str = "works") -> dict[str, Any]:
    return {"body": town.bodies[body], "period": JANUARY, **key(town, undertaking, measure)}


def write(town: District, typed: str, *where: str, by: str = "reporter", **more: Any) -> TypedCell | None:
    return typing.type_cell(**place(town, *where), typed=typed, by=town.people[by], now=NOW, on=TODAY, **more)


def send(town: District, *, by: str = "reporter", **more: Any) -> typing.Sent:
    return typing.send_month(body=town.bodies["works"], period=JANUARY, by=town.people[by], on=TODAY, **more)


def accepted(town: District, submission: Submission) -> None:
    intake.submit(submission=submission, by=town.people["reporter"], now=NOW)
    intake.accept(submission=submission, by=town.people["reviewer"], now=NOW)


def asked(town: District, period: date = JANUARY, body: str = "works") -> dict[tuple[str, str], reads.Asked]:
    return {(one.undertaking.code, one.measure.code): one for one in reads.asked(town.bodies[body], period)}


def cell(town: District, *where: str) -> forms.Cell:
    one = asked(town)[(where or ("roofs", "invested"))]  # type: ignore[index]
    return forms.cells([one], on=TODAY)[0]


def code(call: Any, *args: Any, **named: Any) -> str:
    with pytest.raises(Refusal) as refused:
        call(*args, **named)
    return refused.value.code


def photograph(colour: str = "red") -> io.BytesIO:
    content = io.BytesIO()
    Image.new("RGB", (4, 4), colour).save(content, "PNG")
    content.seek(0)
    return content


def attach(town: District, *where: str, by: str = "reporter", colour: str = "red", measure: bool = True) -> typing.Attached:
    slot = place(town, *where)
    if not measure:
        slot["measure"] = None
    file = photograph(colour)
    return typing.attach_to_cell(**slot, name=f"{colour}.png", content=file, by=town.people[by], now=NOW, on=TODAY)


# What is asked


def test_the_month_asks_for_what_the_body_and_those_below_lead_and_for_nobody_elses(town: District):
    assert {one for one, measure in asked(town) if measure == "invested"} == {"roofs", "walls"}
    assert {one for one, measure in asked(town, body="top") if measure == "invested"} == {"roofs", "walls", "ponds"}


def test_each_cell_stands_beside_its_last_report_and_its_plan(town: District):
    town.write("""
    undertaking  measure   kind    period   amount
    roofs        invested  plan    2025     80
    roofs        invested  plan    2026-06  50
    roofs        invested  plan    2026     100
    roofs        invested  plan    2027     900
    roofs        invested  report  2025-11  60
    roofs        invested  report  2026-01  12
    roofs        invested  report  2026-03  40
    """)
    roofs = asked(town)[("roofs", "invested")]
    assert (roofs.known, roofs.before.amount, roofs.planned.amount) == (12, 60, 100)
    later = asked(town, FEBRUARY)[("roofs", "invested")]
    assert (later.known, later.before.amount, later.planned.amount) == (None, 12, 100)


def test_what_counts_from_january_has_no_plan_but_its_years_and_begins_anew(town: District):
    town.write("""
    undertaking  measure   kind    period   amount
    roofs        invested  plan    2025     80
    roofs        total     plan    2025     300
    roofs        invested  report  2025-12  60
    roofs        total     report  2025-12  200
    """)
    write(town, "5元", "roofs", "invested")
    write(town, "205元", "roofs", "total")
    invested, total = cell(town), cell(town, "roofs", "total")
    assert (invested.asked.planned, invested.difference) == (None, 5)
    assert (total.asked.planned.amount, total.difference) == (300, 5)


def test_a_withdrawn_report_is_silence_and_is_still_corrected_with_a_reason(town: District):
    town.write("""
    undertaking  measure   kind    period   amount
    roofs        invested  report  2025-12  9
    roofs        invested  report  2026-01  12
    roofs        invested  report  2026-01  withdrawn
    """)
    roofs = asked(town)[("roofs", "invested")]
    assert (roofs.known, roofs.seq, roofs.before.amount) == (None, 3, 9)
    write(town, "12元", seen=3)
    assert cell(town).corrects


def test_a_day_that_is_told_and_what_the_parts_tell_is_not_asked_again_but_typed_words_stay_in_sight(town: District):
    town.promise("roof-1", parent="roofs")
    town.write("""
    undertaking  measure  kind    period   amount
    roof-1       start    report  2025-12  2025-12-03
    """)
    assert ("roof-1", "start") not in asked(town)
    assert ("roofs", "invested") not in asked(town)
    assert ("roofs", "start") in asked(town)
    write(town, "2025-12-04", "roof-1", "start", seen=1)
    assert asked(town)[("roof-1", "start")].typed.typed == "2025-12-04"


def test_what_makes_a_month_complete(town: District):
    """Amounts of what goes on; days that should have come. The rest may be told and is not missed."""
    town.promise("later", stage="reserve")
    town.promise("over")
    town.write("""
    undertaking  measure  kind    period   amount
    roofs        start    plan    2026     2026-01-31
    roofs        finish   plan    2026     2026-02-01
    over         finish   report  2025-12  2025-12-03
    """)
    due = {slot for slot, one in asked(town).items() if one.due}
    assert {("roofs", "invested"), ("roofs", "start"), ("walls", "invested")} <= due
    assert not {("roofs", "finish"), ("walls", "start"), ("later", "invested"), ("over", "invested")} & due


# How it is read


@pytest.mark.parametrize(
    ("typed", "unit", "amount"),
    [
        ("1234.5", "万元", 12_345_000),
        ("1,234.5", "亿元", 123_450_000_000),
        ("1234.5", "元", "1234.5"),
        ("1,234.5万元", "元", 12_345_000),
        ("５０", "万元", 500_000),
        ("0", "万元", 0),
    ],
)
def test_money_is_read_in_the_unit_that_its_typist_chose_whoever_looks(town: District, typed: str, unit: str, amount: Any):
    write(town, typed, unit=unit)
    assert cell(town).heard.amount == Decimal(amount)
    assert forms.shown(cell(town).asked.typed.typed, town.measures["invested"], unit) in (typed, typed.removesuffix(unit))


@given(
    st.decimals(min_value=0, max_value=10**6, places=2),
    st.sampled_from(forms.YUAN),
    st.sampled_from(["{}", "{:,}", " {} ", "+{}"]),
)
def test_completing_a_bare_number_changes_nothing_but_who_understands_it(amount: Any, unit: str, shape: str):
    measure = Measure(unit="元", holds="amount")
    typed = shape.format(amount)
    whole = forms.complete(typed, measure, unit)
    assert numerals.read_amount(whole, "元") == (amount * numerals.factor(unit, "元"), True)
    assert forms.complete(whole, measure, "元") == whole
    assert forms.shown(whole, measure, unit) == typed.strip()


@pytest.mark.parametrize("typed", ["2026-01-05", "2026.1.5", "2026/01/05", "2026年1月5日", "20260105", "1月5日", "1-5", "1.5"])
def test_days_are_read_as_people_type_them(town: District, typed: str):
    write(town, typed, "roofs", "start")
    assert cell(town, "roofs", "start").heard.day == date(2026, 1, 5)


@pytest.mark.parametrize(
    ("measure", "typed", "expected"),
    [
        ("invested", "abc", "amount-unreadable"),
        ("invested", "-5", "amount-negative"),
        ("invested", "1.23456元", "amount-too-fine"),
        ("progress", "5件", "unit-unknown"),
        ("start", "2026-13-01", "day-unreadable"),
        ("start", "soon", "day-unreadable"),
        ("start", "2026-03-02", "day-not-come"),
        ("invested", "withdrawn", "nothing-to-withdraw"),
    ],
)
def test_what_cannot_be_read_is_kept_word_for_word_with_what_is_wrong(town: District, measure: str, typed: str, expected: str):
    assert write(town, typed, "roofs", measure) is not None
    found = cell(town, "roofs", measure)
    assert (found.wrong.code, found.filled) == (expected, False)
    assert found.asked.typed.typed.startswith(typed)


def test_a_report_is_withdrawn_by_saying_so_with_a_reason(town: District):
    town.write("""
    undertaking  measure   kind    period   amount
    roofs        invested  report  2026-01  12
    """)
    write(town, "撤回", seen=1, reason="counted twice")
    accepted(town, send(town).submission)
    assert asked(town)[("roofs", "invested")].known is None


# Typing together


def test_what_was_typed_is_there_for_every_colleague_and_gone_when_it_is_emptied(town: District):
    write(town, "12", reason="x")
    (kept,) = TypedCell.objects.all()
    assert (kept.typed, kept.reason, kept.typed_by.username, kept.seen) == ("12万元", "x", "reporter", 0)
    write(town, "13", by="colleague", over=["12"])
    kept.refresh_from_db()
    assert (kept.typed, kept.typed_by.username) == ("13万元", "colleague")
    assert write(town, "", over=["13"]) is None
    assert not TypedCell.objects.exists()


def test_nobody_overwrites_a_colleague_unseen(town: District):
    write(town, "12")
    assert code(write, town, "13", by="colleague") == "typed-meanwhile"
    assert TypedCell.objects.get().typed == "12万元"
    with pytest.raises(Refusal) as refused:
        write(town, "13", by="colleague")
    assert refused.value.facts == {"typed": "12万元", "person": "reporter", "at": NOW}
    write(town, "13", by="colleague", over=["12万元"])
    assert TypedCell.objects.get().typed == "13万元"
    assert code(write, town, "", over=["12"]) == "typed-meanwhile"


def test_the_same_number_typed_twice_is_no_clash_in_whatever_unit(town: District):
    write(town, "12万元")
    write(town, "12", by="colleague")
    assert TypedCell.objects.get().typed_by.username == "reporter"


def test_who_typed_a_number_does_not_accept_it_although_a_colleague_gave_its_reason(town: District):
    write(town, "12", by="dispatcher")
    write(town, "12", by="colleague", reason="counted again")
    submission = send(town).submission
    assert {writer.username for writer in submission.writers.all()} == {"dispatcher", "colleague", "reporter"}
    intake.submit(submission=submission, by=town.people["reporter"], now=NOW)
    with pytest.raises(Refusal, match="own-submission"):
        intake.accept(submission=submission, by=town.people["dispatcher"], now=NOW)


def test_a_send_whose_answer_was_lost_is_no_clash_with_oneself(town: District):
    write(town, "1")
    write(town, "12", over=["", "1", "12"])
    write(town, "123", over=["", "1", "12", "123"])
    assert TypedCell.objects.get().typed == "123万元"


def test_what_a_colleague_emptied_or_sent_is_told_as_that(town: District):
    write(town, "12")
    attach(town)
    write(town, "", by="colleague", over=["12"])
    assert code(write, town, "13", over=["12"]) == "emptied-meanwhile"
    write(town, "12")
    submission = send(town, by="colleague").submission
    with pytest.raises(Refusal) as refused:
        write(town, "13", over=["12"])
    assert (refused.value.code, refused.value.facts["submission"]) == ("sent-meanwhile", submission.pk)
    intake.discard(submission=submission, by=town.people["colleague"])
    assert code(write, town, "13", over=["12"]) == "gone-meanwhile"


def test_saying_the_same_again_leaves_no_trace_and_every_change_does(town: District):
    write(town, "12")
    write(town, "12")
    write(town, "13", over=["12"])
    lines = AuditLine.objects.filter(act="month.type")
    assert [line.facts["typed"] for line in lines.order_by("pk")] == ["12万元", "13万元"]
    assert {line.subject for line in lines} == {"roofs invested"}


def test_nobody_hears_which_files_another_body_has(town: District):
    content = io.BytesIO(b"the same words")
    files.attach(undertaking=town.undertakings["ponds"], name="theirs.txt", content=content, by=town.people["stranger"], now=NOW)
    content.seek(0)
    slot = {**place(town, "ponds"), "measure": None}
    with pytest.raises(PermissionDenied):
        typing.attach_to_cell(**slot, name="mine.txt", content=content, by=town.people["reporter"], now=NOW, on=TODAY)


def test_what_a_colleague_types_while_a_file_is_taken_out_stays(town: District):
    evidence = attach(town).evidence
    loaded = TypedCell.objects.get()
    write(town, "12", by="colleague")
    typing.detach_from_cell(cell=loaded, evidence=evidence, by=town.people["reporter"])
    assert TypedCell.objects.get().typed == "12万元"


@pytest.mark.parametrize("who", ["stranger", "resident", "reviewer", "editor"])
def test_only_who_reports_for_the_body_types_attaches_and_sends(town: District, who: str):
    write(town, "12")
    evidence = attach(town).evidence
    with pytest.raises(PermissionDenied):
        write(town, "13", by=who, over=["12"])
    with pytest.raises(PermissionDenied):
        attach(town, by=who, colour="blue")
    with pytest.raises(PermissionDenied):
        typing.detach_from_cell(cell=TypedCell.objects.get(), evidence=evidence, by=town.people[who])
    with pytest.raises(PermissionDenied):
        send(town, by=who)
    assert TypedCell.objects.get().typed == "12万元"
    assert not Submission.objects.exists()


def test_a_cell_of_another_body_of_another_programme_or_of_a_month_to_come_is_refused(town: District):
    assert code(write, town, "12", "ponds") == "undertaking-of-another-body"
    town.programmes["invested"].measures.remove(town.measures["total"])
    assert code(write, town, "12", "roofs", "total") == "measure-not-in-programme"
    ahead = {**place(town), "period": date(2026, 3, 31)}
    assert code(typing.type_cell, **ahead, typed="1", by=town.people["reporter"], now=NOW, on=TODAY) == "period-not-ended"
    assert code(write, town, "1" * 201) == "typed-too-long"
    assert not TypedCell.objects.exists()


# Sending


def test_sending_makes_a_draft_of_what_can_be_read_and_leaves_the_rest_typed(town: District):
    write(town, "12")
    write(town, "many", "walls")
    write(town, "2026-01-05", "roofs", "start")
    sent = send(town)
    assert (sent.submission.state, sent.submission.origin, sent.submission.period) == ("draft", "form", JANUARY)
    lines = {(line.measure.code, line.amount, line.day, line.typed, line.seen) for line in sent.submission.lines.all()}
    assert lines == {("invested", 120_000, None, "12万元", 0), ("start", None, date(2026, 1, 5), "2026-01-05", 0)}
    assert [one.asked.undertaking.code for one in sent.unread] == ["walls"]
    assert [kept.typed for kept in TypedCell.objects.all()] == ["many"]
    assert ledger.head() == 0


def test_one_programme_is_sent_alone(town: District):
    town.promise("trees", lead="progress")
    write(town, "12")
    write(town, "40", "trees", "progress")
    sent = send(town, programme=town.programmes["progress"])
    assert [line.undertaking.code for line in sent.submission.lines.all()] == ["trees"]
    assert [kept.undertaking.code for kept in TypedCell.objects.all()] == ["roofs"]


def test_a_month_without_anything_new_is_not_sent_and_loses_nothing(town: District):
    assert code(send, town) == "month-says-nothing-new"
    town.write("""
    undertaking  measure   kind    period   amount
    roofs        invested  report  2026-01  120000
    """)
    write(town, "12", seen=1)
    write(town, "many", "walls")
    assert cell(town).same
    assert code(send, town) == "month-says-nothing-new"
    assert TypedCell.objects.count() == 2


def test_what_waits_is_shown_as_waiting_and_not_as_known(town: District):
    write(town, "12")
    submission = send(town).submission
    roofs = asked(town)[("roofs", "invested")]
    assert (roofs.known, roofs.waiting.submission, roofs.typed) == (None, submission, None)
    assert cell(town).filled
    assert asked(town, body="top")[("roofs", "invested")].waiting.submission.state == "draft"
    intake.discard(submission=submission, by=town.people["reporter"])
    assert asked(town)[("roofs", "invested")].waiting is None
    assert not cell(town).filled


def test_another_bodys_draft_is_its_own_until_it_is_sent(town: District):
    line = town.line("roofs", "invested", "report", "2026-01", "1")
    above = intake.draft(body=town.bodies["top"], by=town.people["dispatcher"], lines=[line], on=TODAY)
    assert asked(town)[("roofs", "invested")].waiting is None
    intake.submit(submission=above, by=town.people["dispatcher"], now=NOW)
    assert asked(town)[("roofs", "invested")].waiting.submission == above


def test_a_correction_keeps_the_reason_that_was_typed_with_it(town: District):
    town.write("""
    undertaking  measure   kind    period   amount
    roofs        invested  report  2026-01  12
    """)
    write(town, "13元", seen=1, reason="an invoice was left out")
    accepted(town, send(town).submission)
    assert asked(town)[("roofs", "invested")].said.reason == "an invoice was left out"


def test_what_was_accepted_while_somebody_typed_is_a_conflict_and_not_overwritten(town: District):
    write(town, "13元", seen=0)
    town.write("""
    undertaking  measure   kind    period   amount
    roofs        invested  report  2026-01  12
    """)
    assert cell(town).spoken_since
    submission = send(town).submission
    assert code(intake.submit, submission=submission, by=town.people["reporter"], now=NOW) == "slot-spoke-meanwhile"


# What the checks say while somebody types


def test_what_the_checks_find_is_told_beside_the_cell_before_anything_is_sent(town: District):
    town.write("""
    undertaking  measure   kind    period   amount
    roofs        invested  report  2025-12  9
    roofs        total     report  2025-12  900000
    """)
    write(town, "80元", "roofs", "invested")
    write(town, "800000元", "roofs", "total")
    assert [found.code for found in cell(town).findings] == []
    assert "amount-falls" in [found.code for found in cell(town, "roofs", "total").findings]


# Evidence


def test_a_file_shown_in_a_cell_goes_into_the_ledger_with_it(town: District):
    write(town, "12")
    evidence = attach(town).evidence
    submission = send(town).submission
    assert list(submission.lines.get().evidence.all()) == [evidence]
    accepted(town, submission)
    entry = asked(town)[("roofs", "invested")].said
    assert [link.evidence for link in entry.evidence_links.all()] == [evidence]


def test_the_same_file_is_kept_once_and_may_show_two_cells(town: District):
    first = attach(town)
    assert code(attach, town) == "evidence-there-already"
    again = attach(town, "roofs", "start")
    assert (first.new, again.new, again.evidence) == (True, False, first.evidence)
    assert Evidence.objects.count() == 1
    assert TypedCell.objects.filter(evidence=first.evidence).count() == 2


def test_a_file_may_belong_to_an_undertaking_alone(town: District):
    attached = attach(town, measure=False)
    assert (attached.cell, attached.evidence.undertaking.code) == (None, "roofs")
    assert code(attach, town, measure=False) == "evidence-there-already"
    assert not TypedCell.objects.exists()


def test_a_file_removed_from_a_cell_stays_with_its_undertaking(town: District):
    attached = attach(town)
    typing.detach_from_cell(cell=TypedCell.objects.get(), evidence=attached.evidence, by=town.people["colleague"])
    assert not TypedCell.objects.exists()
    assert list(town.undertakings["roofs"].evidence.all()) == [attached.evidence]
    write(town, "12")
    attach(town)
    typing.detach_from_cell(cell=TypedCell.objects.get(), evidence=attached.evidence, by=town.people["reporter"])
    assert TypedCell.objects.get().typed == "12万元"


def test_a_cell_with_nothing_but_a_file_is_neither_filled_nor_sent(town: District):
    attach(town)
    assert not cell(town).filled
    assert code(send, town) == "month-says-nothing-new"
    assert TypedCell.objects.get().evidence.count() == 1


def test_a_file_that_is_none_leaves_no_cell_behind(town: District):
    file = {"name": "x.exe", "content": io.BytesIO(b"\x7fELF\x00\x01"), "by": town.people["reporter"], "now": NOW, "on": TODAY}
    assert code(typing.attach_to_cell, **place(town), **file) == "file-type-unknown"
    assert not TypedCell.objects.exists()


# Bodies


def test_who_reports_for_which_bodies(town: District):
    def offered(name: str) -> list[str]:
        return [body.code for body in reads.reporting(town.people[name])]

    assert offered("reporter") == ["works"]
    assert offered("dispatcher") == ["top", "parks", "works"]
    assert offered("reviewer") == []


def test_a_month_is_read_with_six_questions_however_long_it_is(town: District, django_assert_num_queries: Any):
    with django_assert_num_queries(5):
        reads.asked(town.bodies["works"], JANUARY)
    for count in range(30):
        town.promise(f"more-{count}")
        write(town, str(count), f"more-{count}")
    attach(town, "more-0")
    send(town, programme=town.programmes["invested"])
    write(town, "7", "more-1", over=["", "1"])
    with django_assert_num_queries(6):
        found = reads.asked(town.bodies["works"], JANUARY)
    assert len(found) > 200
    assert SubmissionLine.objects.count() == 30


# What several bodies answer for


def test_a_body_that_shares_an_undertaking_reports_it_in_its_month_and_owes_it_not(town: District):
    town.undertakings["ponds"].joint_bodies.add(town.bodies["works"])
    shared, led = asked(town)["ponds", "invested"], asked(town, body="parks")["ponds", "invested"]
    assert [(one.joint, one.due) for one in (shared, led, asked(town)["roofs", "invested"])] == [
        (True, False),
        (False, True),
        (False, True),
    ]
    write(town, "3", "ponds", "invested")
    sent = send(town)
    assert [(line.undertaking.code, line.amount) for line in sent.submission.lines.select_related("undertaking")] == [
        ("ponds", Decimal(30000))
    ]
    accepted(town, sent.submission)
    assert asked(town, body="parks")["ponds", "invested"].known == Decimal(30000)
    assert ("ponds", "invested") in asked(town, body="top")
    assert asked(town, body="top")["ponds", "invested"].due


def test_a_body_that_only_shares_has_a_month(town: District):
    assert reads.reporting(town.people["stranger"]) == [town.bodies["parks"]]
    town.undertakings["ponds"].lead_body = town.bodies["works"]
    town.undertakings["ponds"].save()
    assert asked(town, body="parks") == {}
    town.undertakings["ponds"].joint_bodies.add(town.bodies["parks"])
    assert {name for name, _ in asked(town, body="parks")} == {"ponds"}
    assert town.bodies["parks"] in reads.reporting(town.people["dispatcher"])
