"""What was published."""

from __future__ import annotations

from django.db.models import F, QuerySet

from duban.press.models import Edition, Figure


def latest() -> QuerySet[Edition]:
    """The newest edition of every article, the newest first."""
    newer = Edition.objects.filter(article__editions__number__gt=F("number"))
    return Edition.objects.exclude(pk__in=newer.values("pk")).select_related("article__body").order_by("-published_at", "-pk")


def headlines() -> QuerySet[Figure]:
    """The figures of the portal's home page, in their order."""
    related = ("programme", "measure", "undertaking", "body", "numerator", "denominator")
    return Figure.objects.filter(public=True).exclude(headline=None).select_related(*related).order_by("headline", "code")
