"""Where a report waits until somebody else has accepted it."""

from __future__ import annotations

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from duban.ledger.models import Batch, Entry
from duban.people.models import Body, User
from duban.registry.fields import DayField, FixedField
from duban.registry.models import Evidence, Measure, Undertaking


class Submission(models.Model):
    """Lines that one body sends together. Nothing of it is in the ledger before it is accepted."""

    class State(models.TextChoices):
        DRAFT = "draft", _("draft")
        SUBMITTED = "submitted", _("submitted")
        RETURNED = "returned", _("returned")
        ACCEPTED = "accepted", _("accepted")

    body = models.ForeignKey(Body, models.PROTECT, related_name="submissions")
    state = models.CharField(max_length=9, choices=State.choices, default=State.DRAFT, db_index=True)
    created_by = models.ForeignKey(User, models.PROTECT, related_name="submissions")
    created_at = models.DateTimeField(default=timezone.now)
    submitted_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    submitted_at = models.DateTimeField(null=True, blank=True)
    reviewed_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    reviewed_at = models.DateTimeField(null=True, blank=True)
    note = models.TextField(blank=True)
    batch = models.OneToOneField(Batch, models.PROTECT, null=True, blank=True, related_name="submission")

    class Meta:
        ordering = ["-created_at", "-id"]


class SubmissionLine(models.Model):
    """One slot as the reporter wants it to read. `withdraws` empties the slot; it then needs a reason."""

    submission = models.ForeignKey(Submission, models.CASCADE, related_name="lines")
    undertaking = models.ForeignKey(Undertaking, models.PROTECT, related_name="+")
    measure = models.ForeignKey(Measure, models.PROTECT, related_name="+")
    kind = models.CharField(max_length=6, choices=Entry.Kind.choices, default=Entry.Kind.REPORT)
    period = DayField()
    amount = FixedField(null=True, blank=True)
    day = DayField(null=True, blank=True)
    withdraws = models.BooleanField(default=False)
    reason = models.TextField(blank=True)
    evidence = models.ManyToManyField(Evidence, blank=True, related_name="+")

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["submission", "undertaking", "measure", "kind", "period"], name="intake_slot_once_a_submission")
        ]
