"""The page on which a draft of a rulebook is written, in fields or as text."""

from __future__ import annotations

from datetime import date
from typing import Any, Final

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from duban.core import rulefile
from duban.core.refusals import Refusal
from duban.core.rulebook import PRESETS
from duban.people.permits import check, permit
from duban.registry import rulebook_actions as actions
from duban.registry import rulebooks
from duban.registry.models import RulebookVersion
from duban.web.context import today
from duban.web.moment import read_day
from duban.web.rulebook_sheet import Sheet, merged, sheet
from duban.web.rulebooks import Owner, address, draft_of, keeper, owner

SIDES: Final = ("fields", "text", "preset")
"""What was edited last: the fields, the text, or the preset, which changes what every field would inherit."""


@permit("rulebook.write")
@require_http_methods(["GET", "HEAD", "POST"])
def draft(request: HttpRequest, of: str, code: str) -> HttpResponse:
    """The editor of the draft of a body or a programme; the first saving begins it."""
    whose = owner(request.user, of, code)
    check(request.user, actions.WRITE, keeper(whose))
    waiting = draft_of(whose)
    if request.method != "POST":
        return render(request, "web/rulebooks/draft.html", _opened(whose, waiting, request.GET.get("from", "")))
    facts = _typed(request, whose, waiting)
    if facts["side"] in SIDES:
        return render(request, "web/rulebooks/_synced.html", facts)
    try:
        saved = _saved(request, whose, waiting, facts["sheet"].text)
    except Refusal as refusal:
        return render(request, "web/rulebooks/draft.html", {**facts, "refusal": refusal}, status=422)
    messages.success(request, _("The draft was saved."))
    return redirect("web:rulebook_version", saved.pk)


def _opened(whose: Owner, waiting: RulebookVersion | None, begin: str) -> dict[str, Any]:
    """The draft that waits, or a new one that begins with a preset or with what speaks now."""
    if waiting is not None:
        return _facts(whose, waiting, sheet(_above(whose, waiting.since), waiting.text), waiting.since.isoformat(), waiting.reason)
    speaks = next((one for one in rulebooks.chain(whose, as_of=today()) if one.of == whose), None)
    text = rulefile.told({}, begin) if begin in PRESETS else speaks.text if speaks else ""
    return _facts(whose, None, sheet(_above(whose, today()), text), today().isoformat(), "")


def _typed(request: HttpRequest, whose: Owner, waiting: RulebookVersion | None) -> dict[str, Any]:
    """The draft as it was edited, not saved yet."""
    given = request.POST
    try:
        day = read_day(given.get("since", ""))
    except Refusal:
        day = today()
    shown = sheet(_above(whose, day), actions.plain(merged(given)), given.get("base", ""))
    facts = _facts(whose, waiting, shown, given.get("since", ""), given.get("reason", ""))
    return {**facts, "seen": given.get("seen", ""), "side": given.get("sync", "")}


def _saved(request: HttpRequest, whose: Owner, waiting: RulebookVersion | None, text: str) -> RulebookVersion:
    said: Any = {
        "text": text,
        "since": read_day(request.POST.get("since", "")),
        "reason": request.POST.get("reason", ""),
        "by": request.user,
        "now": timezone.now(),
    }
    seen = request.POST.get("seen", "")
    return actions.rewrite(version=waiting, seen=seen, **said) if waiting and seen else actions.write(of=whose, **said)


def _above(whose: Owner, day: date) -> list[RulebookVersion]:
    """The versions that a rulebook of `whose` is laid over on a day."""
    return [one for one in rulebooks.chain(whose, as_of=day) if one.of != whose]


def _facts(whose: Owner, waiting: RulebookVersion | None, shown: Sheet, since: str, reason: str) -> dict[str, Any]:
    return {
        "here": "rulebooks",
        "whose": whose,
        "address": address(whose),
        "draft_address": address(whose, "web:rulebook_draft"),
        "draft": waiting,
        "seen": waiting.digest if waiting else "",
        "sheet": shown,
        "since": since,
        "reason": reason,
        "longest": actions.LONGEST,
    }
