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

from duban.people.models import Body
from duban.people.permits import ACTS, appointments
from duban.registry.models import Undertaking
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
    """The paths of the bodies whose undertakings `user` reads at the desk, none within another."""
    roles = ACTS["desk.read"]
    paths = sorted({held.body.path for held in appointments(user) if held.role in roles})
    return tuple(path for path in paths if not any(path != other and path.startswith(other) for other in paths))


def within(paths: tuple[str, ...]) -> Q:
    """A filter over undertakings: those that a body under `paths` leads or shares."""
    reached = Q(pk__in=[])
    for path in paths:
        reached |= Q(path__startswith=path)
    bodies = Body.objects.filter(reached)
    shared = Undertaking.joint_bodies.through.objects.filter(body__in=bodies)
    return Q(lead_body__in=bodies) | Q(pk__in=shared.values("undertaking"))


@dataclass(frozen=True, slots=True)
class Asked:
    """One question to the list. Unknown lights and orders are not asked for."""

    q: str = ""
    programme: str = ""
    body: str = ""
    town: str = ""
    stage: str = ""
    lights: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()
    sort: str = "worst"

    @classmethod
    def read(cls, asked: Mapping[str, str]) -> Asked:
        """The question that stands in an address."""
        lights = tuple(light for light in standing.LIGHTS if light in asked.get("light", "").split(","))
        rules = tuple(sorted({rule for rule in asked.get("rule", "").split(",") if rule}))
        words = {name: asked.get(name, "").strip() for name in ("programme", "body", "town", "stage")}
        sort = asked.get("sort", "worst")
        return cls(q=asked.get("q", "").strip()[:100], lights=lights, rules=rules, sort=sort if sort in ORDERS else "worst", **words)

    @property
    def narrowed(self) -> bool:
        return any((self.q, self.programme, self.body, self.town, self.stage, self.lights, self.rules))

    def filter(self) -> Q:
        """Over undertakings: everything that was asked but the light and its rule."""
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
        if self.town:
            asked &= Q(town__code=self.town)
        if self.stage:
            asked &= Q(stage=self.stage)
        return asked

    def standings(self, snapshot: Snapshot, within: Q) -> QuerySet[Standing]:
        """The standings asked for, in the order asked for."""
        rows = standing.standings(snapshot, within & self.filter()).order_by(*ORDERS[self.sort])
        if self.lights:
            rows = rows.filter(light__in=self.lights)
        return rows.filter(rule__in=self.rules) if self.rules else rows

    def unlit(self, within: Q) -> QuerySet[Undertaking]:
        """Undertakings of programmes without lights that fit the question, when it is one about them."""
        if not (self.q or self.programme or self.body) or self.lights or self.rules:
            return Undertaking.objects.none()
        rows = Undertaking.objects.filter(within & self.filter(), programme__lead_measure=None)
        return rows.select_related("programme", "lead_body", "town").order_by("programme__order", "order", "code")[:UNLIT]


class Counted(Paginator):
    """A paginator that is told how many rows there are, where somebody has counted them already."""

    def __init__(self, rows: Any, per_page: int, count: int | None = None) -> None:
        super().__init__(rows, per_page)
        self.told = count

    @cached_property
    def count(self) -> int:
        return super().count if self.told is None else self.told
