"""The ledger's rows. `append` in `duban.ledger.actions` is the only way in; triggers refuse every way out."""

from __future__ import annotations

from django.db import models

from duban.core import fixed
from duban.people.models import User
from duban.registry.fields import DayField, FixedField
from duban.registry.models import Evidence, Measure, Undertaking


class Batch(models.Model):
    """What entered together: one accepted submission or one imported file."""

    origin = models.CharField(max_length=12)
    name = models.CharField(max_length=200, blank=True)
    digest = models.CharField(max_length=64, blank=True, db_index=True)
    recorded_at = models.DateTimeField()


class Entry(models.Model):
    """One accepted plan or report; never changed, never deleted.

    `period` is the last day of what it speaks about. It carries an `amount`, a `day`, or, when it
    withdraws the slot, neither. `replaces` is the `seq` of the entry that it corrects: the first
    entry of a slot replaces nothing, and no entry is replaced twice, so every slot is one chain.
    """

    class Kind(models.TextChoices):
        PLAN = "plan"
        REPORT = "report"

    seq = models.BigIntegerField(primary_key=True)
    undertaking = models.ForeignKey(Undertaking, models.PROTECT, related_name="entries", db_index=False)
    measure = models.ForeignKey(Measure, models.PROTECT, related_name="+", db_index=False)
    kind = models.CharField(max_length=6, choices=Kind.choices)
    period = DayField()
    amount = FixedField(null=True, blank=True)
    day = DayField(null=True, blank=True)
    replaces = models.BigIntegerField(null=True, blank=True, unique=True)
    recorded_at = models.DateTimeField()
    submitted_by = models.ForeignKey(User, models.PROTECT, related_name="+", db_index=False)
    accepted_by = models.ForeignKey(User, models.PROTECT, related_name="+", db_index=False)
    reason = models.TextField(blank=True)
    batch = models.ForeignKey(Batch, models.PROTECT, related_name="entries")

    class Meta:
        ordering = ["seq"]
        constraints = [
            models.UniqueConstraint(
                fields=["undertaking", "measure", "kind", "period"],
                condition=models.Q(replaces=None),
                name="ledger_one_first_entry",
            ),
            models.CheckConstraint(condition=models.Q(amount=None) | models.Q(day=None), name="ledger_amount_or_day"),
            models.CheckConstraint(condition=models.Q(kind__in=["plan", "report"]), name="ledger_kind"),
            models.CheckConstraint(condition=models.Q(replaces=None) | ~models.Q(reason=""), name="ledger_correction_has_reason"),
            models.CheckConstraint(
                condition=models.Q(amount=None) | (models.Q(amount__gte=-fixed.LARGEST) & models.Q(amount__lte=fixed.LARGEST)),
                name="ledger_amount_fits",
            ),
        ]
        indexes = [
            # Carries every column that a standing reads, so that neither database goes to the table for them.
            models.Index(fields=["undertaking", "measure", "kind", "period", "seq", "amount", "day", "replaces"], name="ledger_slot"),
            models.Index(fields=["recorded_at", "seq"], name="ledger_recorded"),  # a moment is turned into a head
        ]


class EntryEvidence(models.Model):
    """A file that an accepted entry rests on."""

    entry = models.ForeignKey(Entry, models.PROTECT, related_name="evidence_links")
    evidence = models.ForeignKey(Evidence, models.PROTECT, related_name="entry_links")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["entry", "evidence"], name="ledger_evidence_once")]
