"""What a reader of the list of undertakings asked for, and which undertakings an official sees."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from opencc import OpenCC

from duban.core.indicators import PARTS, RATES
from duban.core.rulebook import Rulebook
from duban.people.models import Body
from duban.people.permits import ACTS, appointments
from duban.registry import past
from duban.registry.models import Undertaking
from duban.standing import indicators
from duban.standing import reads as standing
from duban.standing.models import Snapshot, Standing

_to_simplified = OpenCC("t2s")


def simplified(words: str) -> str:
    """Words in Simplified characters, in which names are kept."""
    return str(_to_simplified.convert(words))


ORDERS: Final = {
    "worst": ("severity", "gap", "undertaking"),
    "name": ("undertaking__name", "undertaking"),
    "programme": ("undertaking__programme__order", "undertaking__order", "undertaking"),
    "newest": ("-last_period", "undertaking"),
}
UNLIT: Final = 100


def orders() -> list[tuple[str, str]]:
    """The orders that a reader may choose, with their names."""
    return [("worst", _("Worst first")), ("programme", _("By programme")), ("name", _("By name")), ("newest", _("Newest report first"))]


def paths_of(user: Any) -> tuple[str, ...]:
    """The paths of the bodies whose undertakings `user` reads at the desk, none within another.

    They are those in which `user` serves today, where they stood at the moment at which the registry is read.
    """
    roles = ACTS["desk.read"]
    bodies = {held.body.pk: held.body.path for held in appointments(user) if held.role in roles}
    then = Body.objects.filter(pk__in=bodies).values_list("path", flat=True)
    paths = sorted(set(bodies.values()) if past.reading() is None else then)
    return tuple(path for path in paths if not any(path != other and path.startswith(other) for other in paths))


def within(paths: tuple[str, ...]) -> Q:
    """A filter over undertakings: those that a body under `paths` leads or shares."""
    reached = Q(pk__in=[])
    for path in paths:
        reached |= Q(path__startswith=path)
    bodies = Body.objects.filter(reached)
    shared = Undertaking.joint_bodies.through.objects.filter(body__in=bodies)
    return Q(lead_body__in=bodies) | Q(pk__in=shared.values("undertaking"))


def under(path: str) -> Q:
    """A filter over undertakings: those that the body with this path leads, or a body below it."""
    return Q(lead_body__path__startswith=path)


WORDS: Final = ("programme", "body", "led", "under", "town", "whole", "stage", "attribute", "value")
CARRIED: Final = ("led", "under", "whole", "rate", "part", "counted", "attribute", "value")
"""What the list's form has no field for and carries along."""
NONE: Final = "."
"""Asks for what has no town, or is part of no whole; no code is a dot."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One question to the list. Unknown lights, orders and rates are not asked for.

    `led` is a body without those that it only shares, `under` one with everything below it, `whole` what is split into parts; `town`
    and `whole` may be `NONE`; `stage` may be several, with commas between. `counted` leaves out what a count leaves out: headings,
    and the parts of a whole that speaks for them; `rate` those that a rate is not taken of, and `part` says which side of it.
    """

    q: str = ""
    programme: str = ""
    body: str = ""
    led: str = ""
    under: str = ""
    town: str = ""
    whole: str = ""
    stage: str = ""
    attribute: str = ""
    value: str = ""
    lights: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()
    rate: str = ""
    part: str = ""
    counted: str = ""
    sort: str = "worst"

    @classmethod
    def read(cls, asked: Mapping[str, str]) -> Asked:
        """The question that stands in an address."""
        lights = tuple(light for light in standing.LIGHTS if light in asked.get("light", "").split(","))
        rules = tuple(sorted({rule for rule in asked.get("rule", "").split(",") if rule}))
        words = {name: asked.get(name, "").strip() for name in WORDS}
        sort, rate, part = asked.get("sort", "worst"), asked.get("rate", ""), asked.get("part", "of")
        return cls(
            q=asked.get("q", "").strip()[:100],
            lights=lights,
            rules=rules,
            rate=rate if rate in RATES else "",
            part=part if rate in RATES and part in PARTS else "",
            counted="yes" if asked.get("counted") == "yes" else "",
            sort=sort if sort in ORDERS else "worst",
            **words,
        )

    @property
    def narrowed(self) -> bool:
        named = (self.q, self.programme, self.body, self.town, self.stage, self.lights, self.rules)
        return any((*named, *self.carried.values()))

    @property
    def carried(self) -> dict[str, str]:
        """What the form has no field for, as far as it was asked."""
        return {name: getattr(self, name) for name in CARRIED if getattr(self, name)}

    @property
    def stages(self) -> tuple[str, ...]:
        return tuple(stage for stage in self.stage.split(",") if stage)

    def filter(self) -> Q:
        """Over undertakings: everything that was asked but the light with its rule, the stage and the rate, which lights tell."""
        asked = Q()
        for words in self.q.split():
            simple = simplified(words)
            asked &= (
                Q(name__icontains=simple) | Q(name_en__icontains=words) | Q(code__icontains=words) | Q(lead_body__name__icontains=simple)
            )
        if self.programme:
            asked &= Q(programme__code=self.programme)
        if self.body:
            shared = Undertaking.joint_bodies.through.objects.filter(body__code=self.body)
            asked &= Q(lead_body__code=self.body) | Q(pk__in=shared.values("undertaking"))
        if self.led:
            asked &= Q(lead_body__code=self.led)
        if self.under:
            path = Body.objects.filter(code=self.under).values_list("path", flat=True).first()
            asked &= under(path) if path else Q(pk__in=[])
        if self.town:
            asked &= Q(town=None) if self.town == NONE else Q(town__code=self.town)
        if self.whole:
            asked &= Q(parent=None) if self.whole == NONE else Q(parent__code=self.whole)
        if self.attribute:
            asked &= Q(pk__in=indicators.saying(self.attribute, self.value))
        return asked

    def rows(self, snapshot: Snapshot, within: Q, books: Mapping[int, Rulebook]) -> QuerySet[Standing]:
        """The standings asked for under every light; `books` say what rates are taken of."""
        asked = within & self.filter()
        if self.rate or self.counted:
            asked &= Q(pk__in=indicators.seek(snapshot, books, rate=self.rate, part=self.part or "of"))
        rows = standing.standings(snapshot, asked)
        return rows.filter(stage__in=self.stages) if self.stages else rows

    def counts(self, snapshot: Snapshot, within: Q, books: Mapping[int, Rulebook]) -> dict[str, int]:
        """How many of them have each light. Only what a reader chooses from a list is worth keeping: words are counted as they come."""
        if not (self.q or self.stage or self.rate or self.counted or self.attribute):
            return standing.counts(snapshot, within & self.filter())
        return standing.by_light(self.rows(snapshot, within, books))

    def standings(self, snapshot: Snapshot, within: Q, books: Mapping[int, Rulebook]) -> QuerySet[Standing]:
        """The standings asked for, in the order asked for."""
        rows = self.rows(snapshot, within, books).order_by(*ORDERS[self.sort])
        if self.lights:
            rows = rows.filter(light__in=self.lights)
        return rows.filter(rule__in=self.rules) if self.rules else rows

    def unlit(self, within: Q) -> QuerySet[Undertaking]:
        """Undertakings of programmes without lights that fit the question, when it is one about them."""
        if not (self.q or self.programme or self.body) or self.lights or self.rules or self.rate or self.counted:
            return Undertaking.objects.none()
        asked = self.filter() & Q(stage__in=self.stages) if self.stages else self.filter()
        rows = Undertaking.objects.filter(within & asked, programme__lead_measure=None)
        return rows.select_related("programme", "lead_body", "town").order_by("programme__order", "order", "code")[:UNLIT]


class Counted(Paginator):
    """A paginator that is told how many rows there are, where somebody has counted them already."""

    def __init__(self, rows: Any, per_page: int, count: int | None = None) -> None:
        super().__init__(rows, per_page)
        self.told = count

    @cached_property
    def count(self) -> int:
        return super().count if self.told is None else self.told
