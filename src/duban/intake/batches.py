"""What entered the ledger together, who sent and who accepted it, and what has become of it since."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.db import connection
from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet, Subquery

from duban.intake.models import Submission
from duban.ledger.models import Batch, Entry
from duban.people.models import Body, User
from duban.people.permits import reach
from duban.registry.models import Undertaking

WAITING: Final = (Submission.State.DRAFT, Submission.State.SUBMITTED, Submission.State.RETURNED)


def _reached(user: Any) -> QuerySet[Undertaking]:
    """The undertakings of which `user` reads the ledger: a body within reach leads or shares them."""
    bodies = Body.objects.filter(reach(user, "desk.read"))
    shared = Undertaking.joint_bodies.through.objects.filter(body__in=bodies)
    return Undertaking.objects.filter(Q(lead_body__in=bodies) | Q(pk__in=shared.values("undertaking")))


def visible(user: Any) -> QuerySet[Batch]:
    """The batches that speak of something within reach of `user`, the newest first."""
    spoken = Entry.objects.filter(batch=OuterRef("pk"), undertaking__in=_reached(user))
    undone = Submission.objects.filter(state__in=[*WAITING, Submission.State.ACCEPTED]).select_related("batch", "created_by")
    return (
        Batch.objects.filter(Exists(spoken))
        .select_related("submission__body", "submission__upload", "submission__undoes")
        .prefetch_related(Prefetch("undone_by", undone.order_by("-pk"), to_attr="undoings"))
        .order_by("-pk")
    )


def entries(batch: Batch, user: Any) -> QuerySet[Entry]:
    """The entries of a batch that `user` may read, each with the seq of what has replaced it since (`replaced_by`), if anything."""
    after = Entry.objects.filter(replaces=OuterRef("seq")).exclude(batch=batch)
    return (
        batch.entries.filter(undertaking__in=_reached(user))
        .select_related("undertaking", "measure")
        .annotate(replaced_by=Subquery(after.values("seq")[:1]))
        .order_by("seq")
    )


def before_and_since(shown: Iterable[Entry]) -> dict[int, Entry]:
    """By seq, what these entries (of `entries`) replaced and what has replaced them."""
    listed = list(shown)
    numbers = {seq for entry in listed for seq in (entry.replaces, entry.replaced_by) if seq}
    return Entry.objects.in_bulk(numbers)


@dataclass(frozen=True, slots=True)
class Tally:
    """How many entries a batch wrote, how many of them were corrected and withdrawn since, and by whom it was sent and accepted."""

    entries: int
    corrected: int
    withdrawn: int
    sender: User | None
    acceptor: User | None


_TALLY: Final = """
SELECT e.batch_id, COUNT(*), COUNT(r.seq), COUNT(CASE WHEN r.amount IS NULL AND r.day IS NULL THEN r.seq END),
       MIN(e.submitted_by_id), MIN(e.accepted_by_id)
FROM ledger_entry e LEFT JOIN ledger_entry r ON r.replaces = e.seq AND r.batch_id <> e.batch_id
WHERE e.batch_id IN ({marks}) GROUP BY e.batch_id
"""


def tallies(batches: Iterable[Batch]) -> Mapping[int, Tally]:
    """What each of a page of batches wrote, by its number. All of a batch's entries have the same two names."""
    shown = [batch.pk for batch in batches]
    if not shown:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(_TALLY.format(marks=", ".join(["%s"] * len(shown))), shown)
        rows = cursor.fetchall()
    people = User.objects.in_bulk({person for row in rows for person in row[4:]})
    return {
        pk: Tally(count, replaced - withdrawn, withdrawn, people.get(sender), people.get(acceptor))
        for pk, count, replaced, withdrawn, sender, acceptor in rows
    }
