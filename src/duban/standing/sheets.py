"""Sheets of lights, begun at one head and brought forward to the next: only what entries in between speak of is computed again.

A sheet of a later revision of the registry begins with what a kept one of an earlier revision says, as long as only undertakings and
bodies have changed in between.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from django.db import connection, transaction
from django.db.models import Max, QuerySet
from django.db.models.expressions import RawSQL

from duban.core import history, lights
from duban.core.moments import TOUCHED
from duban.core.rulebook import Rulebook
from duban.ledger import running
from duban.registry.models import MeasureVersion, ProgrammeVersion, UndertakingVersion
from duban.standing.models import Sheet, Snapshot, Standing, Terms

KEPT: Final = 40
"""Sheets kept at the most; those brought forward longest ago are thrown away and begun again when asked for."""
HEADS: Final = 200
"""Heads at which one sheet can be read; what spoke before the lowest of them is thrown away, at every `LOOKED_OVER`th snapshot."""
LOOKED_OVER: Final = 20
FARTHEST: Final = 5_000
"""Entries over which a sheet is brought forward, and changed undertakings over which one begins with another, at the most; beyond them,
computing everything costs no more."""
_WITH: Final = re.compile(r"WITH ", re.IGNORECASE)

Key = Mapping[str, Any]
Books = Mapping[int, Rulebook]


def warm() -> None:
    """Have the SQL at hand before the first reader asks: of all lights, and of those that an entry touches."""
    for touched in (True, False):
        running.ready(lights.lights(touched=touched))


def nearest(key: Key, head: int) -> Snapshot | None:
    """The snapshot of `key` (a sheet's day, revision and rulebook) at `head`, or at the nearest head below from which one goes forward."""
    return _below(Snapshot.objects.filter(**{f"sheet__{name}": value for name, value in key.items()}), head)


def _below(snapshots: QuerySet[Snapshot], head: int) -> Snapshot | None:
    """The one of these at `head`, or at the nearest head below that is not too far."""
    return snapshots.filter(head__lte=head, head__gte=head - FARTHEST).select_related("sheet").order_by("-head").first()


@transaction.atomic
def reach(key: Key, head: int, books: Books, below: Snapshot | None) -> Snapshot:
    """The snapshot of `key` at `head`: brought forward from the one at the nearest head `below`, or begun."""
    if below is None:
        return _begin(key, head, books)
    if connection.features.has_select_for_update:  # SQLite's transactions are immediate and need no more
        Sheet.objects.select_for_update().filter(pk=below.sheet_id).first()
    meanwhile = Snapshot.objects.filter(sheet=below.sheet_id, head__lte=head).aggregate(head=Max("head"))["head"]
    if meanwhile is None:
        return _begin(key, head, books)
    if meanwhile == head:
        return Snapshot.objects.select_related("sheet").get(sheet=below.sheet_id, head=head)
    return _forward(below.sheet, meanwhile, head, books)


_SPOKEN: Final = "SELECT undertaking_id FROM ledger_entry WHERE seq > {after} AND seq <= {upto}"
_TOUCHED: Final = f"{_SPOKEN} UNION SELECT parent_id FROM registry_undertaking WHERE parent_id IS NOT NULL AND id IN ({_SPOKEN})"
_TOUCHED_NAMED: Final = _TOUCHED.format(after="%(after)s", upto="%(head)s")
_REVISED: Final = "SELECT id FROM registry_undertaking_version WHERE began > %(revised)s AND began <= %(revision)s"
_TOUCHED_OR_REVISED: Final = (
    f"{_TOUCHED_NAMED} UNION {_REVISED} "
    f"UNION SELECT parent_id FROM registry_undertaking_version WHERE parent_id IS NOT NULL AND id IN ({_REVISED})"
)
"""The wholes are those that an undertaking is or ever was part of."""


def touched(after: int, upto: int) -> RawSQL:
    """The undertakings whose lights may differ between two heads, by key, as a query to filter by.

    Those that entries speak of, and their wholes, which become headings.
    """
    return RawSQL(_TOUCHED.format(after="%s", upto="%s"), [after, upto, after, upto])


def discard(*, keep: int) -> None:
    """Throw away all but the `keep` sheets brought forward last, and leave alone what somebody is bringing forward now."""
    by_use = Sheet.objects.annotate(used=Max("snapshots__computed_at")).order_by("-used", "-pk")
    stale = list(by_use.values_list("pk", flat=True)[keep:])
    if not stale:
        return
    with transaction.atomic():
        free = list(Sheet.objects.select_for_update(skip_locked=True).filter(pk__in=stale).values_list("pk", flat=True))
        for rows in (Standing, Terms, Snapshot):
            rows.objects.filter(sheet_id__in=free).delete()
        Sheet.objects.filter(pk__in=free).delete()


def _begin(key: Key, head: int, books: Books) -> Snapshot:
    """Begin a sheet with what another says, or let the database compute everything itself; of two that begin the same, the second finds
    the first's.
    """
    sheet, new = Sheet.objects.get_or_create(first=head, **key)
    if not new:
        return sheet.snapshots.select_related("sheet").get(head=head)
    Terms.objects.bulk_create(Terms(**row) for row in lights.terms(books, as_of=sheet.as_of, sheet=sheet.pk))
    other = _akin(sheet, head)
    text, bound, columns = _lit(sheet, head, books, touched=_TOUCHED_OR_REVISED if other else "")
    bound |= {"sheet": sheet.pk, "head": head}
    if other:
        bound |= {"other": other.sheet_id, "after": other.head, "revised": other.revision, "revision": sheet.revision}
        _write(
            columns,
            f"SELECT %(sheet)s, %(head)s, {history.STILL}, {columns} FROM {_table()} WHERE sheet_id = %(other)s AND since <= %(after)s "
            f"AND until > %(after)s AND undertaking_id NOT IN ({_TOUCHED_OR_REVISED})",
            {name: bound[name] for name in ("sheet", "other", "after", "head", "revised", "revision")},
        )
    _write(columns, f"SELECT %(sheet)s, %(head)s, {history.STILL}, {columns} FROM ({text}) AS lit", bound)
    made = sheet.snapshots.create(head=head)
    discard(keep=KEPT)
    return made


def _akin(sheet: Sheet, head: int) -> Snapshot | None:
    """The nearest snapshot of the same day and rulebooks at an earlier revision, since which the registry has changed little; held fast."""
    earlier = Sheet.objects.filter(as_of=sheet.as_of, rulebook=sheet.rulebook, revision__lt=sheet.revision).order_by("-revision")
    other = earlier.select_for_update(skip_locked=True).first()
    if other is None:
        return None
    since = {"began__gt": other.revision, "began__lte": sheet.revision}
    if MeasureVersion.objects.filter(**since).exists() or ProgrammeVersion.objects.filter(**since).exists():
        return None
    if UndertakingVersion.objects.filter(**since).count() > FARTHEST:
        return None
    return _below(other.snapshots.all(), head)


def _forward(sheet: Sheet, after: int, head: int, books: Books) -> Snapshot:
    """Compute what was touched since the nearest head below, and part at `head` the rows that spoke there until now.

    A row that already ended at a later head gives its end to the one that takes its place, so a head may also be reached between
    two others.
    """
    text, bound, columns = _lit(sheet, head, books, touched=_TOUCHED_NAMED)
    lit = ", ".join(f"lit.{name}" for name in columns.split(", "))
    bound |= {"sheet": sheet.pk, "head": head, "after": after}
    _write(
        columns,
        f"SELECT %(sheet)s, %(head)s, spoke.until, {lit} FROM ({text}) AS lit JOIN {_table()} AS spoke ON spoke.sheet_id = %(sheet)s "
        "AND spoke.undertaking_id = lit.undertaking_id AND spoke.since < %(head)s AND spoke.until > %(head)s",
        bound,
    )
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {_table()} SET until = %(head)s WHERE sheet_id = %(sheet)s AND undertaking_id IN ({_TOUCHED_NAMED}) "
            "AND since < %(head)s AND until > %(head)s",
            {name: bound[name] for name in ("sheet", "head", "after")},
        )
    made: Snapshot = Snapshot.objects.create(sheet=sheet, head=head)
    if made.pk % LOOKED_OVER == 0:
        _forget(sheet)
    return made


def _forget(sheet: Sheet) -> None:
    """Let a sheet be read at its `HEADS` highest heads only."""
    lowest = sheet.snapshots.order_by("-head").values_list("head", flat=True)[HEADS - 1 : HEADS].first()
    if lowest is None or lowest <= sheet.first:
        return
    Standing.objects.filter(sheet=sheet, undertaking__in=touched(sheet.first, lowest), until__lte=lowest).delete()
    sheet.snapshots.filter(head__lt=lowest).delete()
    sheet.first = lowest
    sheet.save(update_fields=["first"])


def _lit(sheet: Sheet, head: int, books: Books, *, touched: str = "") -> tuple[str, dict[str, int], str]:
    """The SQL of the lights, of all or of the undertakings that the query `touched` finds, with what else it binds and its columns.

    Its text is the same for every head, so that the connection prepares it once: that takes longer than to light one undertaking.
    """
    rules = list(books.values())
    expression = lights.lights(idles=len(lights.idle_cuts(rules, sheet.as_of)), touched=bool(touched))
    text, bound = running.query(expression, lights.moment(as_of=sheet.as_of, head=head, rules=rules, sheet=sheet.pk))
    if touched:
        text = f"WITH {TOUCHED.get_name()} (undertaking_id) AS ({touched}), {_WITH.sub('', text, count=1)}"
    return text, bound, ", ".join(expression.columns)


def _write(columns: str, rows: str, bound: Mapping[str, int]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"INSERT INTO {_table()} (sheet_id, since, until, {columns}) {rows}", bound)


def _table() -> str:
    return connection.ops.quote_name(Standing._meta.db_table)
