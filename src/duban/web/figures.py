"""Figures as readers see them: the written value, the question in words, and the receipt."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

from django.utils.translation import gettext as _

from duban.core import fixed, periods
from duban.core.figures import Answer, Record
from duban.ledger import reads as ledger
from duban.people.models import Body
from duban.press import figures as press
from duban.press import reads
from duban.press.models import Figure
from duban.registry import past
from duban.registry.models import Undertaking
from duban.web import beside as fellows
from duban.web import display
from duban.web.moment import Moment

Operation = Figure.Operation
ENGLISH_ORDINALS: Final = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")
CHINESE_ORDINALS: Final = "一二三四五六七八九十"


def ordinal(place: int) -> str:
    """A place in words: first, 第一."""
    if display.english():
        return ENGLISH_ORDINALS[place - 1] if place <= len(ENGLISH_ORDINALS) else f"{place}th"
    return f"第{CHINESE_ORDINALS[place - 1] if place <= len(CHINESE_ORDINALS) else place}"


def written(figure: Figure, value: Decimal | None, *, unit: str | None = None, decimals: int | None = None, style: str = "") -> str:
    """A figure's value as a reader sees it: in its unit, rounded, with the unit's name. Silence is a dash.

    A `unit` that is named, the empty one included, is taken as it is; without one the figure's own is told in the
    reader's language, and yuan in English in millions.
    """
    if value is None:
        return display.SILENCE
    if style == "ordinal" or figure.operation == Operation.RANK:
        return ordinal(int(value))
    places = figure.decimals if decimals is None else decimals
    if unit is None and display.english() and press.own_unit(figure) == "元":
        return display.money(value)
    told = press.in_unit(figure, value, figure.unit if unit is None else unit or press.own_unit(figure), places)
    name = display.told(figure, "unit") if unit is None else display.script(unit)
    return display.with_unit(display.number(told, places), name)


@dataclass(frozen=True, slots=True)
class Headline:
    """One figure of the home page."""

    figure: Figure
    value: str
    answer: Answer
    beside: str = ""
    """What it says at the other one of then and since, where that differs."""

    @property
    def number(self) -> str:
        """The digits of the value, without what stands behind them."""
        return self.value[: len(self.value) - len(self.unit)] if self.unit else self.value

    @property
    def unit(self) -> str:
        """What stands behind the digits."""
        end = max((place for place, sign in enumerate(self.value, 1) if sign.isdigit()), default=0)
        return self.value[end:] if end else ""


def headlines(now: Moment) -> list[Headline]:
    """The home page's figures with what they say, and what they say at the other moment; a silent one is left out."""
    asked = [(figure, now.as_of) for figure in reads.headlines()]
    here, *there = (press.answers(asked, head=one.head, revision=one.revision, known_at=one.known_at) for one in (now, now.other) if one)
    other = there[0] if there else here
    return [
        Headline(figure, told, said, beside if beside != told else "")
        for figure, day in asked
        for said in [here[figure.code, day]]
        for told, beside in [(written(figure, said.value), written(figure, other[figure.code, day].value))]
        if said.value is not None
    ]


@dataclass(frozen=True, slots=True)
class Line:
    """One contributing record. `part` is what it adds to the numerator, `whole` to the denominator."""

    undertaking: Undertaking | None
    body: Body | None
    period: date | None
    day: date | None
    part: Decimal | None
    whole: Decimal | None
    seq: int | None
    place: int | None
    own: bool

    @property
    def open(self) -> bool:
        """Whether a reader of the portal may follow it."""
        return bool(self.undertaking and self.undertaking.public and self.undertaking.programme.public)


@dataclass(frozen=True, slots=True)
class Receipt:
    """A figure, what it said, and every record that it rests on."""

    figure: Figure
    as_of: date
    head: int
    known_at: datetime | None
    answer: Answer
    lines: list[Line]
    other: Answer
    corrected: bool
    differing: list[fellows.Record]

    @property
    def value(self) -> str:
        return written(self.figure, self.answer.value)

    @property
    def value_then(self) -> str:
        return written(self.figure, self.other.value) if self.corrected else self.value

    @property
    def value_since(self) -> str:
        return self.value if self.corrected else written(self.figure, self.other.value)

    @property
    def changed(self) -> bool:
        """Whether the same question has another answer at the other moment."""
        return self.other.value != self.answer.value

    @property
    def unit(self) -> str:
        """The unit in which the records are told."""
        return display.told(self.figure.measure, "unit") if self.figure.measure else ""

    @property
    def shape(self) -> str:
        """Which columns the records have: days, amounts, both sides of a ratio, places or names only."""
        operation = self.figure.operation
        if operation == Operation.SHARE and self.figure.numerator:
            operation = self.figure.numerator.operation
        if operation == Operation.COUNT:
            return "days" if any(line.day for line in self.lines) else "names"
        return {"ratio": "ratio", "rank": "places", "lit": "names"}.get(operation, "amounts")

    @property
    def part_total(self) -> Decimal | None:
        return _sum(line.part for line in self.lines)

    @property
    def whole_total(self) -> Decimal | None:
        return _sum(line.whole for line in self.lines)


def _sum(parts: Any) -> Decimal | None:
    known = [part for part in parts if part is not None]
    return sum(known, Decimal(0)) if known else None


def _decimal(stored: int | None) -> Decimal | None:
    return None if stored is None else fixed.from_fixed(stored)


def _day(stored: int | None) -> date | None:
    return None if stored is None else periods.from_number(stored)


def _line(record: Record, figure: Figure, undertakings: Mapping[int, Undertaking]) -> Line:
    planned = figure.kind == "plan"
    undertaking = undertakings.get(record.undertaking)
    return Line(
        undertaking=undertaking,
        body=undertaking.lead_body if undertaking else None,
        period=_day(record.plan_period if planned else record.period),
        day=_day(record.day),
        part=_decimal(record.plan_amount if planned else record.amount),
        whole=_decimal(record.plan_amount),
        seq=record.plan_seq if planned else record.seq,
        place=record.place,
        own=record.body == figure.body_id,
    )


def receipt(figure: Figure, *, as_of: date, head: int, known_at: datetime | None = None, other: Moment | None = None) -> Receipt:
    """What a figure said on a day, known at a head (and moment), with its records.

    Beside it stands what it says at the `other` moment, without one what it would say now, and the records that differ.
    """
    now_head, now_revision = ledger.present()
    at = other or Moment(as_of=as_of, head=now_head, revision=now_revision)
    revision = ledger.revision(known_at) if known_at else now_revision
    answer = press.answer(figure, as_of=as_of, head=head, revision=revision, known_at=known_at)
    same = at.head == head and at.known_at == known_at
    told = answer if same else press.answer(figure, as_of=as_of, head=at.head, revision=at.revision, known_at=at.known_at)
    with past.at(revision if known_at else None):
        lines, others = _lines(figure, answer, told)
    corrected = other is not None and other.known_at is not None
    differing = fellows.records(*((others, lines) if corrected else (lines, others)))
    return Receipt(figure, as_of, head, ledger.recorded_at(head), answer, lines, told, corrected, differing)


def _lines(figure: Figure, *answers: Answer) -> list[list[Line]]:
    """The records of answers, in the order of their undertakings; those of a ranking by place. What came later has today's name."""
    ids = {record.undertaking for answer in answers for record in answer.records}
    named = Undertaking.objects.select_related("lead_body", "programme")
    undertakings = named.in_bulk(ids)
    if missing := ids - set(undertakings):
        with past.at(None):
            undertakings |= named.in_bulk(missing)
    told = [[_line(record, figure, undertakings) for record in answer.records] for answer in answers]
    if figure.operation != Operation.RANK:
        for lines in told:
            lines.sort(key=lambda line: (line.undertaking.order, line.undertaking.pk) if line.undertaking else (0, 0))
    return told


def question(figure: Figure, as_of: date) -> str:
    """The figure's question in words."""
    facts = {
        "programme": display.told(figure.programme) if figure.programme else "",
        "measure": display.told(figure.measure) if figure.measure else "",
        "body": display.told(figure.body) if figure.body else "",
        "undertaking": display.told(figure.undertaking) if figure.undertaking else "",
        "part": display.told(figure.numerator) if figure.numerator else "",
        "whole": display.told(figure.denominator) if figure.denominator else "",
        "name": display.told(figure),
        "day": display.day(as_of),
    }
    planned = figure.kind == "plan"
    sentences = {
        Operation.COUNT: _("How many undertakings of “%(programme)s” had reported “%(measure)s” by %(day)s?")
        if figure.measure
        else _("How many undertakings did “%(programme)s” have on %(day)s?"),
        Operation.SUM: _("How much “%(measure)s” was planned in “%(programme)s” for the year of %(day)s?")
        if planned
        else _("How much “%(measure)s” had “%(programme)s” reported by %(day)s?"),
        Operation.MEAN: _("What was the mean “%(measure)s” of “%(programme)s” on %(day)s?"),
        Operation.SHARE: _("What share of “%(whole)s” was “%(part)s” on %(day)s?"),
        Operation.RATIO: _("What percentage of the year's plan of “%(measure)s” had “%(programme)s” done by %(day)s?"),
        Operation.RANK: _("Which place did %(body)s have by “%(measure)s” in “%(programme)s” on %(day)s?"),
        Operation.LATEST: _("What was the newest “%(measure)s” reported for “%(undertaking)s” by %(day)s?"),
        Operation.LIT: _("“%(name)s”: how many undertakings was that on %(day)s?"),
    }
    return sentences[Operation(figure.operation)] % facts


def conditions(figure: Figure) -> list[tuple[str, str]]:
    """The attributes by which a figure chooses undertakings, as name and wanted value."""
    if figure.operation == Operation.SHARE and figure.numerator:
        figure = figure.numerator
    declared = {one["code"]: one for one in (figure.programme.attributes if figure.programme else ())}
    told = []
    for code, wanted in figure.where.items():
        one = declared.get(code, {"name": code})
        names = {choice["code"]: display.told(choice) for choice in one.get("choices", ())}
        values = wanted if isinstance(wanted, list) else [wanted]
        told.append(
            (
                display.told(one),
                display.script("、" if not display.english() else ", ").join(names.get(value, display.script(value)) for value in values),
            )
        )
    return told
