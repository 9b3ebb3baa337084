"""`duban work` reads in the background what was sent in; `duban upload` sends a file in from a script."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any, BinaryIO, Final

import click

from duban.cli.asked import Month
from duban.cli.frame import command, duban, person_named, ready, say
from duban.cli.tick_commands import ROUNDS
from duban.core.refusals import Finding, Refusal

INTERVAL: Final = 1.0
"""Seconds between two looks into an empty queue: one short transaction that writes nothing."""
WATCH: Final = 2.0


def _files(now: datetime, on: date) -> Mapping[str, int]:
    from duban.intake import tasks, uploads

    return {"taken up": uploads.take_up(now=now), "pruned": tasks.prune(now=now), "swept": uploads.sweep()}


def _photographs(now: datetime, on: date) -> Mapping[str, int]:
    from duban.registry import evidence

    return {"looked at": evidence.look_again()}


ROUNDS += [("files", _files), ("photographs", _photographs)]


@duban.command()
@click.option("--beside", type=int, hidden=True, help="End when this process, which began us, is gone.")
@command
def work(*, beside: int | None, as_json: bool) -> None:
    """Read in the background what was sent in, until ended. `duban serve` runs one of these; more of them share the work."""
    from django.core.management import call_command
    from django.db import OperationalError, connection
    from django.utils import timezone

    ready()
    if beside is not None:
        threading.Thread(target=_end_with, args=[beside], daemon=True).start()
    _files(timezone.now(), timezone.localdate())
    while True:
        try:
            call_command("db_worker", interval=INTERVAL, reload=False, batch=False, startup_delay=False, verbosity=0)
            return
        except OperationalError:  # somebody else wrote for longer than we wait, or the database is away for a moment
            connection.close()
            time.sleep(INTERVAL)


def _end_with(parent: int) -> None:
    """Ask ourselves to end once `parent` has: nobody else would."""
    while os.getppid() == parent:
        time.sleep(WATCH)
    os.kill(os.getpid(), signal.SIGTERM)


@duban.command()
@click.argument("file", type=click.File("rb"))
@click.option("--body", "code", required=True, help="Code of the body that reports.")
@click.option("--by", required=True, help="User name of whoever reports.")
@click.option("--period", type=Month(), help="The month that the file speaks of, where it does not say so itself.")
@command
def upload(file: BinaryIO, *, code: str, by: str, period: date | None, as_json: bool) -> None:
    """Send in a workbook, a table or a CSV of slots. It becomes a draft, which still has to be sent and accepted."""
    from django.core.exceptions import PermissionDenied
    from django.utils import timezone

    from duban.intake import uploads
    from duban.people.models import Body

    ready()
    body, person = Body.objects.filter(code=code).first(), person_named(by)
    if body is None:
        raise Refusal("body-unknown", body=code)
    try:
        sent = uploads.receive(
            stream=file, name=Path(getattr(file, "name", "-")).name, body=body, by=person, now=timezone.now(), period=period
        )
    except PermissionDenied:
        raise Refusal("upload-sender-left", by=str(person), body=body.name) from None
    told = _told(_finished(sent))
    say(as_json, told, _text(told))
    if told["state"] != "read" or told["counts"].get("wrong"):
        raise SystemExit(1)


def _finished(sent: Any) -> Any:
    """The upload when it has been read: by us, unless somebody else is at it."""
    from django.conf import settings
    from django.utils import timezone

    from duban.intake import uploads

    while True:
        sent = uploads.read(upload=sent, now=timezone.now(), on=settings.SET["today"] or timezone.localdate())
        if sent.state not in uploads.UNFINISHED:
            return sent
        time.sleep(INTERVAL / 2)


def _told(sent: Any) -> dict[str, Any]:
    from duban.web import wording

    found: list[Any] = []
    for report in sent.submissions.all():
        found += [(one.code, one.facts, one.place) for one in report.findings.order_by("pk")]
    found += [(note["code"], note["facts"], note["place"]) for note in sent.counts.get("notes", [])]
    if sent.refusal:
        found.append((sent.refusal["code"], sent.refusal["facts"], {}))
    return {
        "upload": sent.pk,
        "name": sent.name,
        "sha256": sent.sha256,
        "kind": sent.kind,
        "state": sent.state,
        "counts": {name: count for name, count in sent.counts.items() if name != "notes"},
        "reports": list(sent.submissions.order_by("pk").values_list("pk", flat=True)),
        "findings": [
            {**place, "code": code, "facts": facts, "text": wording.told(Finding(code, facts=facts, **place))}
            for code, facts, place in found
        ],
    }


def _text(told: Mapping[str, Any]) -> str:
    counts = ", ".join(f"{count} {name.replace('_', ' ')}" for name, count in told["counts"].items())
    said = {
        "asking": "its columns have to be told first, at the desk",
        "refused": "could not be read",
        "read": f"draft {', '.join(f'#{number}' for number in told['reports'])}" if told["reports"] else "nothing new: no draft was made",
    }[told["state"]]
    lines = [f"{told['name']} (upload {told['upload']}): {said}", *([f"  {counts}"] if counts else [])]
    return "\n".join([*lines, *(f"  {finding['text']}" for finding in told["findings"])])
