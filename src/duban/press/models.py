"""Articles, the questions that their figures ask, and what was published."""

from __future__ import annotations

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from duban.people.models import Body, User
from duban.registry.fields import DayField
from duban.registry.models import Measure, Programme, Undertaking


class Figure(models.Model):
    """A named question to the ledger, with its unit and format.

    `where` filters the undertakings by declared attributes, e.g. `{"origin": "yangtze-delta"}`.
    A share divides `numerator` by `denominator`; the other operations ask the programme itself.
    """

    class Operation(models.TextChoices):
        COUNT = "count", _("number of undertakings")
        SUM = "sum", _("sum")
        MEAN = "mean", _("mean")
        SHARE = "share", _("share")
        RATIO = "ratio", _("ratio to plan")
        RANK = "rank", _("rank among bodies")
        LATEST = "latest", _("latest level")
        LIT = "lit", _("number of undertakings with a light")

    code = models.CharField(max_length=80, unique=True)
    name = models.CharField(max_length=160)
    name_en = models.CharField(max_length=240, blank=True)
    operation = models.CharField(max_length=6, choices=Operation.choices)
    programme = models.ForeignKey(Programme, models.PROTECT, null=True, blank=True, related_name="figures")
    measure = models.ForeignKey(Measure, models.PROTECT, null=True, blank=True, related_name="+")
    kind = models.CharField(max_length=6, default="report")
    where = models.JSONField(default=dict, blank=True)
    undertaking = models.ForeignKey(Undertaking, models.PROTECT, null=True, blank=True, related_name="+")
    body = models.ForeignKey(Body, models.PROTECT, null=True, blank=True, related_name="+")
    lights = models.JSONField(default=list, blank=True)
    numerator = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="+")
    denominator = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="+")
    unit = models.CharField(max_length=20, blank=True)
    unit_en = models.CharField(max_length=40, blank=True)
    decimals = models.PositiveSmallIntegerField(default=0)
    source = models.CharField(max_length=120, blank=True)
    source_en = models.CharField(max_length=160, blank=True)
    public = models.BooleanField(default=False)
    headline = models.PositiveSmallIntegerField(null=True, blank=True, help_text="place on the portal's home page")

    class Meta:
        ordering = ["code"]


class Article(models.Model):
    """Something to be published. Its figures are read as of `as_of`."""

    class State(models.TextChoices):
        DRAFT = "draft", _("draft")
        PUBLISHED = "published", _("published")

    slug = models.SlugField(max_length=80, unique=True)
    body = models.ForeignKey(Body, models.PROTECT, related_name="articles")
    state = models.CharField(max_length=9, choices=State.choices, default=State.DRAFT, db_index=True)
    as_of = DayField()
    editor_credit = models.CharField(max_length=80, blank=True)
    created_by = models.ForeignKey(User, models.PROTECT, related_name="articles")
    created_at = models.DateTimeField(default=timezone.now)
    changed_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-created_at", "-id"]


class ArticleText(models.Model):
    """The article in one language. Traditional Chinese is derived from Simplified unless it has a text of its own."""

    article = models.ForeignKey(Article, models.CASCADE, related_name="texts")
    language = models.CharField(max_length=7, choices=[("zh-hans", "简体中文"), ("zh-hant", "繁體中文"), ("en", "English")])
    title = models.CharField(max_length=160)
    summary = models.TextField(blank=True)
    source = models.TextField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["article", "language"], name="press_one_text_a_language")]


class Photo(models.Model):
    """A picture of an article, kept under the SHA-256 of its content. Captions are Markdown-free text."""

    article = models.ForeignKey(Article, models.CASCADE, related_name="photos")
    sha256 = models.CharField(max_length=64)
    media_type = models.CharField(max_length=40)
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    caption = models.CharField(max_length=200)
    caption_en = models.CharField(max_length=240, blank=True)
    credit = models.CharField(max_length=80, blank=True)
    credit_en = models.CharField(max_length=120, blank=True)
    order = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["order", "id"]


class Edition(models.Model):
    """One frozen publication: texts, captions and every figure's value as of a day, known at a head.

    `frozen` is `{"texts": {language: {"title", "summary", "source"}}, "photos": […],
    "figures": [{"key", "code", "as_of", "value", "numerator", "denominator", …}]}`. Never changed.
    """

    article = models.ForeignKey(Article, models.PROTECT, related_name="editions")
    number = models.PositiveIntegerField()
    published_at = models.DateTimeField(default=timezone.now)
    published_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    as_of = DayField()
    head = models.BigIntegerField()
    frozen = models.JSONField()

    class Meta:
        ordering = ["-published_at", "-id"]
        constraints = [models.UniqueConstraint(fields=["article", "number"], name="press_edition_number")]
