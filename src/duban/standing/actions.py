"""Compute lights and keep them by what they were computed from."""

from __future__ import annotations

from datetime import date

from django.db import connection, transaction

from duban.core import lights
from duban.core.rulebook import Rulebook
from duban.ledger import reads, running
from duban.standing.models import Snapshot, Standing

KEPT = 40
"""Snapshots kept at the most; older ones are thrown away and computed again when asked for."""


def stand(*, as_of: date, head: int | None = None, rules: Rulebook | None = None, revision: int | None = None) -> Snapshot:
    """The lights of every undertaking on `as_of` as known at `head` (the ledger's present head if None).

    They are kept under (as of, head, registry revision, rulebook digest): an entry, a change of the registry
    or another rulebook makes another key, so what is kept can never be out of date.
    """
    rules = rules or Rulebook()
    key = {
        "as_of": as_of,
        "head": reads.head() if head is None else head,
        "revision": reads.revision() if revision is None else revision,
        "rulebook": rules.digest(),
    }
    return Snapshot.objects.filter(**key).first() or _compute(key, rules)


@transaction.atomic
def _compute(key: dict[str, object], rules: Rulebook) -> Snapshot:
    """Let the database fill the standings itself; of two that compute the same, the second finds the first's."""
    snapshot, new = Snapshot.objects.get_or_create(**key)
    if new:
        expression = lights.lights()
        text, bound = running.query(
            expression,
            lights.moment(as_of=snapshot.as_of, head=snapshot.head, rules=rules),
        )
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
    Snapshot.objects.filter(pk__in=stale).delete()
