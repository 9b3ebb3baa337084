"""Compute lights and keep them by what they were computed from."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import date, datetime

from django.db.models import Q

from duban.core.rulebook import Rulebook
from duban.ledger import reads
from duban.registry import rulebooks
from duban.registry.models import Programme
from duban.standing import sheets
from duban.standing.models import Snapshot


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
    are others in their place, one for all or one for each programme that has lights, by its key. The lights are kept under
    (as of, head, registry revision, rulebooks' digest): an entry, a change of the registry or another rulebook makes
    another key, so what is kept can never be out of date. From one head to the next only what the entries in between speak of is
    computed again (`duban.standing.sheets`).
    """
    books = _books(rules, as_of, known_at)
    at = reads.head() if head is None else head
    key = {"as_of": as_of, "revision": reads.revision() if revision is None else revision, "rulebook": _digest(books)}
    near = sheets.nearest(key, at)
    return near if near and near.head == at else sheets.reach(key, at, books, near)


def stand_at(*, as_of: date, moments: Sequence[tuple[int, datetime | None]], revision: int | None = None) -> list[Snapshot]:
    """As `stand`, once for each of several moments of one day: a head, and what had been adopted by then. What is kept is one query."""
    books = rulebooks.seen_from([known_at for _head, known_at in moments], as_of=as_of)
    number = reads.revision() if revision is None else revision
    keys = [(head, _digest(book)) for (head, _known_at), book in zip(moments, books, strict=True)]
    asked = Q()
    for head, digest in keys:
        asked |= Q(head=head, sheet__rulebook=digest)
    found = Snapshot.objects.filter(asked, sheet__as_of=as_of, sheet__revision=number).select_related("sheet")
    kept = {(one.head, one.rulebook): one for one in found}
    return [
        kept.get(key) or stand(as_of=as_of, head=key[0], rules=book, revision=number, known_at=known_at)
        for key, book, (_head, known_at) in zip(keys, books, moments, strict=True)
    ]


def digest(*, as_of: date, known_at: datetime | None = None) -> str:
    """Names the rulebooks in force on a day: what a thing that rests on lights is kept under."""
    return _digest(_books(None, as_of, known_at))


def _books(rules: Mapping[int, Rulebook] | Rulebook | None, as_of: date, known_at: datetime | None) -> dict[int, Rulebook]:
    """The rulebook of every programme that has lights."""
    if rules is None:
        return rulebooks.in_force(as_of=as_of, known_at=known_at, led=True)
    if not isinstance(rules, Rulebook):
        return dict(rules)
    return dict.fromkeys(Programme.objects.exclude(lead_measure=None).order_by("pk").values_list("pk", flat=True), rules)


def _digest(books: Mapping[int, Rulebook]) -> str:
    """Names the rulebooks of all programmes together."""
    different = {id(book): book for book in books.values()}
    digests = {key: book.digest() for key, book in different.items()}
    return hashlib.sha256("".join(f"{pk}:{digests[id(book)]};" for pk, book in books.items()).encode()).hexdigest()
