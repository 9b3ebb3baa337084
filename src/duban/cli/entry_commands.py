"""`duban import`, `export`: entries of the ledger, in and out."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO

import click

from duban.cli.asked import KNOWN_AT, when
from duban.cli.frame import command, duban, person_named, ready, say


@duban.command("import")
@click.argument("file", type=click.File("rb"))
@click.option("--by", "by", required=True, help="User name of whoever reports.")
@click.option("--accepted-by", required=True, help="User name of whoever accepts; never the same person.")
@command
def import_(file: BinaryIO, *, by: str, accepted_by: str, as_json: bool) -> None:
    """Append a CSV of slots: undertaking,measure,kind,period,amount,reason. All of it, or nothing and every error."""
    from django.conf import settings
    from django.utils import timezone

    from duban.intake import slots_csv
    from duban.web import wording

    ready()
    people = {name: person_named(name) for name in (by, accepted_by)}
    on = settings.SET["today"] or timezone.localdate()
    result = slots_csv.import_csv(
        stream=file, name=Path(file.name).name, by=people[by], accepted_by=people[accepted_by], now=timezone.now(), on=on
    )
    found = [{"row": f.row, "column": f.column, "code": f.code, "facts": f.facts, "text": wording.told(f)} for f in result.findings]
    facts = {"rows": result.rows, "entries": len(result.entries), "digest": result.digest, "findings": found}
    if found:
        text = "\n".join([f"nothing was taken: {len(found)} findings in {result.rows} rows", *(f"  {f['text']}" for f in found)])
    else:
        text = f"{result.rows} rows read, {len(result.entries)} entries appended"
    say(as_json, facts, text)
    if found:
        raise SystemExit(1)


@duban.group()
def export() -> None:
    """Write what duban holds to a file."""


@export.command("ledger")
@click.option("--output", "-o", type=click.File("w", encoding="utf-8"), default="-", help="Default: standard output.")
@KNOWN_AT
@command
def export_ledger(*, output: Any, known_at: datetime | None, as_json: bool) -> None:
    """Every entry in the order it was written, as CSV, or with --json as one JSON object a line."""
    from duban.cli.exports import entries

    ready()
    _, head = when(None, known_at)
    for line in entries(head=head, as_json=as_json):
        output.write(line)
