"""How the registry's fields and an undertaking's evidence are drawn."""

from __future__ import annotations

from typing import Any

from django import forms, template
from django.db.models import prefetch_related_objects
from django.forms.boundfield import BoundField

from duban.people.permits import may
from duban.registry import actions, evidence
from duban.registry.forms import EvidenceForm
from duban.registry.models import Undertaking

register = template.Library()


@register.filter
def drawn_as(field: BoundField) -> str:
    """How a field is drawn: `flag`, `several`, `one`, `declared choice` or `plain`."""
    if isinstance(field.field, forms.ModelMultipleChoiceField):
        return "several"
    if isinstance(field.field, forms.ModelChoiceField):
        return "one"
    if isinstance(field.field.widget, forms.CheckboxInput):
        return "flag"
    if getattr(field.field, "declared", {}).get("type") == "choice":
        return "declared choice"
    return "plain"


@register.filter
def holds(field: BoundField, value: Any) -> bool:
    """Whether `value` is chosen in the field."""
    chosen = field.value()
    chosen = chosen if isinstance(chosen, list | tuple) else [chosen]
    return str(value) in {str(getattr(one, "pk", one)) for one in chosen}


@register.filter
def declaration(field: BoundField) -> Any:
    """What a programme declared of this field; None for a fixed one."""
    return getattr(field.field, "declared", None)


@register.filter
def may_change(user: Any, undertaking: Undertaking) -> bool:
    """Whether `user` keeps this undertaking."""
    return bool(may(user, actions.ACT)) and actions.may_change(user, undertaking)


@register.inclusion_tag("registry/_evidence.html", takes_context=True)
def evidence_of(context: template.Context, undertaking: Undertaking, form: Any = None, made: Any = None) -> dict[str, Any]:
    """The files that the reader may open, and the form for one more where they may add it."""
    user = context["request"].user
    prefetch_related_objects([undertaking], "joint_bodies")  # asked for more than once below
    may_attach = evidence.may(user, "report.write", undertaking)
    return {
        "request": context["request"],
        "csrf_token": context.get("csrf_token"),
        "undertaking": undertaking,
        "files": evidence.seen_by(user, undertaking),
        "official": evidence.may(user, "evidence.read", undertaking),
        "may_show": may(user, actions.ACT, undertaking.lead_body),
        "form": (form or EvidenceForm()) if may_attach else None,
        "made": made,
        "open": bool(form and form.errors),
    }
