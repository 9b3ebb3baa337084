"""Who reports what by when, and the messages that remind."""

from __future__ import annotations

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from duban.people.models import Body, User
from duban.registry.fields import DayField
from duban.registry.models import Measure, Programme


class Calendar(models.Model):
    """One line of a programme's reporting calendar: these measures, for every period, by the n-th working day after its end.

    Every undertaking of the programme reports through its lead body; without `measures` all of the programme's are meant.
    Periods count that end from `since` to `until` (both days included; no `until` is no end).
    """

    class Every(models.TextChoices):
        MONTH = "month", _("every month")
        QUARTER = "quarter", _("every quarter")
        HALF = "half", _("every half-year")
        YEAR = "year", _("every year")

    programme = models.ForeignKey(Programme, models.CASCADE, related_name="calendars")
    measures = models.ManyToManyField(Measure, blank=True, related_name="+")
    every = models.CharField(max_length=7, choices=Every.choices, default=Every.MONTH)
    working_days = models.PositiveSmallIntegerField(default=5)
    remind_before = models.PositiveSmallIntegerField(default=2)
    chase_every = models.PositiveSmallIntegerField(default=2)
    since = DayField()
    until = DayField(null=True, blank=True)

    class Meta:
        ordering = ["programme__order", "programme__code", "id"]


class Channel(models.Model):
    """Where a body's messages also go: a group chat's robot, as an Apprise address. The address is a secret and is never shown."""

    body = models.ForeignKey(Body, models.CASCADE, related_name="channels")
    name = models.CharField(max_length=80)
    address = models.TextField()
    active = models.BooleanField(default=True)
    added_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    added_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["body__path", "id"]


class Reminder(models.Model):
    """That a body was reminded before, or chased after, the day by which a period was to be reported; once for each day."""

    class Kind(models.TextChoices):
        BEFORE = "before", _("reminder")
        AFTER = "after", _("chaser")

    calendar = models.ForeignKey(Calendar, models.CASCADE, related_name="reminders")
    body = models.ForeignKey(Body, models.CASCADE, related_name="reminders")
    period = DayField()
    kind = models.CharField(max_length=6, choices=Kind.choices)
    on = DayField()
    due = DayField()
    missing = models.PositiveIntegerField()
    made_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-on", "-id"]
        constraints = [models.UniqueConstraint(fields=["calendar", "body", "period", "on"], name="intake_one_reminder_a_day")]


class Message(models.Model):
    """One reminder on its way to one person or one channel; what could not be sent is tried again, and says why."""

    class State(models.TextChoices):
        QUEUED = "queued", _("queued")
        SENT = "sent", _("sent")
        FAILED = "failed", _("failed")

    reminders = models.ManyToManyField(Reminder, related_name="messages")
    user = models.ForeignKey(User, models.CASCADE, null=True, blank=True, related_name="+")
    channel = models.ForeignKey(Channel, models.CASCADE, null=True, blank=True, related_name="+")
    state = models.CharField(max_length=6, choices=State.choices, default=State.QUEUED, db_index=True)
    tries = models.PositiveSmallIntegerField(default=0)
    fault = models.CharField(max_length=200, blank=True)
    made_at = models.DateTimeField(default=timezone.now)
    tried_at = models.DateTimeField(null=True, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-made_at", "-id"]
