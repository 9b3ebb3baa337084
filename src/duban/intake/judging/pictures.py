"""Photographs behind lines beside all that were seen before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from django.utils import timezone

from duban.core import periods
from duban.core.checks import Pictures
from duban.core.checks.lists import Looks, apart
from duban.core.checks.panel import named
from duban.intake.models import SubmissionLine
from duban.ledger.models import EntryEvidence
from duban.registry.models import Evidence


@dataclass(frozen=True, slots=True, eq=False)
class Pairs:
    """A photograph beside others that it looks like, those that came first in front; `reported` is the period that each stands behind."""

    pictures: Pictures
    others: Sequence[Evidence]
    reported: Sequence[int | None]

    def facts(self, row: int) -> dict[str, Any]:
        """Where the other photograph was seen first: the period that it was reported for, else the day on which it was added."""
        other, period = self.others[row], self.reported[row]
        at = timezone.localtime(other.added_at).date().isoformat() if period is None else named(period)
        return {"seen_file": other.name, "seen": other.undertaking.code, "seen_name": other.undertaking.name, "seen_at": at}


class Album:
    """The looks of all photographs, asked for once and only when a line shows one."""

    @cached_property
    def _known(self) -> tuple[list[int], Looks]:
        known = list(Evidence.objects.exclude(look="").order_by("pk").values_list("pk", "look"))
        return [number for number, _ in known], np.array([int(look, 16) for _, look in known], dtype=np.uint64)

    def beside(self, evidence: Evidence, *, undertaking: int, period: int, bits: int) -> Pairs | None:
        """`evidence`, behind a report of `undertaking` for `period`, beside every file that differs by at most `bits`; None without a look.

        A file of another undertaking is elsewhere when it came first; one of the same when it stands behind an earlier period.
        """
        if not evidence.look:
            return None
        known, looks = self._known
        distance = apart(int(evidence.look, 16), looks)
        near = np.flatnonzero(distance <= bits)
        numbers = [known[place] for place in near.tolist()]
        others = Evidence.objects.select_related("undertaking").in_bulk(numbers)
        behind = _behind(others)
        first = [min(behind.get(number, ()), default=None) for number in numbers]
        elsewhere = [
            number < evidence.pk if others[number].undertaking_id != undertaking else at is not None and at < period
            for number, at in zip(numbers, first, strict=True)
        ]
        return Pairs(Pictures(distance[near], np.array(elsewhere, dtype=np.bool_)), [others[number] for number in numbers], first)


def _behind(others: Mapping[int, Evidence]) -> dict[int, set[int]]:
    """The periods that files stand behind, in the ledger or on their way there."""
    found: dict[int, set[int]] = {}
    for number, period in EntryEvidence.objects.filter(evidence__in=others).values_list("evidence_id", "entry__period"):
        found.setdefault(number, set()).add(periods.to_number(period))
    through = SubmissionLine.evidence.through.objects.filter(evidence__in=others)
    for number, period in through.values_list("evidence_id", "submissionline__period"):
        found.setdefault(number, set()).add(periods.to_number(period))
    return found
