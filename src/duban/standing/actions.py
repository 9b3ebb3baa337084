"""Compute lights and keep them by what they were computed from."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import date, datetime

from django.db import connection, transaction

from duban.core import lights
from duban.core.rulebook import Rulebook
from duban.ledger import reads, running
from duban.registry import rulebooks
from duban.registry.models import Programme
from duban.standing.models import Snapshot, Standing, Terms

KEPT = 40
"""Snapshots kept at the most; older ones are thrown away and computed again when asked for."""


def stand(
    *,
    as_of: date,
    head: int | None = None,
    rules: Mapping[int, Rulebook] | Rulebook | None = None,
    revision: int | None = None,
    known_at: datetime | None = None,
) -> Snapshot:
    """The lights of every undertaking on `as_of` as known at `head` (the ledger's present head if None).

    Each programme is judged by its rulebook in force on `as_of`, as far as it had been adopted by `known_at` (None is now). `rules`
    are others in their place, one for all or by the programme's key. The lights are kept under
    (as of, head, registry revision, rulebooks' digest): an entry, a change of the registry or another rulebook makes
    another key, so what is kept can never be out of date.
    """
    books = _books(rules, as_of, known_at)
    key = {
        "as_of": as_of,
        "head": reads.head() if head is None else head,
        "revision": reads.revision() if revision is None else revision,
        "rulebook": _digest(books),
    }
    return Snapshot.objects.filter(**key).first() or _compute(key, books)


def digest(*, as_of: date, known_at: datetime | None = None) -> str:
    """Names the rulebooks in force on a day: what a thing that rests on lights is kept under."""
    return _digest(_books(None, as_of, known_at))


def _books(rules: Mapping[int, Rulebook] | Rulebook | None, as_of: date, known_at: datetime | None) -> dict[int, Rulebook]:
    """The rulebook of every programme that has lights."""
    if rules is None:
        return rulebooks.in_force(as_of=as_of, known_at=known_at, led=True)
    led = Programme.objects.exclude(lead_measure=None).order_by("pk").values_list("pk", flat=True)
    return dict.fromkeys(led, rules) if isinstance(rules, Rulebook) else {pk: rules.get(pk, Rulebook()) for pk in led}


def _digest(books: Mapping[int, Rulebook]) -> str:
    """Names the rulebooks of all programmes together."""
    digests = {id(book): book.digest() for book in books.values()}
    return hashlib.sha256("".join(f"{pk}:{digests[id(book)]};" for pk, book in books.items()).encode()).hexdigest()


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
