"""`duban workbook`: a body's month as a workbook, for whoever cannot fetch it themselves."""

from __future__ import annotations

from datetime import date
from typing import Any

import click

from duban.cli.frame import command, duban, ready, say
from duban.core import periods
from duban.core.refusals import Refusal


@duban.command()
@click.argument("body")
@click.argument("period")
@click.option("--output", "-o", type=click.File("wb", lazy=True), required=True, help="The XLSX file to write.")
@command
def workbook(body: str, period: str, *, output: Any, as_json: bool) -> None:
    """The workbook in which BODY (a code) reports for PERIOD (2021-08), pre-filled with what the ledger knows."""
    from django.conf import settings
    from django.utils import timezone, translation

    from duban.intake import workbooks
    from duban.people.models import Body

    ready()
    found = Body.objects.filter(code=body).first()
    if found is None:
        raise Refusal("body-unknown", body=body)
    on: date = settings.SET["today"] or timezone.localdate()
    content = workbooks.written(body=found, period=periods.read_period(period), language=translation.get_language() or "en", by=None, on=on)
    output.write(content)
    facts = {"body": found.code, "period": period, "file": output.name, "bytes": len(content)}
    say(as_json, facts, f"{output.name}: {found.name}, {period}, {len(content):,} bytes")
