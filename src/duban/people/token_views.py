"""The page on which an official gives programs of their own what they need to report, and takes it back."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from duban.people import permits, tokens
from duban.people.models import Body, Token, User


class TokenForm(forms.Form):
    """What a token is called, where it counts, what it is for, and how long it runs."""

    name = forms.CharField(label=lazy("Name"), max_length=80, help_text=lazy("Which program uses it, and where."))
    body = forms.ModelChoiceField(label=lazy("Body"), queryset=Body.objects.none(), empty_label=None)
    scopes = forms.MultipleChoiceField(label=lazy("What for"), widget=forms.CheckboxSelectMultiple)
    days = forms.TypedChoiceField(
        label=lazy("Runs for"), coerce=int, choices=((30, lazy("30 days")), (90, lazy("90 days")), (365, lazy("a year"))), initial=90
    )

    def __init__(self, user: User, *args: object, **named: object) -> None:
        super().__init__(*args, **named)
        self.fields["body"].queryset = Body.objects.filter(permits.reach(user, "desk.read")).order_by("path")
        self.fields["scopes"].choices = tokens.scopes(user)
        self.fields["scopes"].initial = [scope for scope, _label in tokens.scopes(user)]


@permits.permit("desk.read")
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def token_list(request: HttpRequest) -> HttpResponse:
    """One's own tokens; the secret of a new one is on this page once and never again."""
    form = TokenForm(request.user, request.POST or None)  # type: ignore[arg-type]
    facts: dict[str, object] = {"form": form}
    if form.is_valid():
        made, secret = tokens.make(user=request.user, **form.cleaned_data, now=timezone.now())  # type: ignore[arg-type]
        facts = {"form": TokenForm(request.user), "made": made, "secret": secret}
    now = timezone.now()
    own = Token.objects.filter(user=request.user).select_related("body")  # type: ignore[misc]
    return render(request, "people/tokens.html", {**facts, "tokens": own, "now": now})


@permits.permit("desk.read")
@require_POST
def token_end(request: HttpRequest, pk: int) -> HttpResponse:
    """Let one of one's own tokens do nothing any more."""
    token = get_object_or_404(Token, pk=pk, user=request.user)
    tokens.end(token=token, by=request.user, now=timezone.now())  # type: ignore[arg-type]
    messages.success(request, _("The token %(name)s does nothing any more.") % {"name": token.name})
    return redirect("people:tokens")
