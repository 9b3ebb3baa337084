"""Files on their way in: kept byte for byte, read once, and never lost, whoever is killed when.

A file is accepted when its content lies in its place and its row and its place in the queue are written, together. Reading ends in
one transaction: the draft and the file's state are wholly there or wholly absent. Nothing that is read enters the ledger by itself.
"""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any, BinaryIO, Final

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Q, QuerySet

from duban.core import periods
from duban.core.refusals import Finding, Refusal
from duban.intake import actions, reads, tasks
from duban.intake.models import Submission, TableMapping, Upload
from duban.intake.pulses import QUIET, TRIES, Lost, Pulse, claim
from duban.people import audit, permits
from duban.people.models import Body, User
from duban.people.permits import reach
from duban.registry import keeping
from duban.registry.filetypes import plain_name

State = Upload.State
UNFINISHED: Final = (State.RECEIVED, State.READING)
AT_ONCE: Final = 256 * 1024
"""Bytes up to which a file is read while its sender waits."""
DAY: Final = 24 * 3600

log = logging.getLogger("duban.intake")


def folder() -> Path:
    """The folder of all files that were sent in."""
    return Path(settings.MEDIA_ROOT) / "uploads"


def path_of(upload: Upload) -> Path:
    """Where the file's content lies."""
    return keeping.place_of(folder(), upload.sha256)


def visible(user: Any) -> QuerySet[Upload]:
    """The files that `user` may open: those of bodies that they report for, and those behind a report that they may see."""
    writes = Body.objects.filter(reach(user, "report.write"))
    behind = reads.visible(user).exclude(upload=None).values("upload")
    return Upload.objects.filter(Q(body__in=writes) | Q(pk__in=behind)).select_related("body", "sent_by", "mapping")


# Receiving


def receive(*, stream: BinaryIO, name: str, body: Body, by: User, now: datetime, period: date | None = None) -> Upload:
    """Keep a file of `body` and queue its reading. The same file again is the same upload, unless nothing came of that.

    `period` is the month that it speaks of where it does not say so itself. Raises PermissionDenied, or `Refusal`
    "file-too-large" or "file-empty".
    """
    permits.check(by, "report.write", body)
    if period is not None:
        periods.speakable(period)
    with keeping.received(stream, folder(), megabytes=settings.SET["upload_mb"]) as kept:
        keeping.keep(kept, folder())
    with transaction.atomic():
        Body.objects.select_for_update(no_key=True).get(pk=body.pk)  # two at once are two in turn
        if earlier := _earlier(body, kept.sha256, period):
            return earlier
        upload = Upload.objects.create(
            body=body, name=plain_name(name), sha256=kept.sha256, size=kept.size, period=period, sent_by=by, sent_at=now
        )
        audit.record(by=by, act="upload.receive", subject=upload.pk, file=upload.name, sha256=kept.sha256, size=kept.size)
        _queue(upload, now)
    return upload


def _earlier(body: Body, sha256: str, period: date | None) -> Upload | None:
    """The newest upload of the same content, when something came of it: it is being read, or its report has neither been thrown
    away nor, once accepted, been undone.
    """
    found = Upload.objects.filter(body=body, sha256=sha256, period=period).order_by("-pk").first()
    if found is None or found.state == State.REFUSED:
        return None
    undone = Q(state=Submission.State.ACCEPTED, batch__undone_by__state=Submission.State.ACCEPTED)
    came = found.state != State.READ or found.submissions.exclude(undone).exists()
    return found if came else None


def at_once(upload: Upload) -> bool:
    """Whether the file is small enough to be read while its sender waits."""
    return upload.size <= AT_ONCE


def _queue(upload: Upload, now: datetime) -> None:
    """Have it read; a small one only if whoever received it does not come to that."""
    tasks.enqueue(upload, after=now + QUIET if at_once(upload) else None)


def told(
    *, upload: Upload, mapping: TableMapping, by: User, now: datetime, on: date, period: date | None = None, sheet: str = ""
) -> Upload:
    """Go on with a file whose columns have been told; a small one is read at once.

    Raises PermissionDenied, or `Refusal` "upload-in-another-state".
    """
    permits.check(by, "report.write", upload.body)
    with transaction.atomic():
        again = {
            "state": State.RECEIVED,
            "beat_at": now,
            "mapping": mapping,
            "told_by": by,
            "sheet": sheet,
            "counts": {},
            "period": period or upload.period,
        }
        if not Upload.objects.filter(pk=upload.pk, state=State.ASKING).update(**again):
            raise Refusal("upload-in-another-state")
        audit.record(by=by, act="upload.told", subject=upload.pk, mapping=mapping.pk)
        _queue(upload, now)
    upload.refresh_from_db()
    return read(upload=upload, now=now, on=on) if at_once(upload) else upload


# Reading


def read(*, upload: Upload, now: datetime, on: date) -> Upload:
    """Read a file that nobody reads, to its end: a draft, a question about its columns, nothing new, or why it cannot be read."""
    pulse = claim(upload, now=now)
    if pulse is not None:
        upload.refresh_from_db()
        _read(upload, pulse, on)
    upload.refresh_from_db()
    return upload


def _read(upload: Upload, pulse: Pulse, on: date) -> None:
    from duban.intake.recognising import recognise  # the readers are many, and only who reads needs them

    try:
        if pulse.tries > TRIES:
            raise Refusal("upload-failed")
        with pulse:
            found = recognise(upload, path_of(upload), on=on, tell=pulse.tell)
        if found is None:
            pulse.end(State.ASKING, counts={})
        else:
            _write(upload, pulse, found, on)
    except Lost:
        log.info("upload %s is read by another", upload.pk)
    except Refusal as refusal:
        _refuse(pulse, refusal)
    except PermissionDenied:
        _refuse(pulse, Refusal("upload-sender-left", by=str(upload.sent_by), body=upload.body.name))
    except Exception:
        log.exception("upload %s could not be read", upload.pk)
        _refuse(pulse, Refusal("upload-failed"))


def _refuse(pulse: Pulse, refusal: Refusal) -> None:
    pulse.end(State.REFUSED, counts={}, refusal={"code": refusal.code, "facts": plain(refusal.facts)})


def plain(facts: Mapping[str, Any]) -> dict[str, Any]:
    """Facts as JSON keeps them; days and amounts as text."""
    kept: dict[str, Any] = json.loads(json.dumps(dict(facts), default=str, ensure_ascii=False))
    return kept


@transaction.atomic
def _write(upload: Upload, pulse: Pulse, found: Any, on: date) -> None:
    """What was read, as a draft, and the file's state with it. A file that says nothing new leaves no draft, only notes."""
    pulse.hold()
    reading = found.reading
    counts = {name: int(count) for name, count in reading.counts.items()}
    if len(reading.lines) or any(finding.row is not None for finding in reading.findings):
        actions.draft(
            body=upload.body,
            by=upload.sent_by,
            lines=reading.lines,
            on=on,
            origin=Submission.Origin(str(found.kind)),
            period=reading.period or upload.period,
            upload=upload,
            findings=reading.findings,
            writers=[upload.told_by] if upload.told_by else [],
        )
    else:
        counts["notes"] = [_note(finding) for finding in reading.findings]  # type: ignore[assignment]
    if found.mapping is not None:
        TableMapping.objects.filter(pk=found.mapping.pk).update(used_at=pulse.now())
    rows = max(counts.get("rows", 0), 1)
    if not pulse.end(State.READ, kind=found.kind, counts=counts, mapping=found.mapping, sheet=found.sheet[:80], done=rows, total=rows):
        raise Lost


def _note(finding: Finding) -> dict[str, Any]:
    return {"code": finding.code, "facts": plain(finding.facts), "place": finding.place}


# After somebody was killed


def quiet_since(upload: Upload) -> datetime:
    """When something last happened to a file that is not finished."""
    return upload.beat_at or upload.sent_at


def take_up(*, now: datetime) -> int:
    """Queue every file that is not finished and in no queue; how many there were. A reader that still lives keeps its file."""
    queued = set(tasks.waiting())
    left = [upload for upload in Upload.objects.filter(state__in=UNFINISHED).order_by("pk") if upload.pk not in queued]
    for upload in left:
        tasks.enqueue(upload, after=max(now, quiet_since(upload) + QUIET))
    return len(left)


def stir(upload: Upload, *, now: datetime) -> None:
    """Queue a file again whose reader has died; whoever waits for it asks for this."""
    dead = upload.state in UNFINISHED and quiet_since(upload) < now - QUIET
    if dead and upload.pk not in tasks.waiting():
        tasks.enqueue(upload)


def sweep() -> int:
    """Remove what was left half-received more than a day ago; how many files there were."""
    return keeping.sweep(folder(), before=time.time() - DAY)
