"""Compute lights and keep them by what they were computed from."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import date

from django.db import connection, transaction

from duban.core import lights
from duban.core.rulebook import Rulebook
from duban.ledger import reads, running
from duban.registry.models import Programme
from duban.standing.models import Snapshot, Standing, Terms

KEPT = 40
"""Snapshots kept at the most; older ones are thrown away and computed again when asked for."""


def stand(
    *, as_of: date, head: int | None = None, rules: Mapping[int, Rulebook] | Rulebook | None = None, revision: int | None = None
) -> Snapshot:
    """The lights of every undertaking on `as_of` as known at `head` (the ledger's present head if None).

    `rules` gives programmes their rulebooks, one for all or by the programme's key. The lights are kept under
    (as of, head, registry revision, rulebooks' digest): an entry, a change of the registry or another rulebook makes
    another key, so what is kept can never be out of date.
    """
    books = _books(rules)
    key = {
        "as_of": as_of,
        "head": reads.head() if head is None else head,
        "revision": reads.revision() if revision is None else revision,
        "rulebook": _digest(books),
    }
    return Snapshot.objects.filter(**key).first() or _compute(key, books)


def _books(rules: Mapping[int, Rulebook] | Rulebook | None) -> dict[int, Rulebook]:
    """The rulebook of every programme that has lights."""
    given = rules if isinstance(rules, Mapping) else {}
    common = rules if isinstance(rules, Rulebook) else Rulebook()
    led = Programme.objects.exclude(lead_measure=None).order_by("pk").values_list("pk", flat=True)
    return {pk: given.get(pk, common) for pk in led}


def _digest(books: Mapping[int, Rulebook]) -> str:
    """Names the rulebooks of all programmes together."""
    return hashlib.sha256("".join(f"{pk}:{book.digest()};" for pk, book in books.items()).encode()).hexdigest()


@transaction.atomic
def _compute(key: dict[str, object], books: Mapping[int, Rulebook]) -> Snapshot:
    """Let the database fill the standings itself; of two that compute the same, the second finds the first's."""
    snapshot, new = Snapshot.objects.get_or_create(**key)
    if new:
        Terms.objects.bulk_create(Terms(**row) for row in lights.terms(books, as_of=snapshot.as_of, sheet=snapshot.pk))
        values = lights.moment(as_of=snapshot.as_of, head=snapshot.head, rules=books.values(), sheet=snapshot.pk)
        expression = lights.lights(idles=len(lights.idle_cuts(books.values(), snapshot.as_of)))
        text, bound = running.query(expression, values)
        columns = ", ".join(expression.columns)
        table = connection.ops.quote_name(Standing._meta.db_table)
        with connection.cursor() as cursor:
            cursor.execute(
                f"INSERT INTO {table} (snapshot_id, {columns}) SELECT %(snapshot)s, {columns} FROM ({text}) AS lit",
                {**bound, "snapshot": snapshot.pk},
            )
        discard(keep=KEPT)
    return snapshot


def discard(*, keep: int) -> None:
    """Throw away all but the `keep` snapshots computed last."""
    stale = list(Snapshot.objects.order_by("-computed_at", "-pk").values_list("pk", flat=True)[keep:])
    Standing.objects.filter(snapshot__in=stale).delete()
    Terms.objects.filter(sheet_id__in=stale).delete()
    Snapshot.objects.filter(pk__in=stale).delete()
