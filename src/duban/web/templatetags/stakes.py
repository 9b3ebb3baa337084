"""What slots say and where rules begin, for the pages of what is under watch."""

from __future__ import annotations

from typing import Any

from django import template

from duban.core.rulebook import Rulebook
from duban.web import boundaries, stakes

register = template.Library()


@register.filter
def said(value: Any, measure: Any) -> str:
    """An amount of a measure, a day, or that it was withdrawn."""
    return stakes.value(value, measure)


@register.filter
def boundary(standing: Any, book: Rulebook) -> str:
    """Where the rule that lit a light begins, by the rulebook in force."""
    return boundaries.boundary(standing.rule, book)
