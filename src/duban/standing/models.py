"""Computed lights, kept only to be read quickly: any of them can be thrown away. And the meetings that looked at them, which cannot."""

from __future__ import annotations

from datetime import date

from django.db import models
from django.utils import timezone

from duban.core import history, rulebook
from duban.people.models import Body, User
from duban.registry.fields import DayField, FixedField
from duban.registry.models import Measure, Undertaking


class Sheet(models.Model):
    """What lights are computed from, but for the head: the rows that say how they stood at one head after another.

    `first` is the lowest head at which it can be read. It is brought forward from there (`duban.standing.sheets`).
    """

    as_of = DayField()
    revision = models.BigIntegerField()
    rulebook = models.CharField(max_length=64)
    first = models.BigIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["as_of", "revision", "rulebook", "first"], name="standing_sheet_key")]


class Snapshot(models.Model):
    """A sheet at one of the heads at which it was computed. Equal keys mean equal lights, so a kept one cannot lie."""

    sheet = models.ForeignKey(Sheet, models.CASCADE, related_name="snapshots")
    head = models.BigIntegerField()
    computed_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["sheet", "head"], name="standing_snapshot_once")]

    @property
    def as_of(self) -> date:
        day: date = self.sheet.as_of
        return day

    @property
    def revision(self) -> int:
        number: int = self.sheet.revision
        return number

    @property
    def rulebook(self) -> str:
        digest: str = self.sheet.rulebook
        return digest

    @property
    def standings(self) -> Standings:
        return Standing.objects.at(self)


class Standings(models.QuerySet["Standing"]):
    """The one home of what a snapshot's standings are."""

    def at(self, snapshot: Snapshot) -> Standings:
        """Those of one snapshot: one row an undertaking."""
        return self.filter(sheet=snapshot.sheet_id, since__lte=snapshot.head, until__gt=snapshot.head)

    def within(self, chosen: models.Q | None) -> Standings:
        """Those of the undertakings that `chosen` (over undertakings) lets through; None lets all."""
        return self if chosen is None else self.filter(of(chosen))


def of(chosen: models.Q) -> models.Q:
    """A filter over undertakings turned into one over standings."""
    turned = models.Q(_connector=chosen.connector, _negated=chosen.negated)
    for child in chosen.children:
        turned.children.append(of(child) if isinstance(child, models.Q) else (f"undertaking__{child[0]}", child[1]))
    return turned


class Standing(models.Model):
    """One undertaking on one day: its light, the rule that lit it, the rule's inputs and the cure.

    It speaks from the head `since` on, and up to the head before `until`, which is `STILL` until an entry about it takes its place.

    Amounts are in the lead measure's unit; None is silence. `gap` is in hundredths of a percentage
    point of the year's plan, negative when behind. `cure_amount` is what is missing by `cure_by`. `due` is the day that
    the rule is about, and `months` for how many months it lies back. `stage` comes from the days, which stand at the end.
    """

    sheet = models.ForeignKey(Sheet, models.CASCADE, related_name="+", db_index=False)
    since = models.BigIntegerField()
    until = models.BigIntegerField(default=history.STILL)
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

    objects = Standings.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["sheet", "undertaking", "since"], name="standing_once")]
        indexes = [models.Index(fields=["sheet", "severity", "gap", "undertaking"], name="standing_worst_first")]


class Terms(models.Model):
    """What a programme's rulebook comes to on one day (`duban.core.rulebook.terms`), for the sheet `sheet_id`."""

    sheet_id = models.BigIntegerField()
    programme_id = models.BigIntegerField()
    on_day = models.BigIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["sheet_id", "on_day", "programme_id"], name="standing_terms_once")]


for _name in rulebook.TERMS:
    Terms.add_to_class(_name, models.BigIntegerField())


class Meeting(models.Model):
    """A body met on `held_on`, and saw what the ledger had been told by `known_at`."""

    body = models.ForeignKey(Body, models.CASCADE, related_name="+")
    held_on = DayField()
    known_at = models.DateTimeField()
    name = models.CharField(max_length=80, blank=True)
    kept_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    kept_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["body", "held_on"], name="standing_meeting_once")]
