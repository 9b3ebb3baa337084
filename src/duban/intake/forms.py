"""How a cell of the month is read: a number in the unit that its typist chose, a number with its unit, a day, a withdrawal."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Final

from duban.core import fixed, numerals, periods
from duban.core.refusals import Refusal
from duban.intake import judging
from duban.intake.judging import Found
from duban.intake.lines import Said
from duban.intake.reads import Asked
from duban.intake.slots_csv import WITHDRAWN
from duban.ledger.actions import Line
from duban.registry.models import Measure

MONEY: Final = "元"
YUAN: Final = ("元", "万元", "亿元")
USUAL: Final = "万元"
_NO_YEAR: Final = re.compile(r"(\d{1,2})\s*[-./月]\s*(\d{1,2})\s*[日号]?")


def unit_of(chosen: str) -> str:
    """The unit that somebody chose for money, or the usual one."""
    return chosen if chosen in YUAN else USUAL


def complete(text: str, measure: Measure, unit: str) -> str:
    """What was typed, with the unit of money that its typist meant behind a bare number: it then means the same to everybody."""
    text = text.strip()
    if measure.unit != MONEY or not text:
        return text
    try:
        named = numerals.read_amount(text, MONEY)[1]
    except Refusal:
        return text
    return text if named else f"{text}{unit}"


def shown(typed: str, measure: Measure, unit: str) -> str:
    """What stands in the field of somebody who chose `unit`: its number alone where it is told in that unit."""
    bare = typed.removesuffix(unit)
    return bare if bare and bare != typed and complete(bare, measure, unit) == typed else typed


def read_day(text: str, period: date) -> date:
    """A day as people write it; one without a year, like 8.20 or 8月20日, is of the period's.

    Raises `Refusal` "day-unreadable", "day-ambiguous" or "day-incomplete".
    """
    short = _NO_YEAR.fullmatch(unicodedata.normalize("NFKC", text).strip())
    return periods.read_written_day(f"{period.year}-{short[1]}-{short[2]}" if short else text)


@dataclass(frozen=True, slots=True)
class Heard:
    """What a typed cell says: an amount, a day, neither (it withdraws), or why it cannot be taken (`wrong`)."""

    amount: Decimal | None = None
    day: date | None = None
    wrong: Refusal | None = None

    @property
    def value(self) -> Decimal | date | None:
        return self.day if self.amount is None else self.amount


def hear(asked: Asked, text: str, *, on: date) -> Heard:
    """Read what was typed into a cell; `on` is today."""
    try:
        return _hear(asked, text, on)
    except Refusal as refusal:
        return Heard(wrong=refusal)


def _hear(asked: Asked, text: str, on: date) -> Heard:
    measure = asked.measure
    if text.casefold() in WITHDRAWN:
        if asked.known is None:
            raise Refusal("nothing-to-withdraw")
        return Heard()
    if measure.holds == Measure.Holds.DAY:
        day = read_day(text, asked.period)
        if day > on:
            raise Refusal("day-not-come", day=day)
        return Heard(day=day)
    amount = fixed.from_fixed(fixed.to_fixed(numerals.read_amount(text, measure.unit)[0]))
    if amount < 0 and measure.accumulates != Measure.Accumulates.LEVEL:
        raise Refusal("amount-negative", amount=amount)
    return Heard(amount=amount)


@dataclass(frozen=True, slots=True)
class Cell:
    """A slot of the month with what its typed words say (None where there are none) and what the checks find in that."""

    asked: Asked
    heard: Heard | None = None
    findings: list[Found] = field(default_factory=list)

    @property
    def wrong(self) -> Refusal | None:
        return None if self.heard is None else self.heard.wrong

    @property
    def same(self) -> bool:
        """Whether it says what the ledger says already: then there is nothing to send."""
        return self.readable and self.asked.known is not None and self.heard is not None and self.heard.value == self.asked.known

    @property
    def readable(self) -> bool:
        return self.heard is not None and self.heard.wrong is None

    @property
    def filled(self) -> bool:
        """Whether the month has its answer: in the ledger, waiting, or typed so that it can be read."""
        return self.readable or (self.heard is None and (self.asked.known is not None or self.asked.waiting is not None))

    @property
    def corrects(self) -> bool:
        """Whether it changes what the ledger has said, which needs a reason before it is sent."""
        return self.readable and self.asked.said is not None and not self.same

    @property
    def spoken_since(self) -> bool:
        """Whether the ledger has spoken in its slot since its typist looked."""
        return self.asked.typed is not None and self.asked.typed.typed != "" and self.asked.typed.seen != self.asked.seq and not self.same

    @property
    def difference(self) -> Decimal | None:
        """How much more it says than the last report."""
        told = self.heard.amount if self.heard else None
        return None if told is None or self.asked.since is None else told - self.asked.since

    @property
    def said(self) -> Said:
        """The line that it becomes in a submission."""
        typed, heard, asked = self.asked.typed, self.heard, self.asked
        assert typed is not None
        assert heard is not None
        line = Line(
            asked.undertaking.pk, asked.measure.pk, "report", asked.period,
            amount=heard.amount, day=heard.day, reason=typed.reason, evidence=tuple(typed.evidence.all()),
        )  # fmt: skip
        return Said(line, seen=typed.seen, typed=typed.typed)


def cells(wanted: Sequence[Asked], *, on: date) -> list[Cell]:
    """The slots with their typed words read, and what the checks find in all of these together."""
    heard = [hear(one, one.typed.typed, on=on) if one.typed is not None and one.typed.typed else None for one in wanted]
    made = [Cell(one, told) for one, told in zip(wanted, heard, strict=True)]
    spoken = [cell for cell in made if cell.readable and not cell.same]
    for found in judging.find([cell.said for cell in spoken], on=on) if spoken else ():
        if found.index is not None:
            spoken[found.index].findings.append(found)
    return made
