"""A report that a program hands in: read line by line, kept once for each key, sent into the same queue as every other."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction

from duban.api.shapes import LineGiven, SubmissionGiven
from duban.core import fixed, numerals, periods
from duban.core.refusals import Finding, Refusal
from duban.intake import actions
from duban.intake.lines import Line, Said, news
from duban.intake.models import Submission
from duban.people.models import Body, User
from duban.registry.models import Measure, Undertaking


class Unfit(Exception):
    """Lines of a request that cannot be read: `findings`, whose `row` is the line's place from 0."""

    def __init__(self, findings: list[Finding]) -> None:
        super().__init__(findings)
        self.findings = findings


class Held(Exception):
    """The checks or the ledger forbid what was handed in; nothing of it was kept, and `findings` say what the checks found."""

    def __init__(self, refusal: Refusal, findings: list[dict[str, Any]]) -> None:
        super().__init__(refusal)
        self.refusal, self.findings = refusal, findings


def digest(given: SubmissionGiven) -> str:
    """SHA-256 over what was asked for: equal requests have equal digests, whatever the order of their fields."""
    return hashlib.sha256(json.dumps(given.model_dump(mode="json"), sort_keys=True).encode()).hexdigest()


def earlier(user: User, key: str, wanted: str) -> Submission | None:
    """The submission that `user` handed in under `key`. Raises `Refusal` "key-used-differently" when it was about something else."""
    found = Submission.objects.filter(created_by=user, key=key).first()
    if found is not None and found.payload_digest != wanted:
        raise Refusal("key-used-differently", key=key)
    return found


def _value(given: LineGiven, measure: Measure, on: date) -> tuple[Decimal | None, date | None]:
    said = [given.amount is not None, given.day is not None, given.withdraw]
    if sum(said) != 1:
        raise Refusal("one-of-three")
    if given.withdraw:
        if not given.reason.strip():
            raise Refusal("correction-needs-reason")
        return None, None
    if measure.holds == Measure.Holds.DAY:
        if given.day is None:
            raise Refusal("day-expected", undertaking=given.undertaking)
        if given.kind == "report" and given.day > on:
            raise Refusal("day-not-come", day=given.day)
        return None, periods.speakable(given.day)
    if given.amount is None:
        raise Refusal("amount-expected", undertaking=given.undertaking)
    amount = numerals.read_amount(given.amount, measure.unit)[0] if isinstance(given.amount, str) else given.amount
    fixed.to_fixed(amount)
    if amount < 0 and measure.accumulates != Measure.Accumulates.LEVEL:
        raise Refusal("amount-negative", amount=amount)
    return amount, None


def _field(refusal: Refusal) -> str:
    """The field that a refusal of a line's value speaks of."""
    fields = {"period-unreadable": "period", "period-not-ended": "period", "day-not-come": "day", "day-expected": "day"}
    return fields.get(refusal.code, "reason" if refusal.code == "correction-needs-reason" else "amount")


def read(given: Sequence[LineGiven], *, body: Body, on: date) -> list[Said]:
    """The lines as intake takes them. Raises `Unfit` with everything that is wrong with them."""
    undertakings = {one.code: one for one in Undertaking.objects.filter(code__in={line.undertaking for line in given})}
    measures = {one.code: one for one in Measure.objects.filter(code__in={line.measure for line in given})}
    lines: list[Said] = []
    findings: list[Finding] = []
    for place, line in enumerate(given):
        undertaking, measure = undertakings.get(line.undertaking), measures.get(line.measure)
        if undertaking is None:
            findings.append(Finding("undertaking-unknown", place, "undertaking", {"undertaking": line.undertaking}))
        if measure is None:
            findings.append(Finding("measure-unknown", place, "measure", {"measure": line.measure}))
        if undertaking is None or measure is None:
            continue
        try:
            period = periods.read_period(line.period)
            amount, day = _value(line, measure, on)
        except Refusal as refusal:
            findings.append(Finding(refusal.code, place, _field(refusal), refusal.facts))
            continue
        said = Line(undertaking.pk, measure.pk, line.kind, period, amount=amount, day=day, reason=line.reason.strip())
        lines.append(Said(said, seen=line.seen, place={"row": place + 1}, typed=line.amount if isinstance(line.amount, str) else ""))
    if findings:
        raise Unfit(findings)
    return lines


def hand_in(*, given: SubmissionGiven, body: Body, by: User, key: str, now: datetime, on: date) -> tuple[Submission | None, int, bool]:
    """Keep a report under `key`, and send it if asked: the submission (None when nothing is new), how many lines said nothing
    new, and whether it was made now. The same request again finds the same submission.

    Raises `Unfit`, `Held`, PermissionDenied, or `Refusal` "key-used-differently" and whatever `actions.draft` refuses.
    """
    wanted = digest(given)
    if found := earlier(by, key, wanted):
        return found, 0, False
    try:
        with transaction.atomic():
            return *_keep(given, body=body, by=by, key=key, wanted=wanted, now=now, on=on), True
    except IntegrityError:
        found = earlier(by, key, wanted)  # the same request, a moment ago, on another connection
        if found is None:
            raise
        return found, 0, False


def _keep(given: SubmissionGiven, *, body: Body, by: User, key: str, wanted: str, now: datetime, on: date) -> tuple[Submission | None, int]:
    lines = read(given.lines, body=body, on=on)
    new = news(lines)
    if not new:
        return None, len(lines)
    submission = actions.draft(
        body=body, by=by, lines=new, on=on, origin=Submission.Origin.API, key=key, payload_digest=wanted,
        period=max(one.line.period for one in new),
    )  # fmt: skip
    _explain(submission, given, by=by, now=now)
    if given.send:
        try:
            actions.submit(submission=submission, by=by, now=now, on=on)
        except Refusal as refusal:
            raise Held(refusal, kept_findings(submission)) from None
    return submission, len(lines) - len(new)


def _explain(submission: Submission, given: SubmissionGiven, *, by: User, now: datetime) -> None:
    """Put the explanation that a line brings to whatever was found in it."""
    for finding in submission.findings.exclude(line=None).select_related("line", "submission__body"):
        explanation = given.lines[finding.line.place["row"] - 1].explanation
        if explanation.strip():
            actions.explain(finding=finding, by=by, explanation=explanation, now=now)


def kept_findings(submission: Submission) -> list[dict[str, Any]]:
    """The findings of a submission with the place of their line among the lines kept."""
    places = {pk: place for place, pk in enumerate(submission.lines.values_list("pk", flat=True))}
    return [
        {
            "code": found.code, "weight": found.weight, "line": places.get(found.line_id), "facts": found.facts,
            "explanation": found.explanation,
        }
        for found in submission.findings.all()
    ]  # fmt: skip
