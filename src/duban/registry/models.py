"""What was promised, by whom, and how it is counted."""

from __future__ import annotations

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from duban.people.models import Body, User
from duban.registry import versions
from duban.registry.fields import DayField


class Measure(models.Model):
    """What is counted on an undertaking. One catalogue for the whole district, so that programmes can be added up."""

    class Holds(models.TextChoices):
        AMOUNT = "amount", _("amount")
        DAY = "day", _("day")

    class Accumulates(models.TextChoices):
        YEAR = "year", _("year to date")
        LIFE = "life", _("since the start")
        LEVEL = "level", _("a level")

    class Direction(models.IntegerChoices):
        UP = 1, _("more is better")
        DOWN = -1, _("less is better")

    code = models.SlugField(max_length=40, unique=True)
    name = models.CharField(max_length=80)
    name_en = models.CharField(max_length=120, blank=True)
    holds = models.CharField(max_length=6, choices=Holds.choices, default=Holds.AMOUNT)
    unit = models.CharField(max_length=20, blank=True)
    unit_en = models.CharField(max_length=40, blank=True)
    accumulates = models.CharField(max_length=5, choices=Accumulates.choices, default=Accumulates.YEAR)
    direction = models.SmallIntegerField(choices=Direction.choices, default=Direction.UP)
    order = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["order", "code"]

    def __str__(self) -> str:
        return self.name


class Programme(models.Model):
    """A named list of undertakings. `lead_measure` is what its lights judge; without one there are no lights.

    `attributes` declares what its undertakings carry beyond the fixed fields, as a list of
    `{"code", "name", "name_en", "type": text | number | flag | choice, "unit", "choices"}`.
    """

    code = models.SlugField(max_length=40, unique=True)
    name = models.CharField(max_length=80)
    name_en = models.CharField(max_length=160, blank=True)
    owner = models.ForeignKey(Body, models.PROTECT, related_name="programmes")
    year = models.PositiveSmallIntegerField(null=True, blank=True)
    summary = models.TextField(blank=True)
    summary_en = models.TextField(blank=True)
    source = models.CharField(max_length=120, blank=True)
    source_en = models.CharField(max_length=160, blank=True)
    measures = models.ManyToManyField(Measure, related_name="programmes", blank=True)
    lead_measure = models.ForeignKey(Measure, models.PROTECT, null=True, blank=True, related_name="+")
    attributes = models.JSONField(default=list, blank=True)
    public = models.BooleanField(default=False)
    illustrative = models.BooleanField(default=False)
    order = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["order", "code"]

    def __str__(self) -> str:
        return self.name


class Undertaking(models.Model):
    """One promise that a body answers for."""

    class Kind(models.TextChoices):
        PROJECT = "project", _("project")
        SERVICE = "service", _("service")
        SUBSIDY = "subsidy", _("subsidy")
        INSURANCE = "insurance", _("insurance")
        TRAINING = "training", _("training")
        PLOT = "plot", _("plot")
        VILLAGE = "village", _("village")
        PETITION = "petition", _("petition")
        DEAL = "deal", _("investment")
        CAMPAIGN = "campaign", _("campaign")
        INDICATOR = "indicator", _("indicator")

    class Stage(models.TextChoices):
        RESERVE = "reserve", _("in reserve")
        NEW = "new", _("new")
        CONTINUING = "continuing", _("continuing")
        FINISHED = "finished", _("finished")
        PRODUCING = "producing", _("in production")

    code = models.SlugField(max_length=60, unique=True)
    programme = models.ForeignKey(Programme, models.PROTECT, related_name="undertakings")
    name = models.CharField(max_length=160)
    name_en = models.CharField(max_length=240, blank=True)
    kind = models.CharField(max_length=10, choices=Kind.choices)
    stage = models.CharField(max_length=10, choices=Stage.choices, blank=True)
    lead_body = models.ForeignKey(Body, models.PROTECT, related_name="undertakings")
    joint_bodies = models.ManyToManyField(Body, related_name="joint_undertakings", blank=True)
    answerable = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="answers_for")
    answerable_title = models.CharField(max_length=80, blank=True)
    town = models.ForeignKey(Body, models.PROTECT, null=True, blank=True, related_name="hosted_undertakings")
    latitude = models.FloatField(null=True, blank=True, validators=[MinValueValidator(-90), MaxValueValidator(90)])
    longitude = models.FloatField(null=True, blank=True, validators=[MinValueValidator(-180), MaxValueValidator(180)])
    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="parts")
    attributes = models.JSONField(default=dict, blank=True)
    description = models.TextField(blank=True)
    description_en = models.TextField(blank=True)
    public = models.BooleanField(default=True)
    order = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["programme__order", "order", "code"]
        indexes = [models.Index(fields=["programme", "order"])]

    def __str__(self) -> str:
        return self.name


class Evidence(models.Model):
    """A file that shows a report to be true, kept once under the SHA-256 of its content.

    `look` is a photograph's perceptual hash (64 bits as 16 hexadecimal digits), alike for copies in another size or quality;
    empty for what is no photograph.
    """

    undertaking = models.ForeignKey(Undertaking, models.PROTECT, related_name="evidence")
    sha256 = models.CharField(max_length=64)
    name = models.CharField(max_length=200)
    media_type = models.CharField(max_length=80)
    size = models.PositiveBigIntegerField()
    look = models.CharField(max_length=16, blank=True, db_index=True)
    caption = models.CharField(max_length=200, blank=True)
    taken_on = models.DateField(null=True, blank=True)
    public = models.BooleanField(default=False)
    added_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    added_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-added_at", "-id"]
        constraints = [models.UniqueConstraint(fields=["undertaking", "sha256"], name="registry_evidence_once")]


class Revision(models.Model):
    """One row: how often the registry has changed. Kept by triggers, so that no cache can miss a change.

    `clock` is the moment under which changes are written where it is not the database's own (`duban.registry.past.written`).
    """

    number = models.BigIntegerField(default=0)
    clock = models.DateTimeField(null=True, blank=True)


class Revised(models.Model):
    """When each revision of the registry began. Written by the triggers that count revisions; never changed, never deleted."""

    number = models.BigIntegerField(primary_key=True)
    at = models.DateTimeField(db_index=True)


class RulebookVersion(models.Model):
    """What a body, or a programme, sets of its rulebook from a day on: TOML as `duban.core.rulefile` reads it.

    Once adopted it is never changed; a later version takes its place from that one's day on. Without an author it was carried over
    from how duban kept it before. `digest` is the SHA-256 of the text.
    """

    class State(models.TextChoices):
        DRAFT = "draft", _("draft")
        ADOPTED = "adopted", _("adopted")
        DISCARDED = "discarded", _("discarded")

    body = models.ForeignKey(Body, models.PROTECT, null=True, blank=True, related_name="rulebooks")
    programme = models.ForeignKey(Programme, models.PROTECT, null=True, blank=True, related_name="rulebooks")
    text = models.TextField(blank=True)
    since = DayField()
    reason = models.TextField(blank=True)
    state = models.CharField(max_length=9, choices=State.choices, default=State.DRAFT)
    author = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    writers = models.ManyToManyField(User, blank=True, related_name="+")
    written_at = models.DateTimeField(default=timezone.now)
    adopted_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    adopted_at = models.DateTimeField(null=True, blank=True)
    digest = models.CharField(max_length=64)

    class Meta:
        ordering = ["-since", "-adopted_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(body=None, programme__isnull=False) | models.Q(body__isnull=False, programme=None),
                name="registry_rulebook_of_one",
            ),
            models.UniqueConstraint(fields=["body"], condition=models.Q(state="draft"), name="registry_one_draft_a_body"),
            models.UniqueConstraint(fields=["programme"], condition=models.Q(state="draft"), name="registry_one_draft_a_programme"),
        ]

    @property
    def of(self) -> Body | Programme:
        """Whose it is."""
        whose = self.programme or self.body
        assert whose is not None
        return whose

    @property
    def keeper(self) -> Body:
        """The body whose officials write and adopt it: itself, or the programme's owner."""
        return self.of.owner if isinstance(self.of, Programme) else self.of


MeasureVersion = versions.kept("MeasureVersion", __name__, of=Measure)
ProgrammeVersion = versions.kept("ProgrammeVersion", __name__, of=Programme)
CountedVersion = versions.kept("CountedVersion", __name__, of=Programme.measures.through)
UndertakingVersion = versions.kept("UndertakingVersion", __name__, of=Undertaking)
SharedVersion = versions.kept("SharedVersion", __name__, of=Undertaking.joint_bodies.through)
BodyVersion = versions.kept("BodyVersion", __name__, of=Body)
