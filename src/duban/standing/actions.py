"""Compute lights and keep them by what they were computed from."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Q

from duban.core.rulebook import Rulebook
from duban.ledger import reads
from duban.registry import past, rulebooks
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
    are others in their place, one for all or one for each programme that has lights, by its key. The registry is read as it was known
    then; who names its `revision` says that it is being read so already (`past.at`). The lights are kept under
    (as of, head, registry revision, rulebooks' digest): an entry, a change of the registry or another rulebook makes
    another key, so what is kept can never be out of date. From one head to the next only what the entries in between speak of is
    computed again (`duban.standing.sheets`).
    """
    if revision is None:
        revision = reads.revision(known_at)
        with past.at(revision if known_at else None):
            return stand(as_of=as_of, head=head, rules=rules, revision=revision, known_at=known_at)
    books = _books(rules, as_of, known_at)
    at = reads.head() if head is None else head
    key = {"as_of": as_of, "revision": revision, "rulebook": _digest(books)}
    near = sheets.nearest(key, at)
    return near if near and near.head == at else sheets.reach(key, at, books, near)


@dataclass(frozen=True, slots=True)
class Read:
    """Up to where something is read: the ledger's head, the registry's revision, what had been adopted by `known_at` (None is now).

    `registry` is the revision once more where the registry has changed since (`past.at`); None where it stands so today.
    """

    head: int
    revision: int
    known_at: datetime | None = None
    registry: int | None = None


def stand_at(asked: Sequence[tuple[date, Read]]) -> list[Snapshot]:
    """As `stand`, once for each of several days and moments. What is kept is one query."""
    books = _seen_from(asked)
    keys = {(day, one): (day, one.head, one.revision, _digest(books[day, one])) for day, one in asked}
    wanted = Q()
    for day, head, revision, named in keys.values():
        wanted |= Q(head=head, sheet__as_of=day, sheet__revision=revision, sheet__rulebook=named)
    kept = {(one.as_of, one.head, one.revision, one.rulebook): one for one in Snapshot.objects.filter(wanted).select_related("sheet")}
    for (day, one), key in keys.items():
        if key not in kept:
            with past.at(one.registry):
                facts = {"head": one.head, "revision": one.revision, "known_at": one.known_at}
                kept[key] = stand(as_of=day, rules=books[day, one], **facts)
    return [kept[keys[one]] for one in asked]


def _seen_from(asked: Sequence[tuple[date, Read]]) -> dict[tuple[date, Read], dict[int, Rulebook]]:
    """The rulebooks in force each time, of the programmes with lights that there were at each moment."""
    books: dict[tuple[date, Read], dict[int, Rulebook]] = {}
    for registry in dict.fromkeys(one.registry for _, one in asked):
        alike = [(day, one) for day, one in asked if one.registry == registry]
        with past.at(registry):
            books |= zip(alike, rulebooks.seen_from([(day, one.known_at) for day, one in alike]), strict=True)
    return books


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
