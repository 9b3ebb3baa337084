"""Which rulebook judges which programme: on a day, and to somebody who reads at a moment."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache

from django.db.models import F, Q, QuerySet, Window
from django.db.models.functions import RowNumber

from duban.core import rulefile
from duban.core.rulebook import Rulebook
from duban.people.models import Body
from duban.registry.models import Programme, RulebookVersion

State = RulebookVersion.State
KEPT = 2048
"""Texts, and rulebooks laid from them, that a server process need not read again."""

read = lru_cache(KEPT)(rulefile.read)


@lru_cache(KEPT)
def laid(texts: tuple[str, ...]) -> Rulebook:
    """The rulebook that texts make from the top of the tree down. Equal texts give the same one, which nobody changes."""
    return rulefile.resolved([read(text) for text in texts])


def upwards(path: str) -> Iterator[str]:
    """The paths of the bodies that a path lies under, from the top to itself."""
    for at, letter in enumerate(path, 1):
        if letter == "/":
            yield path[:at]


@dataclass(frozen=True, slots=True)
class Speaking:
    """The versions that speak on a day: of bodies by their path, of programmes by their key."""

    bodies: Mapping[str, RulebookVersion]
    programmes: Mapping[int, RulebookVersion]

    def above(self, path: str) -> list[RulebookVersion]:
        """What the bodies on a path say, from the top down."""
        return [self.bodies[part] for part in upwards(path) if part in self.bodies]

    def over(self, programme: int, path: str) -> list[RulebookVersion]:
        """What judges a programme of the body with this path, from the top down."""
        return [*self.above(path), *([self.programmes[programme]] if programme in self.programmes else [])]


def speaking(*, as_of: date, known_at: datetime | None = None, trial: RulebookVersion | None = None) -> Speaking:
    """Of each body and of each programme the version with the latest from-day by `as_of`; of one from-day the one adopted last.

    Only what had been adopted by `known_at` counts (None is now). A `trial` speaks as if it were adopted, also on days before
    its own from-day; not where a version with a later from-day speaks already.
    """
    newest = Window(RowNumber(), partition_by=[F("body"), F("programme")], order_by=["-since", "-adopted_at", "-pk"])
    found = _adopted(as_of, known_at).annotate(age=newest).filter(age=1).select_related("body").order_by("pk")
    said = _said(found)
    return said if trial is None else _with(said, trial, as_of)


def _adopted(as_of: date, known_at: datetime | None) -> QuerySet[RulebookVersion]:
    """The versions from a day on or earlier that had been adopted by `known_at`."""
    adopted = RulebookVersion.objects.filter(state=State.ADOPTED, since__lte=as_of)
    return adopted if known_at is None else adopted.filter(adopted_at__lte=known_at)


def _said(chosen: Iterable[RulebookVersion]) -> Speaking:
    """Versions by whose they are; of one body or programme the last of them."""
    bodies, programmes = {}, {}
    for one in chosen:
        if one.body is not None:
            bodies[one.body.path] = one
        if one.programme_id is not None:
            programmes[one.programme_id] = one
    return Speaking(bodies, programmes)


def _with(said: Speaking, trial: RulebookVersion, as_of: date) -> Speaking:
    """What speaks on a day, with a version that is not adopted in its place."""
    there = said.programmes.get(trial.programme_id) if trial.body is None else said.bodies.get(trial.body.path)
    if there is not None and there.since > trial.since and as_of >= trial.since:
        return said
    if trial.body is None:
        return Speaking(said.bodies, {**said.programmes, trial.programme_id: trial})
    return Speaking({**said.bodies, trial.body.path: trial}, said.programmes)


def in_force(
    *,
    as_of: date,
    known_at: datetime | None = None,
    trial: RulebookVersion | None = None,
    led: bool = False,
    owners: Mapping[int, str] | None = None,
) -> dict[int, Rulebook]:
    """The rulebook of every programme on a day: its own laid over its owner's, that over those of the bodies above.

    Two queries, however many programmes there are. Equal rulebooks are one object. `known_at` and `trial` as in `speaking`; `led`
    leaves out programmes without lights. `owners` are the paths of the programmes' owners, where those are at hand already.
    """
    said = speaking(as_of=as_of, known_at=known_at, trial=trial)
    return _laid(said, _owners(led) if owners is None else owners)


def seen_from(moments: Sequence[tuple[date, datetime | None]]) -> list[dict[int, Rulebook]]:
    """The rulebooks of the programmes with lights, on days and to readers at moments (None is now). One query each, and one more."""
    return _books([speaking(as_of=day, known_at=known_at) for day, known_at in moments], led=True)


def on_days(days: Sequence[date], *, known_at: datetime | None = None) -> dict[date, dict[int, Rulebook]]:
    """As `in_force` of the programmes with lights, for each of several days: two queries, however many days there are."""
    if not days:
        return {}
    adopted = list(_adopted(max(days), known_at).select_related("body").order_by("since", "adopted_at", "pk"))
    owners = _owners(led=True)
    return {day: _laid(_said(one for one in adopted if one.since <= day), owners) for day in days}


def tried(trial: RulebookVersion, *, as_of: date) -> tuple[dict[int, Rulebook], dict[int, Rulebook]]:
    """The rulebooks of the programmes with lights on a day, as they are and with `trial` laid in its place. Two queries."""
    now = speaking(as_of=as_of)
    before, after = _books([now, _with(now, trial, as_of)], led=True)
    return before, after


def _books(moments: Sequence[Speaking], led: bool) -> list[dict[int, Rulebook]]:
    """The rulebook of every programme, by each of these."""
    owners = _owners(led)
    return [_laid(said, owners) for said in moments]


def _owners(led: bool) -> dict[int, str]:
    """The paths of the bodies that the programmes belong to."""
    programmes = Programme.objects.exclude(lead_measure=None) if led else Programme.objects.all()
    return dict(programmes.values_list("pk", "owner__path"))


def _laid(said: Speaking, owners: Mapping[int, str]) -> dict[int, Rulebook]:
    """What judges each of these programmes, in the order of their keys."""
    return {pk: laid(tuple(one.text for one in said.over(pk, owners[pk]))) for pk in sorted(owners)}


def programmes_under(whose: Body | Programme) -> list[tuple[int, str]]:
    """The programmes that a rulebook of this body, or of this programme, reaches, each with its owner's path."""
    reached = Q(pk=whose.pk) if isinstance(whose, Programme) else Q(owner__path__startswith=whose.path)
    return list(Programme.objects.filter(reached).order_by("pk").values_list("pk", "owner__path"))


def chain(of: Body | Programme, *, as_of: date, known_at: datetime | None = None) -> Sequence[RulebookVersion]:
    """The versions that make the rulebook of a body or of a programme on a day, from the top down."""
    said = speaking(as_of=as_of, known_at=known_at)
    return said.over(of.pk, of.owner.path) if isinstance(of, Programme) else said.above(of.path)
