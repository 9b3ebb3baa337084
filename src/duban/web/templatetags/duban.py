"""Template tags and filters that every template has without loading."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import template
from django.http import QueryDict
from django.templatetags.static import static
from django.urls import reverse
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.safestring import SafeString, mark_safe

from duban.web import display, wording

register = template.Library()

register.filter("script", display.script)
register.filter("number", display.number)
register.filter("money", display.money)
register.filter("day", display.day)
register.filter("since", display.since)
register.filter("moment", display.moment)
register.filter("period", display.period)
register.filter("amount", display.amount)
register.filter("percent", display.percent)

SHAPES = {
    "green": '<circle cx="8" cy="8" r="6.500"/>',
    "amber": '<path d="M8 1.600 15 14.200H1z"/>',
    "red": '<path d="M1.800 1.800h12.400v12.400H1.800z"/>',
    "grey": '<circle cx="8" cy="8" r="5.500" fill="none" stroke="currentColor" stroke-width="2"/>',
}
"""Every light has a shape of its own, so that nobody needs to see its colour."""


@register.filter
def named(thing: Any) -> str:
    """The name of a body, programme, undertaking, measure or figure in the reader's language."""
    return display.told(thing, "name") if thing else ""


@register.filter
def told(thing: Any, field: str) -> str:
    """Any field that also has an `_en` form, in the reader's language."""
    return display.told(thing, field) if thing else ""


@register.simple_tag
def icon(name: str) -> SafeString:
    """One icon of the sprite, silent for screen readers: the words beside it speak."""
    return format_html('<svg class="icon" aria-hidden="true"><use href="{}#{}"/></svg>', static("duban/dist/icons.svg"), name)


def light_mark(light: str) -> SafeString:
    """A light's shape without its word."""
    return mark_safe(f'<svg class="lamp lamp-{light}" viewBox="0 0 16 16" aria-hidden="true">{SHAPES[light]}</svg>')


@register.simple_tag(name="light")
def light_tag(standing: Any, words: str = "") -> SafeString:
    """A light as shape and word. Takes a standing or the light's name; `words` replace the word."""
    light = standing if isinstance(standing, str) else standing.light
    return format_html(
        '<span class="light light-{}">{}<span>{}</span></span>', light, light_mark(light), words or display.light_name(light)
    )


@register.simple_tag
def lamp(light: str) -> SafeString:
    """Only the shape, where the word already stands beside it."""
    return light_mark(light)


def _share(part: Any, whole: Any) -> float | None:
    if part is None or not whole:
        return None
    return float(min(max(Decimal(part) / Decimal(whole) * 100, Decimal(0)), Decimal(100)))


@register.inclusion_tag("web/_bar.html")
def bar(done: Any, target: Any, planned: Any = None, tone: str = "", label: str = "") -> dict[str, Any]:
    """Progress towards a target, with a mark where the schedule stands. Silence draws an empty track."""
    share = _share(done, target)
    mark = _share(planned, target)
    return {
        "fill": f"{share or 0:.2f}",
        "mark": None if mark is None else f"{mark:.2f}",
        "tone": tone,
        "label": label,
        "spoken": display.percent(done, target),
    }


@register.simple_tag(takes_context=True)
def query(context: template.Context, **changes: Any) -> str:
    """This page's query string with `changes`; an empty value removes a name, and the page number always goes."""
    asked: QueryDict = context["request"].GET.copy()
    asked.pop("page", None)
    for name, value in changes.items():
        if value in (None, ""):
            asked.pop(name, None)
        else:
            asked[name] = str(value)
    return f"?{asked.urlencode()}" if asked else "?"


@register.simple_tag(takes_context=True)
def address(context: template.Context, name: str, *args: Any, **asked: Any) -> str:
    """The address of a page at the moment at which this one stands, with what else is asked of it."""
    moment = context.get("moment")
    told = {key: value for key, value in asked.items() if value not in (None, "")} | (moment.asked if moment else {})
    return reverse(name, args=args) + (f"?{urlencode(told)}" if told else "")


@register.inclusion_tag("web/_files.html", takes_context=True)
def files(context: template.Context, name: str, *args: Any) -> dict[str, Any]:
    """Links to this list as files, under the same question, order and moment."""
    asked = query(context).removesuffix("?")
    return {"files": [(words, reverse(name, args=[*args, ending]) + asked) for ending, words in (("csv", "CSV"), ("xlsx", "Excel"))]}


@register.simple_tag
def turns(moment: Any) -> Any:
    """The days and moments that a page offers to turn to."""
    from duban.web import turning

    return turning.turns(moment)


@register.inclusion_tag("web/_pager.html", takes_context=True)
def pager(context: template.Context, page: Any, target: str = "") -> dict[str, Any]:
    """Links to the pages of a list, which keep every filter; with `target` they swap only that part."""
    return {"page": page, "target": target, "request": context["request"]}


@register.filter
def rule(standing: Any) -> str:
    """The rule that lit a light, in two or three words."""
    return wording.rule(standing)


@register.filter
def reason(standing: Any) -> str:
    """Why a light is lit, in one sentence."""
    return wording.reason(standing)


@register.filter
def cure(standing: Any) -> str:
    """What would turn a light green, in one sentence; empty where nothing needs curing."""
    return wording.cure(standing)


@register.filter
def points(gap: int | None) -> str:
    """A gap in percentage points, with its sign."""
    return wording.points(gap)


@register.filter
def lightname(light: str) -> str:
    """A light's word."""
    return display.light_name(light)


@register.filter
def worded(wrong: Any) -> str:
    """A refusal or a finding as a sentence."""
    return wording.told(wrong)


@register.filter
def raw(value: Any) -> str:
    """A number as scripts read it: plain digits, nothing for silence."""
    return "" if value is None else f"{Decimal(value):f}"


@register.filter
def lookup(mapping: Any, key: str) -> Any:
    """What a mapping says under a key that only a variable knows; nothing where there is no mapping."""
    return mapping.get(key) if mapping else None
