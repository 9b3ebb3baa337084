"""Links from the board of stages to the undertakings behind its figures, and how its shares are drawn and written."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from django import template
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.http import urlencode
from django.utils.safestring import SafeString

from duban.core import fixed, halves
from duban.core.halves import Halves
from duban.core.tallies import Rate
from duban.web import display, stage_words
from duban.web.moment import Moment

register = template.Library()
register.filter("hundredths", stage_words.hundredths)
register.filter("raced", stage_words.raced)
WIDE: Final = 100
"""The width of a drawn share."""


@register.simple_tag(takes_context=True)
def listed(context: template.Context, asked: Mapping[str, str], **more: str) -> str:
    """The address of the list of what is counted together, at the page's moment; a `rate` or nothing else says which."""
    moment = context["moment"]
    wanted = {**asked, **more} | ({} if more.get("rate") else {"counted": "yes"})
    told = {name: value for name, value in wanted.items() if value or name == "value"}
    return f"{reverse('web:undertakings')}?{urlencode(told | moment.asked)}"


@register.simple_tag(takes_context=True)
def turned(context: template.Context, changes: Mapping[str, str]) -> str:
    """The address of this page with some of its question changed."""
    asked = context["request"].GET.copy()
    for name, value in changes.items():
        asked[name] = value
    return f"?{asked.urlencode()}"


@register.simple_tag
def stack(lights: Mapping[str, int]) -> SafeString:
    """How many have each light, side by side in one bar, worst first; an empty track for nothing."""
    spoken = ", ".join(f"{display.light_name(light)} {display.number(count)}" for light, count in lights.items() if count)
    parts = display.stacked(lights)
    drawn = format_html_join("", '<rect class="stack-{}" x="{}" width="{}" height="4"/>', parts)
    return format_html(
        '<span class="stack" role="img" aria-label="{}"><svg viewBox="0 0 {} 4" preserveAspectRatio="none">'
        '<rect class="bar-track" width="{}" height="4"/>{}</svg></span>',
        spoken or display.SILENCE,
        WIDE,
        WIDE,
        drawn,
    )


@register.filter
def share(rate: Rate) -> str:
    """A rate as a percentage; a dash where there is nothing to take it of."""
    return stage_words.hundredths(rate.hundredths)


@register.filter
def wide(value: int) -> str:
    """Hundredths of a per cent as a width from nothing to the whole."""
    return f"{min(max(value, 0), halves.WHOLE) / WIDE:.2f}"


@register.filter
def ahead(halves: Halves) -> str:
    """By how many points the task is ahead of the time, with its sign."""
    return stage_words.ahead(halves)


@register.filter
def verdict(halves: Halves) -> str:
    """Which of time and task are past half."""
    return str(stage_words.VERDICTS[halves.verdict])


@register.filter
def stored(value: int | None, measure: Any) -> str:
    """A sum in ten-thousandths as an amount with its unit; silence is a dash."""
    return display.amount(None if value is None else fixed.from_fixed(value), measure)


@register.filter
def tone(halves: Halves) -> str:
    """The light in whose colour the task is drawn."""
    return stage_words.TONES[halves.pace]


@register.filter
def against(standing: Any, now: Moment) -> Halves | None:
    """Time against task of one undertaking; None where nothing is reported, or where less is better."""
    measure = standing.measure
    if measure is None or measure.holds != "amount" or measure.direction < 0 or standing.last_period is None:
        return None
    day = halves.compared(now.as_of, newer=standing.last_period > halves.compared(now.as_of, newer=False))
    done, target = (None if value is None else fixed.to_fixed(value) for value in (standing.done, standing.target))
    return halves.against(on=day, done=done, target=target)
