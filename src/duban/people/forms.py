"""What people fill in about themselves, about others, and about bodies."""

from __future__ import annotations

from typing import Any

from allauth.account.forms import LoginForm
from django import forms
from django.utils.translation import gettext_lazy as _

from duban.people import permits
from duban.people.actions import CODE
from duban.people.models import Appointment, AuditLine, Body, User


class SignInForm(LoginForm):  # type: ignore[misc]
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"].label = _("User name or e-mail")
        self.fields["login"].widget.attrs["autocomplete"] = "username"


class InviteForm(forms.Form):
    display_name = forms.CharField(label=_("Name"), max_length=80)
    email = forms.EmailField(label=_("E-mail"), required=False)
    body = forms.ModelChoiceField(label=_("Body"), queryset=Body.objects.none())
    role = forms.ChoiceField(label=_("Role"), choices=Appointment.Role.choices, initial=Appointment.Role.REPORTER)

    def __init__(self, *args: Any, by: User, mail: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.by = by
        self.fields["body"].queryset = Body.objects.filter(permits.reach(by, "people.invite")).order_by("path")
        if mail:
            self.fields["email"].help_text = _("The link is sent here. Without an address you pass it on yourself.")
        else:
            del self.fields["email"]

    def clean(self) -> dict[str, Any]:
        asked = super().clean() or {}
        if asked.get("body") and asked.get("role") and asked["role"] not in permits.gives(self.by, asked["body"]):
            self.add_error("role", _("You may not give this role in this body."))
        return asked


class ApplyForm(forms.Form):
    body = forms.ModelChoiceField(label=_("Body"), queryset=Body.objects.order_by("path"))
    role = forms.ChoiceField(label=_("Role"), choices=Appointment.Role.choices, initial=Appointment.Role.REPORTER)
    note = forms.CharField(label=_("Note"), max_length=200, required=False, help_text=_("Whatever helps the administrator to know you."))


class NameForm(forms.Form):
    name = forms.CharField(label=_("Name"), max_length=80)
    name_en = forms.CharField(label=_("Name in English"), max_length=120, required=False)


class BodyForm(NameForm):
    parent = forms.ModelChoiceField(label=_("Belongs to"), queryset=Body.objects.none())
    kind = forms.ChoiceField(label=_("Kind"), choices=Body.Kind.choices, initial=Body.Kind.DEPARTMENT)
    code = forms.CharField(
        label=_("Code"),
        max_length=40,
        help_text=_("Small letters, digits and hyphens. Records cite it, so it never changes."),
    )
    field_order = ("parent", "kind", "name", "name_en", "code")

    def __init__(self, *args: Any, by: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["parent"].queryset = Body.objects.filter(permits.reach(by, "people.write")).order_by("path")

    def clean_code(self) -> str:
        code = str(self.cleaned_data["code"])
        if not CODE.match(code):
            raise forms.ValidationError(_("Small letters, digits and hyphens only."))
        if Body.objects.filter(code=code).exists():
            raise forms.ValidationError(_("Another body has this code."))
        return code


class MoveForm(forms.Form):
    parent = forms.ModelChoiceField(label=_("Belongs to"), queryset=Body.objects.none())

    def __init__(self, *args: Any, by: User, body: Body, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        within = Body.objects.filter(permits.reach(by, "people.write")).exclude(path__startswith=body.path)
        self.fields["parent"].queryset = within.order_by("path")
        self.initial.setdefault("parent", body.parent_id)


class AuditFilter(forms.Form):
    who = forms.CharField(label=_("Who"), max_length=80, required=False)
    act = forms.ChoiceField(label=_("What"), required=False)
    since = forms.DateField(label=_("From"), required=False, widget=forms.DateInput(attrs={"type": "date"}))
    until = forms.DateField(label=_("To"), required=False, widget=forms.DateInput(attrs={"type": "date"}))
    refused = forms.BooleanField(label=_("Refused only"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = AuditLine.objects.order_by("act").values_list("act", flat=True).distinct()
        self.fields["act"].choices = [("", _("everything")), *((act, ACTS.get(act, act)) for act in known)]


# What the acts of the audit log are called. Other rooms' acts that are not named here are shown by their code.
ACTS = {
    "sign-in": _("signed in"),
    "sign-out": _("signed out"),
    "sign-up": _("registered"),
    "lock-out": _("was locked out"),
    "password.change": _("changed the password"),
    "password.reset": _("set a new password by link"),
    "password.allow-reset": _("made a link for a new password"),
    "email.add": _("added an e-mail address"),
    "email.remove": _("removed an e-mail address"),
    "email.confirm": _("confirmed an e-mail address"),
    "email.change": _("changed the main e-mail address"),
    "second-factor": _("entered a second factor"),
    "second-factor.add": _("added a second factor"),
    "second-factor.remove": _("removed a second factor"),
    "second-factor.renew": _("renewed recovery codes"),
    "body.add": _("added a body"),
    "body.rename": _("renamed a body"),
    "body.move": _("moved a body"),
    "appointment.begin": _("appointed"),
    "appointment.end": _("ended an appointment"),
    "invitation.send": _("invited"),
    "invitation.withdraw": _("withdrew an invitation"),
    "invitation.accept": _("accepted an invitation"),
    "application.send": _("asked for a role"),
    "application.grant": _("granted a role"),
    "application.decline": _("declined a role"),
}
