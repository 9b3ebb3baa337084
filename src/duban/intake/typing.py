"""The month as it is typed: cell by cell, kept at once, shared by the reporters of a body, sent together when they say so.

What is kept is what was typed, word for word; only a bare number of money gets the unit that its typist chose behind it. Nobody
overwrites a colleague without having seen what stood there: whoever types says what they saw (`over`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import BinaryIO, Final

from django.core.exceptions import PermissionDenied
from django.db import transaction

from duban.core.refusals import Refusal
from duban.intake import actions, forms, reads
from duban.intake.forms import Cell
from duban.intake.models import Submission, TypedCell
from duban.people import audit, permits
from duban.people.models import Body, User
from duban.registry import evidence as files
from duban.registry.models import Evidence, Measure, Programme, Undertaking

LONGEST: Final = 200
LONGEST_REASON: Final = 500


def _enter(body: Body, period: date, by: User, on: date) -> None:
    """Let `by` into the body's month, one at a time. Raises PermissionDenied or `Refusal` "period-not-ended"."""
    permits.check(by, "report.write", body)
    if period > on:
        raise Refusal("period-not-ended", period=period)
    Body.objects.select_for_update(no_key=True).get(pk=body.pk)  # two at once are two in turn


def _check_slot(body: Body, undertaking: Undertaking, measure: Measure) -> None:
    if not reads.reached(body).filter(pk=undertaking.pk).exists():
        raise Refusal("undertaking-of-another-body", undertaking=undertaking.code, body=body.name)
    if not undertaking.programme.measures.filter(pk=measure.pk).exists():
        raise Refusal("measure-not-in-programme", undertaking=undertaking.code, measure=measure.code)


def _check_length(text: str, limit: int) -> str:
    """The text without what no database keeps. Raises `Refusal` "typed-too-long"."""
    plain = text.replace("\x00", "").strip()
    if len(plain) > limit:
        raise Refusal("typed-too-long", limit=limit)
    return plain


def _clash(there: TypedCell | None, body: Body, period: date, undertaking: Undertaking, measure: Measure) -> Refusal:
    """Why a cell does not say what its typist saw: typed over, emptied or sent by somebody else."""
    if there is not None and there.typed:
        return Refusal("typed-meanwhile", typed=there.typed, person=str(there.typed_by), at=there.typed_at)
    if there is not None:
        return Refusal("emptied-meanwhile", typed="", person=str(there.typed_by), at=there.typed_at)
    (asked,) = reads.asked(body, period, undertaking=undertaking.pk, measure=measure.pk)
    if asked.waiting is not None:
        return Refusal("sent-meanwhile", typed="", submission=asked.waiting.submission_id)
    return Refusal("gone-meanwhile", typed="")


@transaction.atomic
def type_cell(
    *,
    body: Body,
    period: date,
    undertaking: Undertaking,
    measure: Measure,
    typed: str,
    by: User,
    now: datetime,
    on: date,
    unit: str = forms.USUAL,
    reason: str = "",
    seen: int = 0,
    over: Collection[str] = ("",),
) -> TypedCell | None:
    """Keep what somebody typed into a cell, readable or not; None once the cell is empty.

    `unit` is what they mean by a bare number of money, `seen` the entry that they saw in the slot, `over` what they saw in the
    cell, or sent there without having had an answer. Raises PermissionDenied, or `Refusal`: "typed-meanwhile",
    "emptied-meanwhile", "sent-meanwhile" or "gone-meanwhile" where something else stands there now.
    """
    _enter(body, period, by, on)
    _check_slot(body, undertaking, measure)
    words = forms.complete(_check_length(typed, LONGEST), measure, unit)
    why = _check_length(reason, LONGEST_REASON)
    slot = {"body": body, "period": period, "undertaking": undertaking, "measure": measure}
    there = TypedCell.objects.select_related("typed_by").filter(**slot).first()
    stands = there.typed if there else ""
    if stands not in {words, *(forms.complete(text, measure, unit) for text in over)}:
        raise _clash(there, body, period, undertaking, measure)
    if there is None and not words:
        return None
    if there is not None and (there.typed, there.reason, there.seen) == (words, why, seen):
        return there
    audit.record(by=by, act="month.type", subject=f"{undertaking.code} {measure.code}", period=period.isoformat(), typed=words)
    if there is not None and not words and not there.evidence.exists():
        there.delete()
        return None
    told = {"typed": words, "reason": why, "seen": seen, "typed_by": by, "typed_at": now}
    cell, _ = TypedCell.objects.update_or_create(defaults=told, **slot)
    cell.writers.add(by)
    return cell


@dataclass(frozen=True, slots=True)
class Attached:
    """A file and whether it is new; one that the undertaking has had already is not kept twice. `cell` of None: no cell shows it."""

    evidence: Evidence
    new: bool
    cell: TypedCell | None = None


@transaction.atomic
def attach_to_cell(
    *,
    body: Body,
    period: date,
    undertaking: Undertaking,
    measure: Measure | None,
    name: str,
    content: BinaryIO,
    by: User,
    now: datetime,
    on: date,
) -> Attached:
    """Keep a file with an undertaking and show it in a cell, so that it goes along when the cell is sent; without `measure` in none.

    A file that the undertaking has already is shown in the cell and not kept again. Raises PermissionDenied, or `Refusal`
    "evidence-there-already" when the cell shows this very file, and whatever `registry.evidence.attach` refuses.
    """
    _enter(body, period, by, on)
    if measure is not None:
        _check_slot(body, undertaking, measure)
    if not files.may(by, "report.write", undertaking):
        raise PermissionDenied("report.write")  # before anything is said of the files that it has
    there = undertaking.evidence.filter(sha256=hashlib.file_digest(content, "sha256").hexdigest()).first()
    content.seek(0)
    cell = None
    if measure is not None:
        slot = {"body": body, "period": period, "undertaking": undertaking, "measure": measure}
        (asked,) = reads.asked(body, period, undertaking=undertaking.pk, measure=measure.pk)
        cell, _ = TypedCell.objects.get_or_create(defaults={"typed_by": by, "typed_at": now, "seen": asked.seq}, **slot)
    if there is not None and (cell is None or cell.evidence.filter(pk=there.pk).exists()):
        raise Refusal("evidence-there-already", name=there.name, at=there.added_at)
    shown = there or files.attach(undertaking=undertaking, name=name, content=content, by=by, now=now)
    if cell is not None:
        cell.evidence.add(shown)
        cell.writers.add(by)
        audit.record(by=by, act="month.attach", subject=f"{undertaking.code} {cell.measure.code}", file=shown.name, sha256=shown.sha256)
    return Attached(shown, new=there is None, cell=cell)


@transaction.atomic
def detach_from_cell(*, cell: TypedCell, evidence: Evidence, by: User) -> None:
    """Show a file in a cell no longer; the undertaking keeps it."""
    permits.check(by, "report.write", cell.body)
    Body.objects.select_for_update(no_key=True).get(pk=cell.body_id)  # two at once are two in turn
    there = TypedCell.objects.select_related("undertaking", "measure").filter(pk=cell.pk).first()
    if there is None:
        return
    there.evidence.remove(evidence)
    audit.record(by=by, act="month.detach", subject=f"{there.undertaking.code} {there.measure.code}", file=evidence.name)
    if not there.typed and not there.evidence.exists():
        there.delete()


@dataclass(frozen=True, slots=True)
class Sent:
    """What became of a month: the draft that it is now, and the cells that stayed because they could not be read."""

    submission: Submission
    unread: list[Cell] = field(default_factory=list)


@transaction.atomic
def send_month(*, body: Body, period: date, by: User, on: date, programme: Programme | None = None) -> Sent:
    """Make a draft of every cell that can be read, of all programmes or of one; its findings are explained there before it is sent on.

    These cells are empty then. What cannot be read stays typed, and so do the other programmes. A cell that says what the ledger
    says already becomes no line. Raises PermissionDenied, or `Refusal` "month-says-nothing-new".
    """
    _enter(body, period, by, on)
    wanted = [one for one in reads.asked(body, period) if programme is None or one.undertaking.programme_id == programme.pk]
    typed = [cell for cell in forms.cells(wanted, on=on) if cell.heard is not None]
    lines = [cell.said for cell in typed if cell.readable and not cell.same]
    unread = [cell for cell in typed if not cell.readable]
    if not lines:
        raise Refusal("month-says-nothing-new", unread=len(unread))
    sent = [cell.asked.typed.pk for cell in typed if cell.readable and cell.asked.typed is not None]
    hands = User.objects.filter(pk__in=TypedCell.writers.through.objects.filter(typedcell__in=sent).values("user"))
    last = {cell.asked.typed.typed_by for cell in typed if cell.readable and cell.asked.typed is not None}
    submission = actions.draft(
        body=body, by=by, lines=lines, on=on, origin=Submission.Origin.FORM, period=period, writers=last.union(hands)
    )
    TypedCell.objects.filter(pk__in=sent).delete()
    audit.record(by=by, act="month.send", subject=submission.pk, period=period.isoformat(), cells=len(lines), unread=len(unread))
    return Sent(submission, unread)
