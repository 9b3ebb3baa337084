"""Answering many submissions at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from django.core.exceptions import PermissionDenied

from duban.core.refusals import Refusal
from duban.intake import actions
from duban.intake.models import Submission
from duban.people.models import User


@dataclass(slots=True)
class Answered:
    """What was accepted, how many entries that wrote, and what was refused, each with its refusal."""

    accepted: list[Submission] = field(default_factory=list)
    entries: int = 0
    refused: list[tuple[Submission, Refusal]] = field(default_factory=list)


def accept_all(
    *, submissions: Iterable[Submission], by: User, now: datetime, as_sent: Mapping[int, datetime | None] | None = None
) -> Answered:
    """Accept each in a transaction of its own: one that is refused keeps no other back.

    `as_sent` tells by number when what `by` was shown had been sent, None where the page did not say. One with a finding is refused
    ("finding-to-be-read"): somebody has to have read it. So are one's own, one of a body that `by` does not review
    ("review-of-another-body"), and whatever `accept` refuses.
    """
    answered = Answered()
    for submission in submissions:
        try:
            if found := submission.findings.count():
                raise Refusal("finding-to-be-read", count=found)
            answered.entries += len(actions.accept(submission=submission, by=by, now=now, as_sent=(as_sent or {}).get(submission.pk)))
            answered.accepted.append(submission)
        except Refusal as refusal:
            answered.refused.append((submission, refusal))
        except PermissionDenied:
            answered.refused.append((submission, Refusal("review-of-another-body", body=submission.body.name)))
    return answered
