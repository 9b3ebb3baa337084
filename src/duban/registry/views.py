"""The dispatcher's pages of measures, programmes and undertakings, and the files that are shown as evidence."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from duban.people.permits import permit, public
from duban.registry import actions, reads
from duban.registry import evidence as files
from duban.registry.forms import (
    AttributeForm,
    EvidenceForm,
    MeasureForm,
    MoveForm,
    ProgrammeForm,
    UndertakingForm,
    attribute_initial,
    measure_initial,
    programme_initial,
    undertaking_initial,
)
from duban.registry.models import Measure, Undertaking
from duban.registry.serving import served

READ_OR_SEND = ["GET", "HEAD", "POST"]


def _done(request: HttpRequest, words: str, to: str, *args: Any) -> HttpResponse:
    messages.success(request, words)
    return redirect(to, *args)


# Measures


@permit("registry.write")
@require_safe
def measures(request: HttpRequest) -> HttpResponse:
    """The one catalogue of what can be counted."""
    return render(request, "registry/measures.html", {"here": "measures", "measures": reads.measures(request.user)})


@permit("registry.write")
@require_http_methods(READ_OR_SEND)
def measure_add(request: HttpRequest) -> HttpResponse:
    """Something new to count."""
    form = MeasureForm(request.POST or None)
    if form.done(actions.add_measure, by=request.user):
        return _done(request, _("The measure was added."), "registry:measures")
    return render(request, "registry/measure.html", {"here": "measures", "form": form})


@permit("registry.write")
@require_http_methods(READ_OR_SEND)
def measure(request: HttpRequest, code: str) -> HttpResponse:
    """One measure: change it here."""
    found = get_object_or_404(Measure, code=code)
    actions.check_measure(request.user, found)
    form = MeasureForm(request.POST or None, coded=True, initial=measure_initial(found))
    if form.done(actions.change_measure, measure=found, by=request.user):
        return _done(request, _("The measure was changed."), "registry:measures")
    facts = {"here": "measures", "form": form, "measure": found, "spoken": actions.spoken_of(found)}
    return render(request, "registry/measure.html", facts)


# Programmes and their attributes


@permit("registry.write")
@require_safe
def programmes(request: HttpRequest) -> HttpResponse:
    """The programmes of my bodies."""
    return render(request, "registry/programmes.html", {"here": "programmes", "programmes": reads.kept_programmes(request.user)})


@permit("registry.write")
@require_http_methods(READ_OR_SEND)
def programme_add(request: HttpRequest) -> HttpResponse:
    """A new programme of one of my bodies."""
    form = ProgrammeForm(request.POST or None, by=request.user)
    if made := form.done(actions.add_programme, by=request.user):
        return _done(request, _("The programme was added."), "registry:programme", made.code)
    return render(request, "registry/programme_add.html", {"here": "programmes", "form": form})


@permit("registry.write")
@require_http_methods(READ_OR_SEND)
def programme(request: HttpRequest, code: str) -> HttpResponse:
    """One programme: its fields, the attributes that it declares, its undertakings."""
    found = reads.programme(request.user, code)
    form = ProgrammeForm(request.POST or None, coded=True, by=request.user, initial=programme_initial(found))
    if form.done(actions.change_programme, programme=found, by=request.user):
        return _done(request, _("The programme was changed."), "registry:programme", code)
    facts = {"here": "programmes", "form": form, "programme": found, "held": found.undertakings.count()}
    return render(request, "registry/programme.html", facts)


@permit("registry.write")
@require_http_methods(READ_OR_SEND)
def attribute_add(request: HttpRequest, code: str) -> HttpResponse:
    """Declare one more attribute."""
    found = reads.programme(request.user, code)
    form = AttributeForm(request.POST or None)
    if form.done(actions.declare, programme=found, by=request.user):
        return _done(request, _("The attribute was declared."), "registry:programme", code)
    return render(request, "registry/attribute.html", {"here": "programmes", "form": form, "programme": found})


@permit("registry.write")
@require_http_methods(READ_OR_SEND)
def attribute(request: HttpRequest, code: str, attribute: str) -> HttpResponse:
    """One declared attribute: change it here, or remove it from here."""
    found = reads.programme(request.user, code)
    declared = next((one for one in found.attributes if one["code"] == attribute), None)
    if declared is None:
        raise Http404
    form = AttributeForm(request.POST or None, coded=True, initial=attribute_initial(declared))
    if form.done(actions.redeclare, programme=found, code=attribute, by=request.user):
        return _done(request, _("The attribute was changed."), "registry:programme", code)
    return render(request, "registry/attribute.html", {"here": "programmes", "form": form, "programme": found, "attribute": declared})


@permit("registry.write")
@require_POST
def attribute_remove(request: HttpRequest, code: str, attribute: str) -> HttpResponse:
    """Take a declaration back."""
    actions.undeclare(programme=reads.programme(request.user, code), code=attribute, by=request.user)
    return _done(request, _("The attribute was removed."), "registry:programme", code)


# Undertakings


@permit("registry.write")
@require_http_methods(READ_OR_SEND)
def undertaking_add(request: HttpRequest, code: str) -> HttpResponse:
    """A new undertaking of a programme, or a part of one."""
    found = reads.programme(request.user, code)
    whole = found.undertakings.filter(code=request.GET.get("parent", "")).first()
    initial = {"parent": whole.code, "lead_body": whole.lead_body_id, "kind": whole.kind, "town": whole.town_id} if whole else {}
    form = UndertakingForm(request.POST or None, by=request.user, programme=found, initial=initial)
    if made := form.done(actions.add_undertaking, programme=found, by=request.user):
        return _done(request, _("The undertaking was added."), "web:undertaking", made.code)
    return render(request, "registry/undertaking.html", {"here": "programmes", "form": form, "programme": found, "whole": whole})


@permit("registry.write")
@require_http_methods(READ_OR_SEND)
def undertaking(request: HttpRequest, code: str) -> HttpResponse:
    """One undertaking: change it here, or move it from here."""
    found = reads.undertaking(request.user, code)
    form = UndertakingForm(
        request.POST or None, by=request.user, programme=found.programme, undertaking=found, initial=undertaking_initial(found)
    )
    if form.done(actions.change_undertaking, undertaking=found, by=request.user):
        return _done(request, _("The undertaking was changed."), "web:undertaking", code)
    return _undertaking_page(request, found, form, MoveForm(by=request.user, undertaking=found))


@permit("registry.write")
@require_POST
def undertaking_move(request: HttpRequest, code: str) -> HttpResponse:
    """Put an undertaking that nothing was entered for on another programme's list."""
    found = reads.undertaking(request.user, code)
    move = MoveForm(request.POST, by=request.user, undertaking=found)
    if move.done(actions.change_undertaking, undertaking=found, by=request.user):
        return _done(request, _("The undertaking was moved."), "registry:undertaking", code)
    form = UndertakingForm(by=request.user, programme=found.programme, undertaking=found, initial=undertaking_initial(found))
    return _undertaking_page(request, found, form, move)


def _undertaking_page(request: HttpRequest, found: Undertaking, form: UndertakingForm, move: MoveForm) -> HttpResponse:
    fixed = found.entries.exists()  # type: ignore[attr-defined]
    facts = {"here": "programmes", "form": form, "move": None if fixed else move, "undertaking": found, "programme": found.programme}
    return render(request, "registry/undertaking.html", facts)


# Evidence


@permit("report.write")
@require_http_methods(READ_OR_SEND)
def attach(request: HttpRequest, code: str) -> HttpResponse:
    """Add a file to an undertaking: from its page as a fragment, and as a page of its own."""
    found = reads.reported(request.user, code)
    form = EvidenceForm(request.POST or None, request.FILES or None)
    made = form.attached(files.attach, undertaking=found, by=request.user, now=timezone.now())
    if request.htmx:  # type: ignore[attr-defined]
        facts = {"undertaking": found, "form": EvidenceForm() if made else form, "made": made}
        return render(request, "registry/_attached.html", facts)
    if made:
        messages.success(request, _("The file was added."))
        return redirect(reverse("web:undertaking", args=[code]) + "#evidence")
    return render(request, "registry/attach.html", {"here": "undertakings", "undertaking": found, "form": form})


@public
@require_safe
def evidence(request: HttpRequest, pk: int) -> HttpResponseBase:
    """A file as it was handed in, for those who may see it."""
    found = reads.file(request.user, pk)
    image = found.media_type.startswith("image/")
    return served(request, files.path_of(found.sha256), found.media_type, found.name, etag=found.sha256, download=not image)


@public
@require_safe
def evidence_small(request: HttpRequest, pk: int) -> HttpResponseBase:
    """A small picture of a photograph, for those who may see it."""
    found = reads.file(request.user, pk)
    small = files.thumbnail(found)
    if small is None:
        raise Http404
    return served(request, small, "image/jpeg", f"{Path(found.name).stem}.jpg", etag=f"{found.sha256}-small")


@permit("registry.write")
@require_POST
def evidence_show(request: HttpRequest, pk: int) -> HttpResponse:
    """Let everybody see a file, or officials only."""
    found = reads.file(request.user, pk)
    files.show(evidence=found, public=request.POST.get("public") == "yes", by=request.user)
    if request.htmx:  # type: ignore[attr-defined]
        return render(request, "registry/_attached.html", {"undertaking": found.undertaking, "form": EvidenceForm()})
    return redirect(reverse("web:undertaking", args=[found.undertaking.code]) + "#evidence")
