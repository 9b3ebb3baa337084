"""A report as its form sends it: one input for every slot, read into the ledger's lines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Final

from duban.core import fixed, numerals, periods
from duban.core.refusals import Refusal
from duban.intake.reads import Asked
from duban.ledger.actions import Line
from duban.registry.models import Evidence, Measure

YUAN: Final = ("元", "万元", "亿元")
USUAL: Final = "万元"


@dataclass(slots=True)
class Report:
    """What was typed, the lines that it makes, and what is wrong with it, by the key of the slot."""

    unit: str = USUAL
    typed: dict[str, str] = field(default_factory=dict)
    reasons: dict[str, str] = field(default_factory=dict)
    lines: list[Line] = field(default_factory=list)
    wrong: dict[str, Refusal] = field(default_factory=dict)


def _value(text: str, measure: Measure, unit: str) -> tuple[Decimal | None, date | None]:
    if measure.holds == Measure.Holds.DAY:
        return None, periods.read_day(text)
    amount, named = numerals.read_amount(text, measure.unit)
    if not named and measure.unit == "元":
        amount *= numerals.factor(unit, measure.unit)
    fixed.to_fixed(amount)
    if amount < 0 and measure.accumulates != Measure.Accumulates.LEVEL:
        raise Refusal("amount-negative", amount=amount)
    return amount, None


def read(asked: Sequence[Asked], sent: Mapping[str, str], evidence: Mapping[int, Sequence[Evidence]] | None = None) -> Report:
    """Read what was typed. An empty input says nothing; a slot that speaks already needs a reason to be corrected."""
    unit = sent.get("unit", USUAL)
    report = Report(unit=unit if unit in YUAN else USUAL)
    for one in asked:
        text, reason = sent.get(f"value-{one.key}", "").strip(), sent.get(f"reason-{one.key}", "").strip()
        if not text:
            continue
        report.typed[one.key], report.reasons[one.key] = text, reason
        try:
            amount, day = _value(text, one.measure, report.unit)
            if one.said is not None and not reason:
                raise Refusal("correction-needs-reason")
        except Refusal as refusal:
            report.wrong[one.key] = refusal
            continue
        shown = tuple((evidence or {}).get(one.undertaking.pk, ()))
        report.lines.append(
            Line(one.undertaking.pk, one.measure.pk, "report", one.period, amount=amount, day=day, reason=reason, evidence=shown)
        )
    return report
