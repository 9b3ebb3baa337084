"""The pages of rulebooks: which one judges what, how each came about, and the editor."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any, Final

from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from duban.core import rulefile
from duban.core.rulebook import PRESETS
from duban.people.models import Body
from duban.people.permits import may, permit
from duban.registry import rulebook_actions as actions
from duban.registry import rulebooks
from duban.registry.models import Programme, RulebookVersion, Undertaking
from duban.web.context import today
from duban.web.listing import paths_of, within
from duban.web.moment import Moment, turned
from duban.web.rulebook_sheet import place_words
from duban.web.rulebook_words import KEYS, SECTIONS, bound_words, value_words
from duban.web.rulebook_words import PRESETS as NAMES

State = RulebookVersion.State
Owner = Body | Programme
DEPTHS: Final = ("rule-depth-0", "rule-depth-1", "rule-depth-2", "rule-depth-3", "rule-depth-4")


# Who reads what


def programmes_of(user: Any) -> QuerySet[Programme]:
    """The programmes whose rulebook `user` reads: those of their bodies, and those that judge an undertaking of theirs."""
    paths = paths_of(user)
    reached = Q(pk__in=Undertaking.objects.filter(within(paths)).values("programme"))
    for path in paths:
        reached |= Q(owner__path__startswith=path)
    return Programme.objects.filter(reached).select_related("owner")


def bodies_of(user: Any, programmes: Sequence[Programme]) -> QuerySet[Body]:
    """The bodies whose rulebook `user` reads: their own and those above and below, and all that rule one of these programmes."""
    paths = paths_of(user)
    ruling = {part for path in [*paths, *(one.owner.path for one in programmes)] for part in rulebooks.upwards(path)}
    below = Q(path__in=ruling)
    for path in paths:
        below |= Q(path__startswith=path)
    return Body.objects.filter(below)


def owner(user: Any, of: str, code: str) -> Owner:
    """The body or programme whose rulebook `user` may read. Raises Http404."""
    programmes = programmes_of(user)
    if of == "programme":
        return get_object_or_404(programmes, code=code)
    if of == "body":
        return get_object_or_404(bodies_of(user, list(programmes)), code=code)
    raise Http404


def keeper(whose: Owner) -> Body:
    """The body whose officials keep it."""
    return whose.owner if isinstance(whose, Programme) else whose


def address(whose: Owner, name: str = "web:rulebook") -> str:
    """Where the rulebook of a body or a programme is read, or its draft written."""
    return reverse(name, args=["programme" if isinstance(whose, Programme) else "body", whose.code])


def readable(user: Any, pk: int) -> RulebookVersion:
    """A version that `user` may read; a draft is for those who may write or adopt it. Raises Http404."""
    found = get_object_or_404(
        RulebookVersion.objects.select_related("body", "programme__owner", "author", "adopted_by").prefetch_related("writers"), pk=pk
    )
    owner(user, "programme" if found.programme_id else "body", found.of.code)
    if found.state != State.ADOPTED and not may(user, actions.ADOPT, found.keeper):
        raise Http404
    return found


# The list


@dataclass(frozen=True, slots=True)
class Ruled:
    """A body or a programme in the list: how deep it stands, what speaks for it, and whether a draft waits."""

    whose: Owner
    depth: int
    own: RulebookVersion | None
    above: RulebookVersion | None
    draft: bool

    @property
    def address(self) -> str:
        return address(self.whose)

    @property
    def indent(self) -> str:
        """How far its name is set in."""
        return DEPTHS[min(self.depth, len(DEPTHS) - 1)]

    @property
    def programme(self) -> bool:
        return isinstance(self.whose, Programme)


def _ruled(user: Any, now: Moment) -> Iterator[Ruled]:
    """Bodies from the top down, each with its programmes below it; bodies that neither rule nor own anything are left out."""
    programmes = list(programmes_of(user))
    said = rulebooks.speaking(as_of=now.as_of, known_at=now.known_at)
    waiting = RulebookVersion.objects.filter(state=State.DRAFT).values_list("body", "programme")
    drafts = set(waiting)
    owning = {part for one in programmes for part in rulebooks.upwards(one.owner.path)} | set(said.bodies)
    owning |= set(paths_of(user))
    shown = sorted((body for body in bodies_of(user, programmes) if body.path in owning), key=lambda body: body.path)
    for body in shown:
        depth = sum(body.path != other.path and body.path.startswith(other.path) for other in shown)
        above = said.above(body.path)
        own = said.bodies.get(body.path)
        higher = [one for one in above if one is not own]
        adopts = may(user, actions.ADOPT, body)
        yield Ruled(body, depth, own, higher[-1] if higher else None, adopts and (body.pk, None) in drafts)
        for one in programmes:
            if one.owner_id == body.pk:
                mine = said.programmes.get(one.pk)
                yield Ruled(one, depth + 1, mine, above[-1] if above else None, adopts and (None, one.pk) in drafts)


@permit("desk.read")
@require_safe
@turned
def listed(request: HttpRequest, now: Moment) -> HttpResponse:
    """Which rulebook judges what."""
    facts = {"here": "rulebooks", "moment": now, "rows": list(_ruled(request.user, now)), "may_write": may(request.user, actions.WRITE)}
    return render(request, "web/rulebooks/list.html", facts)


# One body's or programme's


@dataclass(frozen=True, slots=True)
class Applied:
    """A key that is said otherwise than by duban itself: its name, its value, and who says so."""

    section: Any
    name: Any
    value: str
    place: Any
    words: str


def applied(stack: Sequence[RulebookVersion]) -> list[Applied]:
    """What applies where these versions speak, as far as somebody has said it."""
    said = rulefile.traced([(one, rulebooks.read(one.text)) for one in stack])
    order = {key: place for place, key in enumerate(KEYS)}
    share = said["schedule", "compare"].value == "ratio"
    found = [(key, one) for key, one in said.items() if one.place is not None]
    found.sort(key=lambda pair: order.get(pair[0], len(order)))
    return [
        Applied(
            section=SECTIONS[section].name,
            name=KEYS[section, key].name if (section, key) in KEYS else key,
            value=_told(section, key, one.value, share=share),
            place=one.place if isinstance(one.place, RulebookVersion) else None,
            words=place_words(one.place),
        )
        for (section, key), one in found
    ]


def _told(section: str, key: str, value: Any, *, share: bool) -> str:
    if section == "labels":
        return " · ".join(str(Undertaking.Stage(stage).label) for stage in value)
    return bound_words(section, key, value, share=share) or value_words(value)


@dataclass(frozen=True, slots=True)
class Chapter:
    """A version in a history, with the one before it."""

    version: RulebookVersion
    before: RulebookVersion | None
    speaks: bool

    @property
    def difference(self) -> list[tuple[str, str]]:
        return difference(self.before.text if self.before else "", self.version.text)


def difference(before: str, after: str) -> list[tuple[str, str]]:
    """Two texts line by line: what `stays`, what `goes` and what `comes`."""
    old, new = before.splitlines(), after.splitlines()
    told: list[tuple[str, str]] = []
    for how, a, b, c, d in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if how == "equal":
            told += [("stays", line) for line in old[a:b]]
        else:
            told += [("goes", line) for line in old[a:b]] + [("comes", line) for line in new[c:d]]
    return told


def _history(whose: Owner, speaking: RulebookVersion | None) -> list[Chapter]:
    """Every version that was adopted, by its day, the latest first."""
    found = whose.rulebooks.filter(state=State.ADOPTED).select_related("author", "adopted_by", "body", "programme")
    versions = list(found.order_by("-since", "-adopted_at", "-pk"))
    pairs = zip_longest(versions, versions[1:])
    return [Chapter(one, before, speaking is not None and one.pk == speaking.pk) for one, before in pairs]


def draft_of(whose: Owner) -> RulebookVersion | None:
    """The draft that waits for a body or a programme."""
    found: RulebookVersion | None = whose.rulebooks.filter(state=State.DRAFT).select_related("author").first()
    return found


@permit("desk.read")
@require_safe
@turned
def rulebook(request: HttpRequest, now: Moment, of: str, code: str) -> HttpResponse:
    """One body's or programme's rulebook: what applies, and every version of its own."""
    whose = owner(request.user, of, code)
    stack = rulebooks.chain(whose, as_of=now.as_of, known_at=now.known_at)
    own = next((one for one in stack if one.of == whose), None)
    writes, adopts = (may(request.user, act, keeper(whose)) for act in (actions.WRITE, actions.ADOPT))
    facts = {
        "here": "rulebooks",
        "moment": now,
        "whose": whose,
        "programme": isinstance(whose, Programme),
        "own": own,
        "applied": applied(stack),
        "effective": rulefile.written(rulebooks.laid(tuple(one.text for one in stack))),
        "history": _history(whose, own),
        "draft": draft_of(whose) if adopts else None,
        "writes": writes,
        "draft_address": address(whose, "web:rulebook_draft"),
        "presets": [(name, NAMES[name]) for name in PRESETS],
    }
    return render(request, "web/rulebooks/rulebook.html", facts)


@permit("desk.read")
@require_safe
def version(request: HttpRequest, pk: int) -> HttpResponse:
    """One version: its text, what it changes, and, while it is a draft, what may be done with it."""
    found = readable(request.user, pk)
    before = _before(found)
    said = rulebooks.speaking(as_of=found.since, trial=found if found.state == State.DRAFT else None)
    stack = said.over(found.of.pk, found.of.owner.path) if isinstance(found.of, Programme) else said.above(found.of.path)
    own = any(writer.pk == request.user.pk for writer in found.writers.all())
    facts = {
        "here": "rulebooks",
        "version": found,
        "whose": found.of,
        "address": address(found.of),
        "draft_address": address(found.of, "web:rulebook_draft"),
        "before": before,
        "difference": difference(before.text if before else "", found.text),
        "applied": applied(stack),
        "contradictions": actions.contradictions(found) if found.state == State.DRAFT else [],
        "writes": may(request.user, actions.WRITE, found.keeper),
        "adopts": may(request.user, actions.ADOPT, found.keeper) and not own,
        "own": own,
        "past": found.since < today(),
    }
    return render(request, "web/rulebooks/version.html", facts)


def _before(version: RulebookVersion) -> RulebookVersion | None:
    """The version that this one takes the place of."""
    earlier = version.of.rulebooks.filter(state=State.ADOPTED, since__lte=version.since).exclude(pk=version.pk)
    if version.adopted_at is not None:
        earlier = earlier.filter(Q(since__lt=version.since) | Q(adopted_at__lt=version.adopted_at))
    found: RulebookVersion | None = earlier.order_by("-since", "-adopted_at", "-pk").first()
    return found


# What may be done with a draft


@permit("rulebook.adopt")
@require_POST
def adopt(request: HttpRequest, pk: int) -> HttpResponse:
    """Put a draft into force."""
    found = readable(request.user, pk)
    actions.adopt(version=found, by=request.user, now=timezone.now(), seen=request.POST.get("seen", ""))  # type: ignore[arg-type]
    messages.success(request, _("The rulebook was adopted."))
    return redirect(address(found.of))


@permit("rulebook.write")
@require_POST
def discard(request: HttpRequest, pk: int) -> HttpResponse:
    """Lay a draft aside."""
    found = readable(request.user, pk)
    actions.discard(version=found, by=request.user)  # type: ignore[arg-type]
    messages.success(request, _("The draft was discarded."))
    return redirect(address(found.of))
