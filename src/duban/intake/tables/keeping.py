"""Keeping what somebody said of a table's columns and rows, so that nobody is asked again; and forgetting it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db import transaction

from duban.core.refusals import Refusal
from duban.intake.models import TableMapping
from duban.intake.tables import meanings
from duban.intake.tables.meanings import Meaning
from duban.people import audit, permits
from duban.people.models import Body, User
from duban.registry.models import Programme

LONGEST = 120
FORGOTTEN = "forgotten-"


def _called(name: str) -> str:
    if not name.strip():
        raise Refusal("mapping-name-missing")
    return name.strip()[:LONGEST]


@transaction.atomic
def keep(
    *, body: Body, programme: Programme, name: str, fingerprint: str, columns: Sequence[Meaning], by: User, now: datetime,
    options: Mapping[str, str] | None = None,
) -> TableMapping:  # fmt: skip
    """Keep what the columns of a head mean to `body`; what was kept of the same head before is replaced, its rows stay.

    Raises PermissionDenied, or what `meanings.check` refuses.
    """
    permits.check(by, "report.write", body)
    meanings.check(columns, {measure.code: measure for measure in programme.measures.all()})
    mapping, _ = TableMapping.objects.update_or_create(
        body=body,
        programme=programme,
        fingerprint=fingerprint,
        defaults={
            "name": _called(name),
            "columns": [one.kept for one in columns],
            "options": dict(options or {}),
            "made_by": by,
            "made_at": now,
        },
    )
    audit.record(by=by, act="mapping.keep", subject=mapping.pk, called=mapping.name, programme=programme.code)
    return mapping


@transaction.atomic
def tell_rows(*, mapping: TableMapping, rows: Mapping[str, str], by: User) -> TableMapping:
    """Say which undertaking (by code) a row's label stands for, or that it is left out (""). What was said of others stays."""
    permits.check(by, "report.write", mapping.body)
    mapping.refresh_from_db(from_queryset=TableMapping.objects.select_for_update())
    codes = set(mapping.programme.undertakings.filter(code__in=set(rows.values()) - {""}).values_list("code", flat=True))
    if strangers := sorted(set(rows.values()) - codes - {""}):
        raise Refusal("undertaking-unknown", undertaking=strangers[0])
    mapping.rows = {**mapping.rows, **rows}
    mapping.save(update_fields=["rows"])
    audit.record(by=by, act="mapping.rows", subject=mapping.pk, rows=len(rows))
    return mapping


@transaction.atomic
def rename(*, mapping: TableMapping, name: str, by: User) -> TableMapping:
    """Give a mapping another name."""
    permits.check(by, "report.write", mapping.body)
    mapping.name = _called(name)
    mapping.save(update_fields=["name"])
    audit.record(by=by, act="mapping.rename", subject=mapping.pk, called=mapping.name)
    return mapping


@transaction.atomic
def forget(*, mapping: TableMapping, by: User) -> None:
    """Recognise no table by it any more; files that were read by it still tell how they were read."""
    permits.check(by, "report.write", mapping.body)
    mapping.fingerprint = f"{FORGOTTEN}{mapping.pk}"
    mapping.save(update_fields=["fingerprint"])
    audit.record(by=by, act="mapping.forget", subject=mapping.pk, called=mapping.name)
