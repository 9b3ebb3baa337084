"""How a form's fields are drawn, on our own pages and on allauth's."""

from __future__ import annotations

from django import forms, template
from django.conf import settings
from django.forms.boundfield import BoundField
from django.utils.safestring import SafeString

register = template.Library()

CLASSES = (
    (forms.CheckboxInput, "form-check-input"),
    (forms.Select, "form-select"),
    (forms.Widget, "form-control"),
)


@register.filter
def control(field: BoundField) -> SafeString:
    """The field's input; its label says what a placeholder would repeat."""
    widget = field.field.widget
    kind = next(css for widget_class, css in CLASSES if isinstance(widget, widget_class))
    return field.as_widget(attrs={"class": f"{kind} is-invalid" if field.errors else kind, "placeholder": False})


@register.filter
def is_checkbox(field: BoundField) -> bool:
    return isinstance(field.field.widget, forms.CheckboxInput)


@register.filter
def is_several(field: BoundField) -> bool:
    """Whether each of the choices has a box or a button of its own."""
    return isinstance(field.field.widget, forms.RadioSelect)


@register.filter
def chooses_body(field: BoundField) -> bool:
    """Whether the choices are bodies, whose names are shown in the reader's language."""
    return isinstance(field.field, forms.ModelChoiceField)


@register.simple_tag
def mail_configured() -> bool:
    return bool(settings.MAIL)
