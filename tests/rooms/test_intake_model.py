"""Whatever people do with reports, in whatever order: only what somebody else accepted counts, and the ledger stays one chain a slot."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Max
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase
from ledgers import QUICK
from stage import NOW, TODAY, district

from duban.core import history
from duban.core.refusals import Refusal
from duban.intake import actions as intake
from duban.intake import undoing
from duban.intake.lines import Said
from duban.intake.models import Submission
from duban.ledger import reads, running
from duban.ledger.models import Batch, Entry

PEOPLE = ("reporter", "colleague", "dispatcher", "reviewer")
SLOTS = st.tuples(
    st.sampled_from(["roofs", "wells"]),
    st.sampled_from(["report", "report", "plan"]),
    st.sampled_from(["2026-01", "2026-02"]),
    st.sampled_from(["1", "2", "3", "withdrawn"]),
    st.sampled_from(["a reason", "a reason", ""]),
    st.sampled_from([None, "now", "silent"]),
    st.booleans(),
)
LINES = st.lists(SLOTS, min_size=1, max_size=3)
WHICH = st.integers(0, 7)
WRITERS, ANYBODY = st.sampled_from(["reporter", "dispatcher"]), st.sampled_from(PEOPLE)
REVIEWERS = st.sampled_from(["reviewer", "reviewer", "dispatcher", "dispatcher", "reporter"])
ACTS = st.one_of(
    st.tuples(st.just("draft"), WHICH, WRITERS, LINES),
    st.tuples(st.just("round"), WHICH, WRITERS, LINES),
    st.tuples(st.just("round"), WHICH, WRITERS, LINES),
    st.tuples(st.just("revise"), WHICH, ANYBODY, LINES),
    *(st.tuples(st.just(act), WHICH, WRITERS, st.none()) for act in ("submit", "part", "undo", "take back", "take back", "discard")),
    *(st.tuples(st.just(act), WHICH, REVIEWERS, st.none()) for act in ("accept", "accept", "give_back")),
)
State = Submission.State
FITS = {"submit": ["draft", "returned"], "accept": ["submitted"], "give_back": ["submitted"], "revise": ["draft", "returned"],
        "part": ["draft", "returned"], "discard": ["draft", "returned"]}  # fmt: skip
ASTRAY = 6
"""From here on `which` looks at any submission, else at those of which the act may be true."""
Slot = tuple[int, int, str, int]
Values = tuple[int | None, int | None]


class Office:
    """The real office and a naive one beside it: a dictionary of what each slot says, and who had a hand in what."""

    def __init__(self) -> None:
        self.town = district()
        for code in ("roofs", "wells"):
            self.town.promise(code)
        self.slots: dict[Slot, Values] = {}
        self.hands: dict[int, set[str]] = {}
        self.written = 0
        self.first = reads.head()

    def lines(self, told: list[Any]) -> list[Said]:
        lines = []
        for undertaking, kind, period, amount, reason, seen, original in told:
            line = self.town.line(undertaking, "invested", kind, period, amount, reason)
            slot = Entry.objects.filter(undertaking=line.undertaking_id, kind=kind, period=line.period)
            now = slot.aggregate(seq=Max("seq"))["seq"] or 0
            known = {None: None, "now": now, "silent": 0}[seen]
            lines.append(Said(line, seen=known, original=original and kind == "plan" and amount != "withdrawn"))
        return lines

    def one(self, verb: str, which: int) -> Submission | None:
        found = list(Submission.objects.filter(**({"state__in": FITS[verb]} if which < ASTRAY else {})).order_by("pk"))
        return found[-1 - which % len(found)] if found else None

    def act(self, verb: str, which: int, who: str, told: list[Any] | None) -> None:
        by = self.town.people[who]
        if verb in ("draft", "round"):
            made = intake.draft(body=self.town.bodies["works"], by=by, lines=self.lines(told or []), on=TODAY)
            self.hands[made.pk] = {who}
            if verb == "round":
                intake.submit(submission=made, by=by, now=NOW, on=TODAY)
                self.of(made, "accept", self.town.people["reviewer"], "reviewer", None)
        elif verb in ("undo", "take back"):
            if batches := list(Batch.objects.order_by("-pk")):
                made = undoing.undo(batch=batches[which % len(batches)], by=by, reason="taken back", now=NOW, on=TODAY)
                self.hands[made.pk] = {who}
                if verb == "take back":
                    self.of(made, "accept", self.town.people["reviewer"], "reviewer", None)
        elif (submission := self.one(verb, which)) is not None:
            self.of(submission, verb, by, who, told)

    def of(self, submission: Submission, verb: str, by: Any, who: str, told: list[Any] | None) -> None:
        number = submission.pk
        if verb == "revise":
            intake.revise(submission=submission, by=by, lines=self.lines(told or []), on=TODAY)
            self.hands[number].add(who)
        elif verb == "submit":
            intake.submit(submission=submission, by=by, now=NOW, on=TODAY)
            self.hands[number].add(who)
        elif verb == "give_back":
            intake.give_back(submission=submission, by=by, reason="look again", now=NOW)
        elif verb == "part":
            first = submission.lines.order_by("pk").values_list("pk", flat=True)[:1]
            rest = intake.part(submission=submission, by=by, lines=list(first))
            self.hands[number].add(who)
            if rest is not None:
                self.hands[rest.pk] = set(self.hands[number])
        elif verb == "discard":
            intake.discard(submission=submission, by=by)
            assert submission.pk is None or not Submission.objects.filter(pk=number).exists()
        else:
            said = self.accepted(submission)
            entries = intake.accept(submission=submission, by=by, now=NOW)
            assert who not in self.hands[number], "nobody accepts their own"
            self.written += len(entries)
            self.slots |= said

    def accepted(self, submission: Submission) -> dict[Slot, Values]:
        """What the slots say once a submission is accepted: a first wording is overtaken by its revision."""
        said: dict[Slot, Values] = {}
        for line in submission.lines.order_by("-original", "pk"):
            wanted = intake.Line(line.undertaking_id, line.measure_id, line.kind, line.period, line.amount, line.day)
            spoke = self.slots.get(wanted.slot, said.get(wanted.slot))
            if wanted.said != (None, None) or spoke is not None:
                said[wanted.slot] = wanted.said
        return said

    def holds(self) -> None:
        """What is true after every step."""
        entries = list(Entry.objects.filter(seq__gt=self.first).order_by("seq"))
        assert [entry.seq for entry in entries] == list(range(self.first + 1, self.first + 1 + self.written))
        last: dict[Any, Entry] = {}
        for entry in entries:
            slot = (entry.undertaking_id, entry.measure_id, entry.kind, entry.period)
            assert entry.replaces == (last[slot].seq if slot in last else None), "one chain a slot"
            assert entry.replaces is None or entry.reason
            assert entry.submitted_by_id != entry.accepted_by_id
            last[slot] = entry
        known = running.rows(history.known(history.ENTRIES), head=reads.head())
        assert {
            (row["undertaking_id"], row["measure_id"], row["kind"], row["period"]): (row["amount"], row["day"]) for row in known
        } == self.slots
        assert sum(row["amount"] or 0 for row in known) == sum(amount or 0 for amount, _ in self.slots.values())
        assert set(Batch.objects.filter(entries__seq__gt=self.first)) == {one.batch for one in Submission.objects.exclude(batch=None)}
        assert all(one.state == State.ACCEPTED for one in Submission.objects.exclude(batch=None))


class Sequences(TestCase):
    @QUICK
    @given(acts=st.lists(ACTS, min_size=6, max_size=16))
    def test_only_what_was_accepted_counts_whatever_was_done_in_whatever_order(self, acts: list[Any]) -> None:
        office = Office()
        for verb, which, who, told in acts:
            refused(office, lambda verb=verb, which=which, who=who, told=told: office.act(verb, which, who, told))
            office.holds()

    def test_a_batch_is_undone_and_its_undoing_undone(self) -> None:
        office = Office()
        told = [("roofs", "report", "2026-01", "1", "a reason", None, False)]
        office.act("draft", 0, "reporter", told)
        office.act("submit", 0, "reporter", None)
        for _ in range(3):
            office.act("accept", 0, "reviewer", None)
            office.holds()
            office.act("undo", 0, "reporter", None)
        assert office.written == 3
        assert list(office.slots.values()) == [(10_000, None)]


def refused(office: Office, act: Callable[[], Any]) -> None:
    """Do it, all of it or nothing; what is refused leaves everything as it was."""
    before, hands = Entry.objects.count(), set(office.hands)
    try:
        with transaction.atomic():
            act()
    except (Refusal, PermissionDenied):
        assert Entry.objects.count() == before
        for number in set(office.hands) - hands:
            del office.hands[number]
