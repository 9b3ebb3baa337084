"""`duban figure`, `standing`: what duban answers, in a terminal."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import click

from duban.cli.asked import AS_OF, KNOWN_AT, local, registry, when
from duban.cli.frame import command, duban, ready, say


@duban.command()
@click.argument("name")
@AS_OF
@KNOWN_AT
@click.option("--records", is_flag=True, help="List the records that the figure rests on.")
@command
def figure(name: str, *, as_of: date | None, known_at: datetime | None, records: bool, as_json: bool) -> None:
    """Ask the figure NAME of the catalogue and print its value, numerator and denominator."""
    from duban.press import figures
    from duban.registry.models import Undertaking

    ready()
    day, head = when(as_of, known_at)
    asked = figures.find(name)
    answer = figures.answer(asked, as_of=day, head=head, known_at=local(known_at))
    value = figures.in_unit(asked, answer.value, asked.unit, asked.decimals)
    with registry(known_at):
        names = dict(Undertaking.objects.filter(pk__in=[r.undertaking for r in answer.records]).values_list("pk", "code"))
    facts = {
        "figure": name, "as_of": day, "head": head, "value": value, "unit": asked.unit, "exact": answer.value,
        "numerator": answer.numerator, "denominator": answer.denominator,
        "records": [_record(record, names) for record in answer.records] if records else len(answer.records),
    }  # fmt: skip
    said = "no answer: nothing is reported" if value is None else f"{value}{asked.unit if asked.unit == '%' else ' ' + asked.unit_en}"
    parts = [f"{name} as of {day}, head {head}: {said}"]
    if answer.denominator is not None:
        parts.append(f"  = {_plain(answer.numerator)} / {_plain(answer.denominator)}")
    parts.append(f"  from {len(answer.records)} records")
    if records:
        told = facts["records"]
        parts += [f"    {r['undertaking']:<28} {r['amount'] or r['day'] or '-':>18} {r['plan'] or '':>18} {r['place'] or ''}" for r in told]
    say(as_json, facts, "\n".join(parts))


def _plain(number: Decimal | None) -> str:
    return "-" if number is None else f"{number:,f}"


def _record(record: Any, names: dict[int, str]) -> dict[str, Any]:
    from duban.core import fixed, periods

    return {
        "undertaking": names.get(record.undertaking, str(record.undertaking)),
        "seq": record.seq,
        "period": None if record.period is None else str(periods.from_number(record.period)),
        "amount": None if record.amount is None else str(fixed.from_fixed(record.amount)),
        "day": None if record.day is None else str(periods.from_number(record.day)),
        "plan_seq": record.plan_seq,
        "plan": None if record.plan_amount is None else str(fixed.from_fixed(record.plan_amount)),
        "place": record.place,
    }


@duban.command()
@AS_OF
@KNOWN_AT
@click.option("--programme", help="Only this programme, by code.")
@click.option("--light", type=click.Choice(["red", "amber", "grey", "green"]), help="Only this light.")
@command
def standing(*, as_of: date | None, known_at: datetime | None, programme: str | None, light: str | None, as_json: bool) -> None:
    """List every undertaking's light, worst first, with the rule that lit it and the cure."""
    from duban.standing import actions

    ready()
    day, head = when(as_of, known_at)
    snapshot = actions.stand(as_of=day, head=head, known_at=local(known_at))
    rows = snapshot.standings.select_related("undertaking__programme", "measure")
    if programme:
        rows = rows.filter(undertaking__programme__code=programme)
    if light:
        rows = rows.filter(light=light)
    with registry(known_at):
        told = [_standing(row) for row in rows.order_by("severity", "gap", "undertaking")]
    lines = [f"as of {day}, head {head}: {len(told)} undertakings"]
    lines += [f"  {r['light']:<6} {r['rule']:<14} {r['undertaking']:<28} gap {r['gap'] or '-':>8}  {r['cure']}" for r in told]
    say(as_json, {"as_of": day, "head": head, "standings": told}, "\n".join(lines))


def _standing(row: Any) -> dict[str, Any]:
    from duban.web import wording

    unit = row.measure.unit if row.measure else ""
    return {
        "undertaking": row.undertaking.code,
        "programme": row.undertaking.programme.code,
        "light": row.light,
        "rule": row.rule,
        "done": row.done,
        "planned": row.planned,
        "target": row.target,
        "unit": unit,
        "gap": None if row.gap is None else str(Decimal(row.gap) / 100),
        "last_period": row.last_period,
        "due": row.due,
        "cure_amount": row.cure_amount,
        "cure_by": row.cure_by,
        "cure": wording.cure(row),
    }
