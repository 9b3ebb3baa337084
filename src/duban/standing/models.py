"""Computed lights, kept only to be read quickly; any of it can be thrown away and computed again."""

from __future__ import annotations

from django.db import models
from django.utils import timezone

from duban.core import rulebook
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
    point of the year's plan, negative when behind. `cure_amount` is what is missing by `cure_by`. `due` is the day that
    the rule is about, and `months` for how many months it lies back. `stage` comes from the days, which stand at the end.
    """

    snapshot = models.ForeignKey(Snapshot, models.CASCADE, related_name="standings")
    undertaking = models.ForeignKey(Undertaking, models.CASCADE, related_name="+", db_index=False)
    programme_id = models.BigIntegerField()
    measure = models.ForeignKey(Measure, models.CASCADE, related_name="+", db_index=False, null=True)
    lead_body_id = models.BigIntegerField()
    light = models.CharField(max_length=5)
    rule = models.CharField(max_length=20)
    severity = models.SmallIntegerField()
    heading = models.BooleanField()
    stage = models.CharField(max_length=10, blank=True)
    done = FixedField(null=True)
    planned = FixedField(null=True)
    target = FixedField(null=True)
    gap = models.BigIntegerField(null=True)
    last_period = DayField(null=True)
    due = DayField(null=True)
    months = models.IntegerField(null=True)
    cure_amount = FixedField(null=True)
    cure_by = DayField(null=True)
    convert_due = DayField(null=True)
    converted = DayField(null=True)
    signed = DayField(null=True)
    start_due = DayField(null=True)
    started = DayField(null=True)
    enrolled = DayField(null=True)
    finish_due = DayField(null=True)
    finished = DayField(null=True)
    produce_due = DayField(null=True)
    produced = DayField(null=True)
    capacity = DayField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["snapshot", "undertaking"], name="standing_once")]
        indexes = [models.Index(fields=["snapshot", "severity", "gap", "undertaking"], name="standing_worst_first")]


class Terms(models.Model):
    """What a programme's rulebook comes to on one day (`duban.core.rulebook.terms`), for the snapshot `sheet_id`."""

    sheet_id = models.BigIntegerField()
    programme_id = models.BigIntegerField()
    on_day = models.BigIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["sheet_id", "on_day", "programme_id"], name="standing_terms_once")]


for _name in rulebook.TERMS:
    Terms.add_to_class(_name, models.BigIntegerField())
