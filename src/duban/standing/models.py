"""Computed lights, kept only to be read quickly; any of it can be thrown away and computed again."""

from __future__ import annotations

from django.db import models
from django.utils import timezone

from duban.registry.fields import DayField, FixedField
from duban.registry.models import Measure, Undertaking


class Snapshot(models.Model):
    """What the lights were computed from. Equal keys mean equal lights, so a cached one cannot lie."""

    as_of = DayField()
    head = models.BigIntegerField()
    revision = models.BigIntegerField()
    rulebook = models.CharField(max_length=64)
    computed_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["as_of", "head", "revision", "rulebook"], name="standing_key")]


class Standing(models.Model):
    """One undertaking on one day: its light, the rule that lit it, the rule's inputs and the cure.

    Amounts are in the lead measure's unit; None is silence. `gap` is in hundredths of a percentage
    point of the year's plan, negative when behind. `cure_amount` is what is missing by `cure_by`.
    """

    snapshot = models.ForeignKey(Snapshot, models.CASCADE, related_name="standings")
    undertaking = models.ForeignKey(Undertaking, models.CASCADE, related_name="+", db_index=False)
    programme_id = models.BigIntegerField()
    measure = models.ForeignKey(Measure, models.CASCADE, related_name="+", db_index=False, null=True)
    light = models.CharField(max_length=5)
    rule = models.CharField(max_length=20)
    severity = models.SmallIntegerField()
    heading = models.BooleanField()
    done = FixedField(null=True)
    planned = FixedField(null=True)
    target = FixedField(null=True)
    gap = models.BigIntegerField(null=True)
    last_period = DayField(null=True)
    due = DayField(null=True)
    cure_amount = FixedField(null=True)
    cure_by = DayField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["snapshot", "undertaking"], name="standing_once")]
        indexes = [models.Index(fields=["snapshot", "severity", "gap", "undertaking"], name="standing_worst_first")]
