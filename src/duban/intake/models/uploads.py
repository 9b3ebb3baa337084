"""Files that were sent in, and how foreign tables are read."""

from __future__ import annotations

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from duban.people.models import Body, User
from duban.registry.fields import DayField
from duban.registry.models import Programme


class TableMapping(models.Model):
    """What the columns of somebody's own table mean; made once, recognised by the fingerprint of the table's head.

    `columns` is a list of `{"heading", "role", "measure", "unit", …}`; see `duban.intake.tables`. `rows` tells which undertaking
    a row's name stands for where the name alone does not: `{"name in the table": "undertaking's code"}`.
    """

    body = models.ForeignKey(Body, models.PROTECT, related_name="table_mappings")
    programme = models.ForeignKey(Programme, models.PROTECT, related_name="table_mappings")
    name = models.CharField(max_length=120)
    fingerprint = models.CharField(max_length=64, db_index=True)
    columns = models.JSONField(default=list)
    rows = models.JSONField(default=dict, blank=True)
    options = models.JSONField(default=dict, blank=True)
    made_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    made_at = models.DateTimeField(default=timezone.now)
    used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-made_at", "-id"]
        constraints = [models.UniqueConstraint(fields=["body", "programme", "fingerprint"], name="intake_one_mapping_a_head")]


class Upload(models.Model):
    """A file that somebody sent in: kept byte for byte under its digest, read once, never read into the ledger by itself.

    `counts` says what was in it (`{"rows", "cells", "new", "changed", "unchanged", "conflict", "wrong", "left_out"}`), `refusal` why it
    could not be read (`{"code", "facts"}`). `done` of `total` is how far reading has come. `told_by` is who said what its columns mean,
    where somebody had to.
    """

    class State(models.TextChoices):
        RECEIVED = "received", _("received")
        READING = "reading", _("being read")
        ASKING = "asking", _("waits for its columns to be told")
        READ = "read", _("read")
        REFUSED = "refused", _("could not be read")

    class Kind(models.TextChoices):
        UNKNOWN = "unknown", _("not known yet")
        WORKBOOK = "workbook", _("workbook")
        TABLE = "table", _("table")

    body = models.ForeignKey(Body, models.PROTECT, related_name="uploads")
    kind = models.CharField(max_length=8, choices=Kind.choices, default=Kind.UNKNOWN)
    state = models.CharField(max_length=8, choices=State.choices, default=State.RECEIVED, db_index=True)
    name = models.CharField(max_length=200)
    sha256 = models.CharField(max_length=64, db_index=True)
    size = models.PositiveBigIntegerField()
    period = DayField(null=True, blank=True)
    mapping = models.ForeignKey(TableMapping, models.PROTECT, null=True, blank=True, related_name="uploads")
    sheet = models.CharField(max_length=80, blank=True)
    sent_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    sent_at = models.DateTimeField(default=timezone.now)
    told_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    beat_at = models.DateTimeField(null=True, blank=True)
    counts = models.JSONField(default=dict, blank=True)
    refusal = models.JSONField(default=dict, blank=True)

    class Meta:
        ordering = ["-sent_at", "-id"]
