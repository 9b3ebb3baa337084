"""What a reporter still owes, for any page of the desk: `{% include "web/calendars/_mine.html" %}`."""

from __future__ import annotations

from typing import Any

from django import template

from duban.web import calendars

register = template.Library()


@register.simple_tag(takes_context=True)
def my_reports(context: template.Context) -> dict[str, Any] | None:
    """What the reader's bodies have to report by when; None for who is no reporter."""
    return calendars.mine(context["request"].user)
