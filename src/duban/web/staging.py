"""The board of stages put together: its scope, its cards, its rates, and one table cut by body, programme, town or attribute."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Final

from django.db.models import Q
from django.http import Http404, HttpRequest
from django.utils.translation import gettext as _

from duban.core import tallies
from duban.core.rulebook import STAGES, Rulebook
from duban.core.tallies import Tally
from duban.people.models import Body
from duban.registry import rulebooks
from duban.registry.models import Measure, Programme, Undertaking
from duban.standing import indicators
from duban.standing.actions import stand
from duban.standing.models import Snapshot
from duban.web import display, stage_words, stakes
from duban.web.listing import NONE, under, within
from duban.web.moment import Moment
from duban.web.stage_rows import Card, Label, Race, Row, ShownRate, paces, paired, races, saying

CUTS: Final = ("body", "programme", "town", "whole")
ATTRIBUTE: Final = "."
"""Begins a cut by a declared attribute; no other cut begins so."""
NAMED: Final = 5
"""Lines named that only the other moment has; the rest are counted."""
SHOWN: Final = 60
"""Rows of a table cut by an attribute: a text may say something else on every undertaking."""


@dataclass(frozen=True, slots=True)
class Scope:
    """What the board is about: a moment, and of what its reader may see a programme, or a body with everything below it.

    `attributes` are those that the programme declares, or all programmes together; `attribute` is the one that cuts the table;
    `programmes` are all that there are, and `codes` those of their measures.
    """

    now: Moment
    paths: tuple[str, ...]
    programme: Programme | None = None
    body: Body | None = None
    cut: str = "body"
    attributes: tuple[dict[str, Any], ...] = ()
    programmes: Mapping[int, Programme] = field(default_factory=dict)
    codes: Mapping[int, set[str]] = field(default_factory=dict)

    @classmethod
    def read(cls, request: HttpRequest, now: Moment, paths: tuple[str, ...]) -> Scope:
        """The scope that stands in an address. Raises Http404 for a programme or a body that is unknown."""
        programmes, codes = indicators.programmes()
        programme = _found(programmes.values(), request.GET.get("programme", ""))
        code = request.GET.get("body", "")
        body = _found(Body.objects.filter(code=code), code)
        attributes = _declared([programme] if programme else [one for one in programmes.values() if one.lead_measure_id])
        cuts = (*CUTS, *(ATTRIBUTE + code for code in attributes))
        cut = request.GET.get("by", "body")
        return cls(now, paths, programme, body, cut if cut in cuts else "body", tuple(attributes.values()), programmes, codes)

    @property
    def attribute(self) -> dict[str, Any] | None:
        """The attribute that cuts the table, or none."""
        return next((one for one in self.attributes if ATTRIBUTE + one["code"] == self.cut), None)

    @property
    def filter(self) -> Q:
        """Over undertakings: what is counted here."""
        asked = within(self.paths)
        if self.programme:
            asked &= Q(programme=self.programme)
        return asked & under(self.body.path) if self.body else asked

    @property
    def asked(self) -> dict[str, str]:
        """The scope as a list asks for it."""
        told = {"programme": self.programme.code if self.programme else "", "under": self.body.code if self.body else ""}
        return {name: code for name, code in told.items() if code}


def _declared(programmes: Iterable[Programme]) -> dict[str, dict[str, Any]]:
    """What programmes declare, by code; of one code what the first of them says."""
    found: dict[str, dict[str, Any]] = {}
    for programme in programmes:
        for attribute in programme.attributes:
            found.setdefault(attribute["code"], attribute)
    return found


def _found(known: Iterable[Any], code: str) -> Any:
    """Who has this code, none where none is named; a programme or a body that is unknown raises Http404."""
    found = next((one for one in known if one.code == code), None) if code else None
    if code and found is None:
        raise Http404
    return found


class Board:
    """Everything that the page and its file tell of a scope, read when it is asked for."""

    there: Board | None = None
    """The board of the same scope at the other one of then and since, which is told beside this one."""

    def __init__(self, scope: Scope) -> None:
        self.scope = scope

    def read(self) -> Board:
        """The board with everything read that another one sets beside itself."""
        for name in ("rows", "totals", "races"):
            getattr(self, name)
        return self

    @cached_property
    def books(self) -> dict[int, Rulebook]:
        owners = {pk: programme.owner.path for pk, programme in self.programmes.items() if programme.lead_measure_id}
        return rulebooks.in_force(as_of=self.scope.now.as_of, known_at=self.scope.now.known_at, owners=owners)

    @cached_property
    def snapshot(self) -> Snapshot:
        now = self.scope.now
        return stand(as_of=now.as_of, head=now.head, rules=self.books, revision=now.revision, known_at=now.known_at)

    @cached_property
    def measures(self) -> dict[int, Measure]:
        leading = (programme.lead_measure for programme in self.programmes.values())
        return {measure.pk: measure for measure in leading if measure}

    @property
    def programmes(self) -> dict[int, Programme]:
        return self.scope.programmes

    @cached_property
    def bodies(self) -> dict[int, Body]:
        return Body.objects.order_by("order", "path").in_bulk()

    @cached_property
    def taken(self) -> indicators.Taken:
        """What each programme's rates are taken of."""
        return indicators.terms(self.books, (self.programmes, self.scope.codes))

    @cached_property
    def _counted(self) -> list[dict[str, Any]]:
        """All that is in scope, by the chosen cut and within it by programme: one question for the whole board."""
        attribute = self.scope.attribute
        by: Any = "said" if attribute else self.scope.cut
        code = attribute["code"] if attribute else ""
        asked: dict[str, Any] = {"within": self.scope.filter, "attribute": code, "taken": self.taken}
        return indicators.tallied(self.snapshot, self.books, by=by, **asked)

    @cached_property
    def _tallies(self) -> dict[int, Tally]:
        found = tallies.folded(self._counted, "group")
        order = list(self.programmes)
        return dict(sorted(found.items(), key=lambda pair: order.index(pair[0])))

    @cached_property
    def total(self) -> Tally:
        """Everything in scope together."""
        return tallies.together(self._counted)

    @property
    def illustrative(self) -> bool:
        """Whether some of the programmes say of themselves that their records are an illustration."""
        return any(self.programmes[pk].illustrative for pk, tally in self._tallies.items() if tally.staged)

    @property
    def cards(self) -> list[Card]:
        cards = [Card(stage, self.total, self.measures) for stage in STAGES]
        if self.there is None:
            return cards
        pairs = zip(cards, self.there.cards, strict=True)
        return [card if card.told == other.told else replace(card, beside=other) for card, other in pairs]

    @property
    def rates(self) -> list[ShownRate]:
        """The five rates, each with what the programmes that have it take it of."""
        counted = {pk for pk, tally in self._tallies.items() if tally.staged}
        terms = {pk: row for pk, row in self.taken.items() if pk in counted}
        others = self.there.total.rates if self.there else self.total.rates
        return [
            ShownRate(code, rate, frozenset(row[code] for row in terms.values()), others[code] if others[code] != rate else None)
            for code, rate in self.total.rates.items()
        ]

    @property
    def labels(self) -> list[Label]:
        """The words of the rulebooks; programmes that mean different stages by one stand apart."""
        meant: dict[tuple[str, tuple[str, ...]], list[int]] = {}
        staged = [pk for pk, tally in self._tallies.items() if tally.staged]
        for pk in staged:
            for name, stages in self.books.get(pk, Rulebook()).labels.items():
                meant.setdefault((name, tuple(stages)), []).append(pk)
        return [label for (name, stages), whose in meant.items() for label in self._labelled(name, stages, whose, len(staged))]

    def _labelled(self, name: str, stages: tuple[str, ...], whose: Sequence[int], staged: int) -> Iterable[Label]:
        asked = {**self.scope.asked, "stage": ",".join(stages), "counted": "yes"}
        counts = {pk: sum(self._tallies[pk].in_stage(stage) for stage in stages) for pk in whose}
        if len(whose) == staged:
            yield Label(name, sum(counts.values()), asked)
            return
        for pk, count in counts.items():
            programme = self.programmes[pk]
            yield Label(f"{name} · {display.told(programme)}", count, {**asked, "programme": programme.code})

    @property
    def races(self) -> list[Race]:
        found = races(self._tallies, self.programmes, self.measures, self.scope.now.as_of)
        there = {(race.programme.pk, race.measure.pk): race.halves for race in self.there.races} if self.there else {}
        pairs = ((race, there.get((race.programme.pk, race.measure.pk))) for race in found)
        return [race if halves in (None, race.halves) else replace(race, beside=halves) for race, halves in pairs]

    @property
    def led(self) -> list[Programme]:
        """The programmes that have lights."""
        return [programme for programme in self.programmes.values() if programme.lead_measure_id]

    @property
    def reached(self) -> list[Body]:
        """The bodies in the reader's reach."""
        return [body for body in self.bodies.values() if body.path.startswith(self.scope.paths)]

    # The table

    @property
    def cuts(self) -> list[tuple[str, str]]:
        """How the table may be cut, with what each is called: of the attributes those that are no free text come first."""
        attributes = sorted(self.scope.attributes, key=lambda one: one["type"] == "text")
        named = [(ATTRIBUTE + one["code"], display.told(one)) for one in attributes]
        return [*((code, stage_words.cut(code)) for code in CUTS), *named]

    @cached_property
    def rows(self) -> list[Row]:
        """The lines of the chosen cut, without those that have nothing in a stage and no task to hold against the time."""
        cuts = {"body": self._bodies, "programme": self._programmes, "town": self._towns, "whole": self._wholes}
        rows = [row for row in cuts.get(self.scope.cut, self._sayings)() if row.tally.staged or row.paces]
        return paired(rows, self.there.rows) if self.there else rows

    @property
    def only(self) -> list[Row]:
        """The lines that there are at the other moment alone."""
        here = {row.key for row in self.rows}
        return [row for row in self.there.rows if row.key not in here] if self.there else []

    @property
    def only_names(self) -> str:
        """What those lines are called, the first of them by name."""
        return stakes.named([row.name for row in self.only[:NAMED]], len(self.only))

    @property
    def differs(self) -> bool:
        """Whether anything is told otherwise at the other moment."""
        told = (*self.cards, *self.rates, *self.races)
        return bool(any(one.beside for one in told) or any(row.differs for row in self.rows) or self.only)

    @property
    def cut(self) -> str:
        """What the chosen cut is called."""
        return next(name for code, name in self.cuts if code == self.scope.cut)

    @property
    def totals(self) -> Row:
        """The last line: everything in scope."""
        row = self.row(_("Total"), self.total, {})
        return paired([row], [self.there.totals])[0] if self.there else row

    @property
    def shown(self) -> list[Row]:
        return self.rows[:SHOWN]

    @property
    def left_off(self) -> int:
        return max(len(self.rows) - SHOWN, 0)

    def row(self, name: str, tally: Tally, asked: Mapping[str, str], **more: Any) -> Row:
        """A line with its time against task; `asked` is what it asks of the list beyond the scope."""
        told = paces(tally, self.measures, self.scope.now.as_of)
        return Row(name, tally, {**self.scope.asked, **asked}, paces=told, **more)

    def _programmes(self) -> Iterable[Row]:
        for pk, tally in self._tallies.items():
            programme = self.programmes[pk]
            own = {"programme": programme.code}
            yield self.row(display.told(programme), tally, own, opens=own, code=programme.code)

    def _bodies(self) -> Iterable[Row]:
        """The bodies below the scope's, each with everything under it; then the scope's own, and what bodies elsewhere lead."""
        bodies = self.bodies
        told = tallies.rolled(self._counted, indicators.above(bodies.values()))
        top = self.scope.body or self._top(bodies)
        reached = [body for body in bodies.values() if self._child(body, top)]
        for body in reached:
            if body.pk in told:
                turned = {"body": body.code}
                yield self.row(display.told(body), told[body.pk], {"under": body.code}, opens=turned, code=body.code)
        own = tallies.folded(self._counted)
        inside = tuple(body.path for body in reached)
        for pk, tally in own.items():
            if not bodies[pk].path.startswith(inside or ("\0",)):
                body = bodies[pk]
                yield self.row(display.told(body), tally, {"under": "", "led": body.code}, code=body.code, own=True)

    def _top(self, bodies: Mapping[int, Body]) -> Body | None:
        """The one body that all the reader's posts lie in, or none where there are several."""
        paths = self.scope.paths
        return next((body for body in bodies.values() if body.path == paths[0]), None) if len(paths) == 1 else None

    def _child(self, body: Body, top: Body | None) -> bool:
        return body.parent_id == top.pk if top else body.path in self.scope.paths

    def _towns(self) -> Iterable[Row]:
        told = tallies.folded(self._counted)
        for town in (body for body in self.bodies.values() if body.pk in told):
            yield self.row(display.told(town), told[town.pk], {"town": town.code}, code=town.code)
        if None in told:
            yield self.row(stage_words.rest("town"), told[None], {"town": NONE})

    def _wholes(self) -> Iterable[Row]:
        """What is split into parts, each with the parts that speak for it; then everything that is part of nothing."""
        told = tallies.folded(self._counted)
        for whole in Undertaking.objects.filter(pk__in=[pk for pk in told if pk]):
            yield self.row(display.told(whole), told[whole.pk], {"whole": whole.code}, code=whole.code)
        if None in told:
            yield self.row(stage_words.rest("whole"), told[None], {"whole": NONE})

    def _sayings(self) -> Iterable[Row]:
        attribute = self.scope.attribute or {}
        told = tallies.folded(self._counted)
        choices = {choice["code"]: place for place, choice in enumerate(attribute.get("choices", ()))}
        for said in sorted(told, key=lambda said: (said is None, choices.get(said, len(choices)), -told[said].staged, str(said))):
            asked = {"attribute": attribute["code"], "value": said or ""}
            yield self.row(saying(attribute, said), told[said], asked, code=said or "")
