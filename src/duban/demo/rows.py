"""The shapes of the example's rows: plain, frozen, and ready before there is a database."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")


@dataclass(frozen=True, slots=True)
class BodyRow:
    """A body under `parent` (a code; empty for the top)."""

    code: str
    parent: str
    kind: str
    name: str
    name_en: str


@dataclass(frozen=True, slots=True)
class AccountRow:
    """One person's place in the example: a title, never a name. Without `signs_in` it only signs records."""

    username: str
    role: str
    body: str
    title: str
    title_en: str
    signs_in: bool = True


@dataclass(frozen=True, slots=True)
class MeasureRow:
    code: str
    name: str
    name_en: str
    holds: str
    unit: str
    unit_en: str
    accumulates: str


@dataclass(frozen=True, slots=True)
class ProgrammeRow:
    code: str
    name: str
    name_en: str
    owner: str
    year: int | None
    summary: str
    summary_en: str
    source: str
    source_en: str
    measures: tuple[str, ...]
    lead_measure: str
    attributes: tuple[dict[str, Any], ...] = ()
    illustrative: bool = True


@dataclass(frozen=True, slots=True)
class UndertakingRow:
    code: str
    programme: str
    name: str
    name_en: str
    kind: str
    lead_body: str
    stage: str = ""
    joint_bodies: tuple[str, ...] = ()
    town: str = ""
    point: tuple[float, float] | None = None
    parent: str = ""
    attributes: dict[str, Any] = field(default_factory=dict)
    description: str = ""
    description_en: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """One slot as a body sent it; neither amount nor day withdraws the slot.

    Lines with one `recorded_at` and one `body` were sent and accepted together.
    """

    undertaking: str
    measure: str
    kind: str
    period: date
    amount: Decimal | None
    day: date | None
    reason: str
    recorded_at: datetime
    body: str
    submitted_by: str
    accepted_by: str


@dataclass(frozen=True, slots=True)
class FigureRow:
    code: str
    name: str
    name_en: str
    operation: str
    programme: str = ""
    measure: str = ""
    kind: str = "report"
    where: dict[str, Any] = field(default_factory=dict)
    undertaking: str = ""
    body: str = ""
    lights: tuple[str, ...] = ()
    numerator: str = ""
    denominator: str = ""
    unit: str = ""
    unit_en: str = ""
    decimals: int = 0
    source: str = ""
    source_en: str = ""
    headline: int | None = None


@dataclass(frozen=True, slots=True)
class PhotoRow:
    """`picture` names a function of `duban.demo.pictures`."""

    picture: str
    caption: str
    caption_en: str


@dataclass(frozen=True, slots=True)
class TextRow:
    title: str
    summary: str
    source: str


@dataclass(frozen=True, slots=True)
class ArticleRow:
    slug: str
    as_of: date
    published_at: datetime
    texts: dict[str, TextRow]
    photos: tuple[PhotoRow, ...]


@dataclass(frozen=True, slots=True)
class Account:
    """A sign-in of the loaded example. `password` is empty when the example had been loaded before."""

    username: str
    role: str
    body: str
    title: str
    title_en: str
    password: str
