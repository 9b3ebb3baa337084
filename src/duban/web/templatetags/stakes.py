"""What slots say, for the pages of what is under watch."""

from __future__ import annotations

from typing import Any

from django import template

from duban.web import stakes

register = template.Library()


@register.filter
def said(value: Any, measure: Any) -> str:
    """An amount of a measure, a day, or that it was withdrawn."""
    return stakes.value(value, measure)
