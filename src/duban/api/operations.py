"""The operations of version 1."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated, Any

from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone, translation
from ninja import Header, Query, Status

from duban.api import entrance, handing_in, shapes
from duban.api.entrance import api
from duban.core import periods
from duban.core.refusals import Refusal
from duban.intake import queue, reads
from duban.intake.models import Submission
from duban.ledger.models import Entry
from duban.people.models import Token
from duban.web import wording
from duban.web.context import today

Asker = {400: shapes.Detail, 401: shapes.Detail, 403: shapes.Refused, 409: shapes.Refused, 422: shapes.LinesWrong, 429: shapes.Detail}


def _plain(amount: Decimal | None) -> str | None:
    return None if amount is None else f"{amount:f}"


def _worded(findings: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{**found, "message": wording.sentence(found["code"], found["facts"])} for found in findings]


def _kept(submission: Submission, unchanged: int) -> dict[str, Any]:
    lines = submission.lines.select_related("undertaking", "measure")
    returned = submission.state == Submission.State.RETURNED
    return {
        "id": submission.pk, "state": submission.state, "body": submission.body.code, "created_at": submission.created_at,
        "submitted_at": submission.submitted_at, "reviewed_at": submission.reviewed_at,
        "returned_because": submission.note if returned else "", "unchanged": unchanged,
        "lines": [
            {
                "undertaking": line.undertaking.code, "measure": line.measure.code, "kind": line.kind, "period": line.period,
                "amount": _plain(line.amount), "day": line.day, "withdraws": line.withdraws, "reason": line.reason,
            }
            for line in lines
        ],
        "findings": _worded(handing_in.kept_findings(submission)),
    }  # fmt: skip


Key = Annotated[str, Header(alias="Idempotency-Key", min_length=1, max_length=80, pattern=r"^[!-~]+$")]


@api.post(
    "/submissions",
    response={200: shapes.SubmissionKept, 201: shapes.SubmissionKept, **Asker},
    operation_id="hand_in",
    summary="Hand in a report",
)
def hand_in(request: HttpRequest, given: shapes.SubmissionGiven, key: Key) -> Any:
    """Keep a report of a body and, unless `send` is false, send it to review. Nothing of it counts before somebody else has
    accepted it.

    The same `Idempotency-Key` with the same request answers with the same submission (200) and does nothing twice; with another
    request it is refused. Lines that say what the ledger says already are passed over and counted. Lines that cannot be read are
    all named (422), and nothing is kept.
    """
    token: Token = request.auth  # type: ignore[attr-defined]
    body = entrance.body_of(token, given.body, "submissions:write")
    try:
        submission, unchanged, made = handing_in.hand_in(given=given, body=body, by=token.user, key=key, now=timezone.now(), on=today())
    except handing_in.Unfit as unfit:
        return entrance.wrong(request, unfit.findings)
    except handing_in.Held as held:
        with translation.override(entrance.language(request)):
            return Status(409, {**entrance.told(held.refusal), "findings": _worded(held.findings)})
    if submission is None:
        return Status(200, {"id": None, "state": "unchanged", "body": body.code, "unchanged": unchanged})
    with translation.override(entrance.language(request)):
        return Status(201 if made else 200, _kept(submission, unchanged))


@api.get(
    "/submissions/{number}",
    response={200: shapes.SubmissionKept, **Asker, 404: shapes.Detail},
    operation_id="submission",
    summary="Where a report stands",
)
def submission(request: HttpRequest, number: int) -> Any:
    """A submission of the token's body or below that its owner may open, with its lines and findings."""
    token: Token = request.auth  # type: ignore[attr-defined]
    if number >= 2**53 or number < 1:
        raise Http404
    found = queue.visible(token.user).filter(pk=number, body__path__startswith=token.body.path).first()
    if found is None:
        raise Http404
    entrance.body_of(token, found.body.code, "submissions:write")
    with translation.override(entrance.language(request)):
        return Status(200, _kept(found, 0))


def _said(entry: Entry | None) -> dict[str, Any] | None:
    if entry is None or (entry.amount is None and entry.day is None):
        return None
    return {"period": entry.period, "amount": _plain(entry.amount), "day": entry.day}


@api.get("/slots", response={200: list[shapes.SlotAsked], **Asker}, operation_id="slots", summary="What is to be reported")
def slots(
    request: HttpRequest,
    body: Annotated[str, Query(max_length=40, pattern=shapes.NO_NULLS)],
    period: Annotated[str, Query(max_length=10, description="2021-08")],
) -> HttpResponse | Any:
    """Every slot that the body, or one below it, may report for the period, with what the ledger knows already."""
    token: Token = request.auth  # type: ignore[attr-defined]
    chosen = entrance.body_of(token, body, "slots:read")
    month: date = periods.read_period(period)
    if month > today():
        raise Refusal("period-not-ended", period=month)
    return [
        {
            "programme": one.undertaking.programme.code, "undertaking": one.undertaking.code, "name": one.undertaking.name,
            "measure": one.measure.code, "unit": one.measure.unit, "holds": one.measure.holds, "period": one.period, "due": one.due,
            "seen": one.seq, "now": _said(one.said), "before": _said(one.before), "plan": _said(one.planned),
            "waiting": one.waiting.submission_id if one.waiting else None,
        }
        for one in reads.asked(chosen, month)
    ]  # fmt: skip
