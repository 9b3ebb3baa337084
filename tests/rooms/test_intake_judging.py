"""What is handed in is judged against what the ledger says, month by month, and what was explained stays explained."""

from __future__ import annotations

import csv
import io
import json
from datetime import date, datetime, timedelta
from typing import Any

import books
import numpy as np
import pytest
import realdata
from django.db import connection
from django.test.utils import CaptureQueriesContext
from PIL import Image, ImageDraw
from rulers import weigh
from stage import NOW, TODAY, District, district

from duban.core import periods
from duban.core.checks import CHECKS
from duban.core.refusals import Finding, Refusal
from duban.intake import actions as intake
from duban.intake import judging, kept
from duban.intake.lines import Said
from duban.intake.models import Calendar, Submission, SubmissionFinding
from duban.intake.readings import Columns
from duban.intake.undoing import undo
from duban.ledger.models import Entry
from duban.registry import evidence
from duban.registry.models import Evidence
from duban.web import wording

pytestmark = pytest.mark.django_db
HEAD = "undertaking measure kind period amount\n"
HEADS = "recorded " + HEAD


@pytest.fixture
def town(db: None) -> District:
    made = district()
    for code in ("roofs", "roads"):
        made.promise(code)
    return made


def lines(town: District, text: str, **shown: tuple[Evidence, ...]) -> list[Said]:
    """Lines as a book writes them; a plan's amount with `*` behind it is its first wording."""
    made = []
    for row in books.rows(HEAD + text):
        original = row["amount"].endswith("*")
        words = [row[name] for name in ("undertaking", "measure", "kind", "period")]
        line = town.line(*words, row["amount"].rstrip("*"), reason="because")
        if row["undertaking"] in shown:
            line = type(line)(**{name: getattr(line, name) for name in line.__slots__} | {"evidence": shown[row["undertaking"]]})
        made.append(Said(line, original=original))
    return made


def drafted(town: District, text: str, *, on: date = TODAY, origin: str = "form", **shown: tuple[Evidence, ...]) -> Submission:
    by, body = town.people["reporter"], town.bodies["works"]
    return intake.draft(body=body, by=by, lines=lines(town, text, **shown), on=on, origin=origin)


def accepted(town: District, submission: Submission) -> Submission:
    intake.submit(submission=submission, by=town.people["reporter"], now=NOW, on=TODAY)
    intake.accept(submission=submission, by=town.people["reviewer"], now=NOW)
    return submission


def told(submission: Submission) -> list[tuple[str, str, str]]:
    """Code, undertaking and period of every finding of a check."""
    found = submission.findings.filter(code__in=CHECKS).order_by("pk")
    return [(one.code, one.facts["undertaking"], one.facts["period"]) for one in found]


def facts(submission: Submission, code: str) -> dict[str, Any]:
    (found,) = submission.findings.filter(code=code)
    sentence = wording.sentence(found.code, found.facts)
    assert wording.display.SILENCE not in sentence.replace(found.facts["name"], ""), sentence
    assert json.loads(json.dumps(found.facts)) == found.facts
    return found.facts


LEDGER = HEADS + "2026-01-20  roofs  invested  report  2025-12  90\n2026-02-03  roofs  invested  report  2026-01  12\n"


# Amounts against the ledger


def test_a_fall_is_found_with_what_a_sentence_needs(town: District):
    town.write(LEDGER)
    submission = drafted(town, "roofs invested report 2026-02 11.5")
    assert told(submission) == [("amount-falls", "roofs", "2026-02")]
    assert facts(submission, "amount-falls") == {
        "undertaking": "roofs",
        "name": "roofs",
        "measure": "invested",
        "measure_code": "invested",
        "unit": "元",
        "period": "2026-02",
        "amount": "11.5",
        "before": "12",
        "since": "2026-01",
    }
    assert submission.findings.get().line.undertaking.code == "roofs"


def test_a_year_begins_anew_and_a_withdrawn_slot_is_silent(town: District):
    town.write(LEDGER)
    assert told(drafted(town, "roofs invested report 2026-01 10")) == []
    town.write(HEADS + "2026-02-04  roofs  invested  report  2026-01  withdrawn\n")
    assert told(drafted(town, "roofs invested report 2026-02 11")) == [("missing-period", "roofs", "2026-02")]


def test_the_last_word_of_a_slot_is_what_counts(town: District):
    town.write(LEDGER + "2026-02-09  roofs  invested  report  2026-01  15\n")
    assert told(drafted(town, "roofs invested report 2026-02 14")) == [("amount-falls", "roofs", "2026-02")]
    town.write(HEADS + "2026-02-10  roofs  invested  report  2026-01  13\n")
    assert told(drafted(town, "roofs invested report 2026-02 14")) == []


def test_a_correction_of_an_earlier_month_answers_for_the_later_one(town: District):
    town.write(LEDGER + "2026-03-01  roofs  invested  report  2026-02  14\n")
    submission = drafted(town, "roofs invested report 2026-01 15")
    (found,) = submission.findings.all()
    assert (found.code, found.line.period, found.facts["period"], found.facts["since"]) == (
        "amount-falls",
        date(2026, 1, 31),
        "2026-02",
        "2026-01",
    )


def test_a_line_that_says_what_stands_is_judged_by_what_came_before(town: District):
    town.write(LEDGER + "2026-03-01  roofs  invested  report  2026-02  14\n")
    assert told(drafted(town, "roofs invested report 2026-02 14")) == []


def test_the_plan_may_come_in_the_same_submission(town: District):
    town.write(LEDGER)
    text = "roofs invested report 2026-02 121\nroofs invested plan 2026-12 100"
    submission = drafted(town, text)
    assert told(submission) == [("far-above-plan", "roofs", "2026-02")]
    assert (facts(submission, "far-above-plan")["plan"], facts(submission, "far-above-plan")["percent"]) == ("100", "121")


def test_the_plan_is_that_of_the_years_end_and_its_last_wording(town: District):
    plans = "2026-01-04  roofs  invested  plan  2026-06  50\n2026-01-04  roofs  invested  plan  2026-12  100\n"
    town.write(LEDGER + plans + "2026-01-04  roofs  invested  plan  2025-12  10\n2026-01-09  roofs  invested  plan  2026-12  90\n")
    assert told(drafted(town, "roofs invested report 2026-02 108")) == []
    assert told(drafted(town, "roofs invested report 2026-02 108.01")) == [("far-above-plan", "roofs", "2026-02")]


@pytest.mark.parametrize(
    ("done", "found"),
    [
        ("2026-02-03  roofs  finish    report  2026-02  2026-02-01", []),
        ("2026-02-03  roofs  progress  report  2026-02  100", []),
        ("2026-02-03  roofs  progress  report  2026-01  100", []),
        ("2026-02-03  roofs  progress  report  2026-02  99", [("far-above-plan", "roofs", "2026-02")]),
        ("2026-02-03  roads  progress  report  2026-02  100", [("far-above-plan", "roofs", "2026-02")]),
    ],
)
def test_what_is_complete_may_exceed_its_plan(town: District, done: str, found: list[Any]):
    town.write(f"{LEDGER}2026-01-04  roofs  invested  plan  2026-12  100\n{done}\n")
    assert told(drafted(town, "roofs invested report 2026-02 200")) == found


def test_completion_may_come_in_the_same_submission_and_from_the_registry(town: District):
    town.write(LEDGER + "2026-01-04  roofs  invested  plan  2026-12  100\n")
    text = "roofs invested report 2026-02 200\n"
    assert told(drafted(town, text + "roofs finish report 2026-02 2026-02-20")) == []
    assert told(drafted(town, text + "roofs progress report 2026-02 100")) == []
    town.undertakings["roofs"].stage = "finished"
    town.undertakings["roofs"].save()
    assert told(drafted(town, text)) == []


def test_what_an_indicator_says_rises_and_falls(town: District):
    town.write(HEADS + "2026-02-03  roofs  progress  report  2026-01  41\n")
    assert told(drafted(town, "roofs progress report 2026-02 40")) == [("progress-falls", "roofs", "2026-02")]
    town.undertakings["roofs"].kind = "indicator"
    town.undertakings["roofs"].save()
    assert told(drafted(town, "roofs progress report 2026-02 40")) == []
    assert told(drafted(town, "roofs progress report 2026-02 140")) == []


def test_a_report_of_longer_ago_than_two_years_is_not_held_against_anything(town: District):
    town.write(HEADS + "2022-02-03  roofs  total  report  2023-12  90\n")
    assert told(drafted(town, "roofs total report 2026-01 80")) == []
    town.write(HEADS + "2022-02-03  roofs  total  report  2024-01  90\n")
    assert [code for code, *_ in told(drafted(town, "roofs total report 2026-01 80"))] == ["amount-falls", "missing-period"]


def test_the_unit_is_asked_about(town: District):
    town.write(HEADS + "2026-02-03  roofs  invested  report  2026-01  2000000\n")
    submission = drafted(town, "roofs invested report 2026-02 240")
    assert [code for code, *_ in told(submission)] == ["unit-off", "amount-falls"]
    assert facts(submission, "unit-off")["known"] == "2000000"


@pytest.mark.parametrize(
    ("code", "ledger", "text"),
    [
        ("progress-falls", "roofs progress report 2026-01 41", "roofs progress report 2026-02 40"),
        ("spike-then-fall", "roofs total report 2025-12 100\nroofs total report 2026-01 200", "roofs total report 2026-02 120"),
        ("over-hundred", "", "roofs progress report 2026-02 101"),
        (
            "long-run",
            "\n".join(f"roofs total report {month} 7" for month in ("2025-11", "2025-12", "2026-01")),
            "roofs total report 2026-02 7",
        ),
        (
            "period-end-jump",
            "\n".join(f"roofs total report 2025-{month} {amount}" for month, amount in (("08", 5), ("09", 6), ("10", 7), ("11", 8))),
            "roofs total report 2025-12 20",
        ),
        ("revised-before-original", "roofs finish plan 2026-12 2026-06-30", "roofs finish plan 2026-12 2026-05-31"),
    ],
)
def test_every_finding_can_be_told_in_a_sentence(town: District, code: str, ledger: str, text: str):
    if ledger:
        town.write(HEADS + "\n".join(f"2026-02-20 {row}" for row in ledger.splitlines()))
    assert facts(drafted(town, text), code)["name"] == "roofs"


# Silence


def test_a_month_left_out_is_named(town: District):
    town.write(HEADS + "2025-12-03  roofs  total  report  2025-11  90\n")
    submission = drafted(town, "roofs total report 2026-02 91")
    assert facts(submission, "missing-period")["missing"] == ["2025-12", "2026-01"]


def test_what_is_reported_by_the_quarter_misses_no_month(town: District):
    town.write(HEADS + "2025-07-03  roofs  total  report  2025-06  90\n2025-07-03  roofs  total  report  2025-09  91\n")
    assert told(drafted(town, "roofs total report 2025-12 92")) == []
    town.write(HEADS + "2025-07-03  roads  total  report  2025-07  90\n")
    assert told(drafted(town, "roofs total report 2025-12 92\nroads total report 2025-08 91")) == [("missing-period", "roofs", "2025-12")]


def test_the_reporting_calendar_says_how_often(town: District):
    town.write(HEADS + "2025-07-03  roofs  total  report  2025-06  90\n2025-07-03  roofs  total  report  2025-09  91\n")
    line = Calendar.objects.create(programme=town.programmes["invested"], every="month", since=date(2025, 1, 1))
    assert told(drafted(town, "roofs total report 2025-12 92")) == [("missing-period", "roofs", "2025-12")]
    line.measures.set([town.measures["progress"]])
    assert told(drafted(town, "roofs total report 2025-12 92")) == []


def sent(town: District, text: str) -> Submission:
    return intake.submit(submission=drafted(town, text), by=town.people["reporter"], now=NOW, on=TODAY)


def test_what_waits_for_a_reviewer_counts_as_if_it_were_accepted(town: District):
    drafted(town, "roofs total report 2025-12 70")
    assert told(drafted(town, "roofs total report 2026-01 60")) == []
    waiting = sent(town, "roofs total report 2025-12 70")
    assert told(waiting) == []
    assert told(drafted(town, "roofs total report 2026-01 60")) == [("amount-falls", "roofs", "2026-01")]
    assert told(drafted(town, "roofs total report 2026-01 80\nroofs total report 2025-12 75")) == []
    judging.judge(waiting, on=TODAY)
    assert told(waiting) == []
    intake.give_back(submission=waiting, by=town.people["reviewer"], reason="look again", now=NOW)
    assert told(drafted(town, "roofs total report 2026-01 60")) == []


def test_a_month_that_waits_is_not_missing(town: District):
    town.write(HEADS + "2025-12-03  roofs  total  report  2025-11  90\n")
    assert [one for one, *_ in told(drafted(town, "roofs total report 2026-01 92"))] == ["missing-period"]
    sent(town, "roofs total report 2025-12 91")
    assert told(drafted(town, "roofs total report 2026-01 92")) == []


# Plans


def test_a_first_wording_is_not_told_anew_and_a_revised_day_comes_later(town: District):
    town.write(HEADS + "2026-01-03  roofs  finish  plan  2026-12  2026-06-30\n2026-01-09  roofs  finish  plan  2026-12  2026-09-30\n")
    submission = drafted(town, "roofs finish plan 2026-12 2026-07-31*")
    assert told(submission) == [("original-rewritten", "roofs", "2026-12")]
    assert (facts(submission, "original-rewritten")["now"], facts(submission, "original-rewritten")["first"]) == (
        "2026-07-31",
        "2026-06-30",
    )
    assert told(drafted(town, "roofs finish plan 2026-12 2026-06-30*")) == []
    assert told(drafted(town, "roofs finish plan 2026-12 2026-10-31")) == []
    assert told(drafted(town, "roofs finish plan 2026-12 2026-06-29")) == [("revised-before-original", "roofs", "2026-12")]
    assert told(drafted(town, "roofs finish plan 2027-12 2026-06-29")) == [("revised-before-original", "roofs", "2027-12")]


def test_the_first_wording_may_come_in_the_same_file(town: District):
    both = "roofs finish plan 2026-12 2026-06-30*\nroofs finish plan 2026-12 {}"
    assert told(drafted(town, both.format("2026-07-31"))) == []
    assert told(drafted(town, both.format("2026-05-31"))) == [("revised-before-original", "roofs", "2026-12")]


def test_an_original_cost_is_kept_too(town: District):
    town.write(HEADS + "2026-01-03  roofs  total  plan  2026-12  480\n2026-01-03  roofs  total  plan  2026-12  640\n")
    assert told(drafted(town, "roofs total plan 2026-12 640*")) == [("original-rewritten", "roofs", "2026-12")]
    assert told(drafted(town, "roofs total plan 2026-12 700")) == []


def test_a_plan_ten_thousand_times_another_is_asked_about(town: District):
    town.write(HEADS + "2026-01-03  roofs  total  plan  2026-12  4800000\n")
    submission = drafted(town, "roofs total plan 2026-12 500")
    assert told(submission) == [("plan-unit-off", "roofs", "2026-12")]
    assert facts(submission, "plan-unit-off")["known"] == "4800000"


# Wholes and lists


@pytest.fixture
def park(town: District) -> District:
    town.promise("park")
    for part in ("gate", "pond"):
        town.promise(part, parent="park")
    return town


def test_a_whole_is_marked_when_its_parts_do_not_add_up_to_it(park: District):
    park.write(HEADS + "2026-02-03  gate  total  report  2026-01  30\n2026-02-03  pond  total  report  2026-01  60\n")
    submission = drafted(park, "park total report 2026-01 100")
    assert told(submission) == [("parts-differ", "park", "2026-01")]
    assert [facts(submission, "parts-differ")[name] for name in ("amount", "summed", "difference", "told", "parts")] == [
        "100",
        "90",
        "10",
        2,
        2,
    ]
    assert told(drafted(park, "park total report 2026-01 90")) == []


def test_a_part_is_marked_when_the_whole_was_told_before(park: District):
    park.write(HEADS + "2026-02-03  gate  total  report  2026-01  30\n2026-02-03  park  total  report  2026-01  100\n")
    assert told(drafted(park, "pond total report 2026-01 70")) == []
    submission = drafted(park, "pond total report 2026-01 80")
    assert told(submission) == [("parts-differ", "park", "2026-01")]
    assert submission.findings.get().line.undertaking.code == "pond"


def test_a_part_that_is_silent_may_be_what_is_missing(park: District):
    assert told(drafted(park, "park total report 2026-01 100\ngate total report 2026-01 30")) == []
    assert told(drafted(park, "park total report 2026-01 20\ngate total report 2026-01 30")) == [("parts-differ", "park", "2026-01")]
    assert told(drafted(park, "park progress report 2026-01 20\ngate progress report 2026-01 30")) == []


@pytest.fixture
def listed(town: District) -> District:
    town.promise("walls")
    rows = [
        f"2026-0{month + 1}-03  {code}  total  report  2026-0{month}  {month}" for month in (1, 2) for code in ("roofs", "roads", "walls")
    ]
    town.write(HEADS + "\n".join(rows))
    return town


APRIL = date(2026, 4, 2)


def test_who_is_missing_from_a_list_and_who_is_new_on_it(listed: District):
    listed.promise("doors")
    text = "roofs total report 2026-03 3\nroads total report 2026-03 3\ndoors total report 2026-03 3"
    submission = drafted(listed, text, on=APRIL, origin="table")
    assert told(submission) == [("entered-list", "doors", "2026-03"), ("left-list", "walls", "2026-03")]
    left = submission.findings.get(code="left-list")
    assert (left.line, left.facts["name"], left.facts["since"]) == (None, "walls", "2026-02")
    assert submission.findings.get(code="entered-list").line.undertaking.code == "doors"
    assert facts(submission, "left-list") and facts(submission, "entered-list")


def test_a_single_report_is_no_list(listed: District):
    assert told(drafted(listed, "roofs total report 2026-03 3", on=APRIL)) == []
    found = judging.find(lines(listed, "roofs total report 2026-03 3\nroads total report 2026-03 3"), on=APRIL)
    assert [one.code for one in found] == []


def test_a_list_handed_in_by_halves_misses_nobody(listed: District):
    first = drafted(listed, "walls total report 2026-03 3", on=APRIL)
    assert told(drafted(listed, "roofs total report 2026-03 3\nroads total report 2026-03 3", on=APRIL)) == []
    intake.discard(submission=first, by=listed.people["reporter"])
    assert told(drafted(listed, "roofs total report 2026-03 3\nroads total report 2026-03 3", on=APRIL)) == [
        ("left-list", "walls", "2026-03")
    ]


def test_a_few_of_very_many_are_no_list(listed: District, monkeypatch: pytest.MonkeyPatch):
    text = "roofs total report 2026-03 3\nroads total report 2026-03 3"
    assert told(drafted(listed, text, on=APRIL)) == [("left-list", "walls", "2026-03")]
    monkeypatch.setattr("duban.intake.judging.panel.PART", 1)
    assert told(drafted(listed, text.replace("03 3", "03 4"), on=APRIL)) == []


def test_another_bodys_undertakings_are_not_missed(listed: District):
    listed.promise("ponds", body="parks")
    rows = [f"2026-0{month + 1}-03  ponds  total  report  2026-0{month}  {month}" for month in (1, 2)]
    listed.write(HEADS + "\n".join(rows))
    text = "roofs total report 2026-03 3\nroads total report 2026-03 3\nwalls total report 2026-03 3"
    assert told(drafted(listed, text, on=APRIL)) == []


# Evidence


def attached(town: District, undertaking: str, content: bytes, name: str, now: datetime = NOW) -> Evidence:
    return evidence.attach(
        undertaking=town.undertakings[undertaking], name=name, content=io.BytesIO(content), by=town.people["reporter"], now=now
    )


def photograph(seed: int, *, size: tuple[int, int] = (400, 300), quality: int = 90) -> bytes:
    chance = np.random.default_rng(seed)
    picture = Image.fromarray(chance.integers(0, 255, (6, 8), dtype=np.uint8)).resize((400, 300), Image.Resampling.BICUBIC).convert("RGB")
    ImageDraw.Draw(picture).rectangle((40 * seed % 300, 50, 40 * seed % 300 + 60, 250), fill=(200, 40, 40))
    content = io.BytesIO()
    picture.resize(size).save(content, "JPEG", quality=quality)
    return content.getvalue()


START = "roofs start report 2026-02 2026-02-10"


def test_a_start_without_a_file_is_asked_for_one(town: District):
    submission = drafted(town, START)
    assert told(submission) == [("started-without-evidence", "roofs", "2026-02")]
    assert facts(submission, "started-without-evidence")
    attached(town, "roads", photograph(1), "a.jpg")
    assert len(told(drafted(town, START))) == 1
    attached(town, "roofs", photograph(2), "b.jpg")
    assert told(drafted(town, START)) == []


@pytest.mark.parametrize(("before", "stage", "found"), [("0", "", True), ("5", "", False), ("", "", False), ("", "new", True)])
def test_a_projects_first_amount_is_a_start(town: District, before: str, stage: str, found: bool):
    if before:
        town.write(f"{HEADS}2026-02-03  roofs  total  report  2026-01  {before}\n")
    town.undertakings["roofs"].stage = stage
    town.undertakings["roofs"].save()
    submission = drafted(town, "roofs total report 2026-02 6\nroofs progress report 2026-02 1")
    assert told(submission) == ([("started-without-evidence", "roofs", "2026-02")] if found else [])


def test_a_service_begins_without_a_photograph(town: District):
    town.write(f"{HEADS}2026-02-03  roofs  total  report  2026-01  0\n")
    town.undertakings["roofs"].kind = "service"
    town.undertakings["roofs"].save()
    assert told(drafted(town, "roofs total report 2026-02 6")) == []


def test_a_photograph_of_another_undertaking_is_known_again(town: District):
    first = attached(town, "roads", photograph(3), "roads.jpg", NOW - timedelta(days=3))
    copy = attached(town, "roofs", photograph(3, size=(200, 150), quality=40), "roofs.jpg")
    other = attached(town, "roofs", photograph(4), "other.jpg")
    assert len(first.look) == 16
    submission = drafted(town, START, roofs=(other, copy))
    assert told(submission) == [("photograph-again", "roofs", "2026-02")]
    told_of = facts(submission, "photograph-again")
    assert [told_of[name] for name in ("file", "seen_file", "seen", "seen_name", "seen_at")] == [
        "roofs.jpg", "roads.jpg", "roads", "roads", "2026-02-26",
    ]  # fmt: skip
    assert told(drafted(town, "roads start report 2026-02 2026-02-10", roads=(first,))) == []
    assert told(drafted(town, START, roofs=(other,))) == []


def test_a_photograph_of_an_earlier_period_is_known_again(town: District):
    shown = attached(town, "roofs", photograph(5), "january.jpg")
    again = attached(town, "roofs", photograph(5, quality=50), "february.jpg")
    assert told(drafted(town, "roofs total report 2026-01 5", roofs=(shown, again))) == []
    accepted(town, drafted(town, "roofs total report 2026-01 5", roofs=(shown,)))
    for one in (shown, again):
        submission = drafted(town, "roofs total report 2026-02 6\nroofs progress report 2026-02 6", roofs=(one,))
        assert told(submission) == [("photograph-again", "roofs", "2026-02")]
        assert facts(submission, "photograph-again")["seen_at"] == "2026-01"
    assert told(drafted(town, "roofs total report 2026-01 7", roofs=(again,))) == []


def test_no_upload_fails_for_its_look(town: District, monkeypatch: pytest.MonkeyPatch):
    def broken(*_: Any) -> None:
        raise MemoryError

    monkeypatch.setattr("duban.registry.looks._flat", broken)
    assert attached(town, "roofs", photograph(6), "a.jpg").look == ""
    assert attached(town, "roofs", b"words", "a.txt").look == ""


# Policy and explanations


def code(call: Any, **named: Any) -> str:
    with pytest.raises(Refusal) as refused:
        call(**named)
    return refused.value.code


def test_a_finding_only_notes_until_the_programme_says_more(town: District):
    town.write(LEDGER)
    submission = drafted(town, "roofs invested report 2026-02 11")
    assert submission.findings.get().weight == "note"
    accepted(town, submission)
    assert submission.findings.get().code == "amount-falls"


def test_what_is_to_be_explained_keeps_a_report_from_being_sent_until_it_is(town: District):
    town.write(LEDGER)
    weigh(town, checks={"amount-falls": "explain", "progress-falls": "block"})
    submission = drafted(town, "roofs invested report 2026-02 11")
    sending = {"submission": submission, "by": town.people["reporter"], "now": NOW, "on": TODAY}
    assert submission.findings.get().weight == "explain"
    assert code(intake.submit, **sending) == "finding-unexplained"
    intake.explain(finding=submission.findings.get(), by=town.people["colleague"], explanation="an invoice was taken back", now=NOW)
    intake.submit(**sending)
    kept = submission.findings.get()
    assert (kept.explanation, kept.explained_by, kept.explained_at) == ("an invoice was taken back", town.people["colleague"], NOW)


def test_a_block_is_mended_not_explained(town: District):
    town.write(LEDGER)
    weigh(town, checks={"amount-falls": "block"})
    submission = drafted(town, "roofs invested report 2026-02 11")
    intake.explain(finding=submission.findings.get(), by=town.people["reporter"], explanation="so it is", now=NOW)
    assert code(intake.submit, submission=submission, by=town.people["reporter"], now=NOW, on=TODAY) == "finding-blocks"


def test_thresholds_are_the_programmes_own(town: District):
    town.promise("lamps", lead="total")
    rows = [f"2026-01-03  {code}  total  report  2025-{month}  7" for code in ("roofs", "lamps") for month in ("10", "11")]
    town.write(HEADS + "\n".join(rows))
    weigh(town, thresholds={"run_reports": 3})
    submission = drafted(town, "roofs total report 2025-12 7\nlamps total report 2025-12 7")
    assert told(submission) == [("long-run", "roofs", "2025-12")]


def test_a_bodys_rulebook_weighs_for_all_of_its_programmes_and_a_programmes_own_lies_over_it(town: District):
    town.promise("lamps", lead="total")
    town.write(LEDGER + "2026-02-03  lamps  invested  report  2026-01  12\n")
    weigh(town, "top", checks={"amount-falls": "block"})
    weigh(town, "total", checks={"amount-falls": "explain"})
    submission = drafted(town, "roofs invested report 2026-02 11\nlamps invested report 2026-02 11")
    assert {one.facts["undertaking"]: one.weight for one in submission.findings.all()} == {"roofs": "block", "lamps": "explain"}


def test_checks_weigh_what_the_rulebook_says_that_is_in_force_today(town: District):
    town.write(LEDGER)
    weigh(town, checks={"amount-falls": "explain"}, since=TODAY + timedelta(days=1))
    submission = drafted(town, "roofs invested report 2026-02 11")
    assert submission.findings.get().weight == "note"
    judging.judge(submission, on=TODAY + timedelta(days=1))
    assert submission.findings.get().weight == "explain"


def test_explanations_outlive_a_new_judgement_and_go_with_what_they_explain(town: District):
    town.write(LEDGER + "2026-02-03  roads  invested  report  2026-01  12\n")
    submission = drafted(town, "roofs invested report 2026-02 11\nroads invested report 2026-02 10")
    for finding in submission.findings.all():
        intake.explain(finding=finding, by=town.people["reporter"], explanation=finding.facts["undertaking"], now=NOW)
    before = set(submission.findings.values_list("pk", flat=True))
    judging.judge(submission, on=TODAY)
    assert {one.facts["undertaking"]: one.explanation for one in submission.findings.all()} == {"roofs": "roofs", "roads": "roads"}
    assert not before & set(submission.findings.values_list("pk", flat=True))
    town.write(HEADS + "2026-02-20  roads  invested  report  2026-01  9\n")
    judging.judge(submission, on=TODAY)
    assert [one.explanation for one in submission.findings.all()] == ["roofs"]


def test_explanations_can_be_carried_over_to_new_lines(town: District):
    town.write(LEDGER)
    submission = drafted(town, "roofs invested report 2026-02 11")
    intake.explain(finding=submission.findings.get(), by=town.people["reporter"], explanation="an invoice was taken back", now=NOW)
    before = judging.explained(submission)
    submission.lines.all().delete()
    kept.write(submission, Columns.of(lines(town, "roofs invested report 2026-02 10")))
    judging.judge(submission, on=TODAY, before=before)
    assert submission.findings.get().explanation == "an invoice was taken back"


def test_who_left_the_list_stays_explained(listed: District):
    text = "roofs total report 2026-03 3\nroads total report 2026-03 3"
    submission = drafted(listed, text, on=APRIL)
    intake.explain(finding=submission.findings.get(), by=listed.people["reporter"], explanation="finished", now=NOW)
    judging.judge(submission, on=APRIL)
    assert (submission.findings.get().code, submission.findings.get().explanation) == ("left-list", "finished")


def test_what_a_reader_found_is_kept(town: District):
    town.write(LEDGER)
    found = [Finding("amount-unreadable", 3, "invested", {"amount": "x"}), Finding("amount-falls", 4, "invested", {})]
    by, body = town.people["reporter"], town.bodies["works"]
    submission = intake.draft(body=body, by=by, lines=lines(town, "roofs invested report 2026-02 13"), on=TODAY, findings=found)
    judging.judge(submission, on=TODAY)
    assert list(submission.findings.values_list("code", flat=True)) == ["amount-unreadable", "amount-falls"]


def test_taking_a_batch_back_is_never_held_up(town: District):
    town.write(LEDGER)
    weigh(town, checks={"amount-falls": "block"})
    town.write(HEADS + "2026-03-01  roofs  invested  report  2026-02  10\n")
    batch = accepted(town, drafted(town, "roofs invested report 2026-02 13")).batch
    taken_back = undo(batch=batch, by=town.people["reporter"], reason="wrong file", now=NOW, on=TODAY)
    assert (taken_back.state, [one.weight for one in taken_back.findings.all()]) == ("submitted", ["note"])


# Reading


def test_columns_and_lines_are_judged_alike(town: District):
    town.write(LEDGER)
    said = lines(town, "roofs invested report 2026-02 11\nroads invested report 2026-01 5")
    found = judging.find(Columns.of(said), on=TODAY)
    assert found == judging.find(said, on=TODAY)
    assert [(one.code, one.index) for one in found] == [("amount-falls", 0)]
    assert judging.find([], on=TODAY) == []


def test_a_thousand_undertakings_are_judged_in_as_many_questions_as_ten(town: District):
    def asked(count: int) -> int:
        first = len(town.undertakings)
        for number in range(first, first + count):
            town.promise(f"more-{number}")
        codes = list(town.undertakings)[first:]
        text = "\n".join(f"{one} invested report 2026-01 5" for one in codes)
        said = Columns.of(lines(town, text))
        with CaptureQueriesContext(
            connection,
        ) as queries:
            judging.find(said, on=TODAY)
        return len(queries)

    assert asked(10) == asked(1000) <= 12


def test_undertakings_far_apart_are_judged_too(town: District):
    town.write(LEDGER)
    town.promise("far", id=10**9)
    text = "roofs invested report 2026-02 11\nfar progress report 2026-02 101"
    assert [one for one, *_ in told(drafted(town, text))] == ["amount-falls", "over-hundred"]


# A real portfolio

AIRPORTS = realdata.FOLDER / "paimana" / "airports_2025-07_2025-10.csv"


def airports(town: District) -> dict[str, list[dict[str, str]]]:
    months: dict[str, list[dict[str, str]]] = {}
    with AIRPORTS.open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            months.setdefault(row["month"], []).append(row)
    for row in months["2025-07"]:
        town.promise(row["project_id"], lead="total")
    return months


def written(day: str) -> str:
    return "-".join(reversed(day.split("/")))


def month_of(town: District, rows: list[dict[str, str]], month: str) -> str:
    """A month's lines: what was spent, how far it is, and plans where they are new."""
    text = []
    for row in rows:
        code = row["project_id"]
        text.append(f"{code} total report {month} {row['cumulative_expenditure_cr']}")
        text.append(f"{code} progress report {month} {row['physical_progress_pct']}")
        for measure, first, now in (
            ("total", row["original_cost_cr"], row["revised_cost_cr"]),
            ("finish", written(row["original_end_dmy"]), written(row["revised_end_dmy"])),
        ):
            said = Entry.objects.filter(undertaking__code=code, measure__code=measure, kind="plan").order_by("-seq").first()
            stands = "" if said is None else f"{said.amount:f}" if said.day is None else said.day.isoformat()
            text += [f"{code} {measure} plan 2025-12 {first}*"] if said is None else []
            text += [f"{code} {measure} plan 2025-12 {now}"] if now and now != (stands or first) else []
    return "\n".join(text)


@realdata.needs("paimana")
def test_a_real_portfolio_sent_month_by_month_shows_its_defects_and_no_other(town: District):
    months = airports(town)
    found = {}
    for month, rows in months.items():
        day = periods.read_period(month) + timedelta(days=5)
        found[month] = told(submission := drafted(town, month_of(town, rows, month), on=day, origin="table"))
        accepted(town, submission)
    assert found == {
        "2025-07": [],
        "2025-08": [("amount-falls", "706718", "2025-08")],
        "2025-09": [("amount-falls", "701126", "2025-09"), ("spike-then-fall", "701126", "2025-09")],
        "2025-10": [("long-run", "706718", "2025-10")],
    }
    assert SubmissionFinding.objects.count() == 4


def test_of_very_many_findings_of_one_check_the_rest_is_one_finding_as_heavy_as_they_are(town: District, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(judging, "MOST", 1)
    weigh(town, checks={"amount-falls": "explain"})
    town.write(LEDGER + "2026-02-03  roads  invested  report  2026-01  12\n")
    submission = drafted(town, "roofs invested report 2026-02 11\nroads invested report 2026-02 10")
    first, more = submission.findings.order_by("pk")
    assert (first.code, first.facts["undertaking"], more.code, more.line) == ("amount-falls", "roofs", "findings-more", None)
    assert (more.facts["check"], more.facts["count"], more.weight) == ("amount-falls", 1, "explain")
    intake.explain(finding=first, by=town.people["reporter"], explanation="an invoice", now=NOW)
    with pytest.raises(Refusal, match="finding-unexplained"):
        intake.submit(submission=submission, by=town.people["reporter"], now=NOW, on=TODAY)
    more = submission.findings.get(code="findings-more")
    intake.explain(finding=more, by=town.people["reporter"], explanation="two invoices", now=NOW)
    intake.submit(submission=submission, by=town.people["reporter"], now=NOW, on=TODAY)
    assert [one.explanation for one in submission.findings.order_by("pk")] == ["an invoice", "two invoices"]
