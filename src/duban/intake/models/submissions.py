"""Where a report waits until somebody else has accepted it."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from duban.intake.models.uploads import Upload
from duban.ledger.models import Batch, Entry
from duban.people.models import Body, User
from duban.registry.fields import DayField, FixedField
from duban.registry.models import Evidence, Measure, Undertaking


class Submission(models.Model):
    """Lines that one body sends together. Nothing of it is in the ledger before it is accepted.

    Whatever way it came (`origin`), it is the same draft, the same checks and the same queue. `key` is the sender's own name
    for it: the same key from the same person is the same submission, whose content `payload_digest` tells. `writers` are all who have
    had a hand in its lines.
    """

    class State(models.TextChoices):
        DRAFT = "draft", _("draft")
        SUBMITTED = "submitted", _("submitted")
        RETURNED = "returned", _("returned")
        ACCEPTED = "accepted", _("accepted")

    class Origin(models.TextChoices):
        FORM = "form", _("form")
        WORKBOOK = "workbook", _("workbook")
        TABLE = "table", _("table")
        API = "api", _("interface")
        UNDO = "undo", _("undoing of a batch")

    body = models.ForeignKey(Body, models.PROTECT, related_name="submissions")
    state = models.CharField(max_length=9, choices=State.choices, default=State.DRAFT, db_index=True)
    origin = models.CharField(max_length=12, choices=Origin.choices, default=Origin.FORM)
    period = DayField(null=True, blank=True)
    upload = models.ForeignKey(Upload, models.PROTECT, null=True, blank=True, related_name="submissions")
    undoes = models.ForeignKey(Batch, models.PROTECT, null=True, blank=True, related_name="undone_by")
    key = models.CharField(max_length=80, blank=True)
    payload_digest = models.CharField(max_length=64, blank=True)
    created_by = models.ForeignKey(User, models.PROTECT, related_name="submissions")
    created_at = models.DateTimeField(default=timezone.now)
    writers = models.ManyToManyField(User, blank=True, related_name="+")
    submitted_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    submitted_at = models.DateTimeField(null=True, blank=True)
    reviewed_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    reviewed_at = models.DateTimeField(null=True, blank=True)
    note = models.TextField(blank=True)
    batch = models.OneToOneField(Batch, models.PROTECT, null=True, blank=True, related_name="submission")

    class Meta:
        ordering = ["-created_at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["created_by", "key"], condition=~models.Q(key=""), name="intake_key_once_a_person"),
        ]

    def is_of(self, user: Any) -> bool:
        """Whether `user` had a hand in it: began it, wrote any of it, or sent it. Nobody accepts what is theirs."""
        return user.pk in {self.created_by_id, self.submitted_by_id} or any(writer.pk == user.pk for writer in self.writers.all())


class SubmissionLine(models.Model):
    """One slot as the reporter wants it to read. `withdraws` empties the slot; it then needs a reason.

    `seen` is the `seq` of the entry that its writer saw in the slot, 0 where the slot was silent, and NULL where nobody said:
    an entry accepted meanwhile is a conflict. `original` is a plan's first wording, which enters before its revision in the
    same submission. `place` is where it stood in a file (`{"sheet", "row", "column"}`), `typed` what stood there.
    """

    submission = models.ForeignKey(Submission, models.CASCADE, related_name="lines")
    undertaking = models.ForeignKey(Undertaking, models.PROTECT, related_name="+")
    measure = models.ForeignKey(Measure, models.PROTECT, related_name="+")
    kind = models.CharField(max_length=6, choices=Entry.Kind.choices, default=Entry.Kind.REPORT)
    period = DayField()
    amount = FixedField(null=True, blank=True)
    day = DayField(null=True, blank=True)
    withdraws = models.BooleanField(default=False)
    original = models.BooleanField(default=False)
    seen = models.BigIntegerField(null=True, blank=True)
    place = models.JSONField(default=dict, blank=True)
    typed = models.TextField(blank=True)
    reason = models.TextField(blank=True)
    evidence = models.ManyToManyField(Evidence, blank=True, related_name="+")

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["submission", "undertaking", "measure", "kind", "period", "original"], name="intake_slot_once_a_submission"
            )
        ]


class SubmissionFinding(models.Model):
    """Something that a reader or a check found in a submission; kept with its explanation, also after the submission is accepted.

    `line` is the line it speaks of; NULL where a cell became no line (it could not be read) or the finding is about the whole.
    `weight` is what the programme's policy made of it: `note` tells, `explain` asks for an explanation before sending,
    `block` keeps the line from being sent.
    """

    class Weight(models.TextChoices):
        NOTE = "note", _("note")
        EXPLAIN = "explain", _("to be explained")
        BLOCK = "block", _("blocks")

    submission = models.ForeignKey(Submission, models.CASCADE, related_name="findings")
    line = models.ForeignKey(SubmissionLine, models.CASCADE, null=True, blank=True, related_name="findings")
    code = models.CharField(max_length=60)
    facts = models.JSONField(default=dict, blank=True)
    place = models.JSONField(default=dict, blank=True)
    weight = models.CharField(max_length=7, choices=Weight.choices, default=Weight.NOTE)
    explanation = models.TextField(blank=True)
    explained_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    explained_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["id"]


class TypedCell(models.Model):
    """What somebody has typed into a body's month and not sent yet, word for word, readable or not: nothing typed is lost.

    `typed_by` is who typed last, `writers` are all who have had a hand in it.
    """

    body = models.ForeignKey(Body, models.PROTECT, related_name="+")
    period = DayField()
    undertaking = models.ForeignKey(Undertaking, models.CASCADE, related_name="+")
    measure = models.ForeignKey(Measure, models.CASCADE, related_name="+")
    typed = models.TextField(blank=True)
    reason = models.TextField(blank=True)
    seen = models.BigIntegerField(default=0)
    evidence = models.ManyToManyField(Evidence, blank=True, related_name="+")
    typed_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    typed_at = models.DateTimeField(default=timezone.now)
    writers = models.ManyToManyField(User, blank=True, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["body", "period", "undertaking", "measure"], name="intake_one_typed_cell")]
