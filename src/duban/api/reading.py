"""Standings, figures, changes, rates and forecasts as the pages tell them, at any moment, within what a token reaches."""

from __future__ import annotations

import hashlib
from collections.abc import Hashable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Final

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.utils import translation
from ninja import Schema

from duban import __version__
from duban.api import entrance
from duban.core.indicators import RATES
from duban.core.refusals import Refusal
from duban.core.rulebook import STAGES
from duban.core.stakes import PARTS, POINT
from duban.core.tallies import Tally
from duban.people import permits
from duban.people.models import Body, Token
from duban.registry import past
from duban.registry.models import Programme
from duban.standing.changes import Listed, Rewritten, Turned
from duban.standing.forecasting import Quantiles
from duban.standing.models import Snapshot, Standing
from duban.web import display, figures, forecasts, kept, stage_words, stakes, watch_rows, wording
from duban.web.listing import paths_of
from duban.web.moment import Moment, moment, snapshot_of
from duban.web.stage_rows import Race

SCOPE: Final = Token.Scope.STANDINGS


@dataclass(frozen=True, slots=True)
class Opened:
    """A question at its moment: the lights of that moment, and the paths of the bodies whose undertakings the token reads."""

    now: Moment
    paths: tuple[str, ...]
    snapshot: Snapshot

    @property
    def moment(self) -> dict[str, Any]:
        now = self.now
        return {"as_of": now.as_of, "known_at": now.known_at, "head": now.head, "rulebook": self.snapshot.rulebook}


@contextmanager
def opened(request: HttpRequest, asks: Schema) -> Iterator[Opened]:
    """The moment in the address, and the registry as it was known then, in the caller's language. `asks` is what may be asked.

    Raises PermissionDenied for a token that may not read standings, `Refusal` "parameter-unknown", and what `moment` refuses.
    """
    token: Token = request.auth  # type: ignore[attr-defined]
    known = type(asks).model_fields
    if unknown := [name for name in request.GET if name not in known]:
        raise Refusal("parameter-unknown", parameter=unknown[0], wanted=", ".join(known))
    now = moment(request)
    with past.at(now.registry), translation.override(entrance.language(request)):
        yield Opened(now, _paths(token), snapshot_of(now))


def _paths(token: Token) -> tuple[str, ...]:
    """Where its owner reads the desk, within the token's body. Raises PermissionDenied."""
    if SCOPE not in token.scopes or not permits.may(token.user, "desk.read"):
        raise PermissionDenied(SCOPE)
    own = Body.objects.filter(pk=token.body_id).values_list("path", flat=True).first() or token.body.path
    found = tuple(max(path, own, key=len) for path in paths_of(token.user) if path.startswith(own) or own.startswith(path))
    if not found:
        raise PermissionDenied(SCOPE)
    return found


def unchanged(request: HttpRequest, response: HttpResponse, asked: Opened, *key: Hashable) -> bool:
    """Whether the caller has this answer already (If-None-Match); it is marked by everything that it depends on."""
    depends = (__version__, request.get_full_path(), display.language(), asked.paths, kept.of(asked.snapshot), *key)
    response["ETag"] = tag = f'"{hashlib.sha256(repr(depends).encode()).hexdigest()[:32]}"'
    return tag in (one.strip().removeprefix("W/") for one in request.headers.get("If-None-Match", "").split(","))


def plain(number: Decimal | None) -> str | None:
    """A number as decimal text; silence stays silence."""
    return None if number is None else f"{number:f}"


def hundredths(number: int | None) -> str | None:
    """Hundredths of a point or a per cent as decimal text."""
    return None if number is None else f"{Decimal(number) / POINT:.2f}"


def standing(row: Standing) -> dict[str, Any]:
    """A standing that was read with its undertaking's programme, body and town."""
    promise, measure = row.undertaking, row.measure
    return {
        "undertaking": promise.code, "name": display.told(promise), "programme": promise.programme.code, "body": promise.lead_body.code,
        "town": promise.town.code if promise.town else None, "stage": row.stage, "light": row.light, "rule": row.rule,
        "measure": measure.code if measure else None, "unit": measure.unit if measure else "",
        "done": plain(row.done), "planned": plain(row.planned), "target": plain(row.target), "gap": hundredths(row.gap),
        "last_period": row.last_period, "due": row.due, "why": wording.reason(row), "cure": wording.cure(row),
        "cure_amount": plain(row.cure_amount), "cure_by": row.cure_by,
    }  # fmt: skip


def slot(one: Any) -> dict[str, Any]:
    """A slot with all that it said."""
    said = [
        {"seq": entry.seq, "amount": plain(entry.amount), "day": entry.day, "reason": entry.reason, "recorded_at": entry.recorded_at}
        for entry in one.entries
    ]
    return {"measure": one.measure.code, "unit": one.measure.unit, "kind": one.kind, "period": one.period, "entries": said}


def record(line: figures.Line) -> dict[str, Any]:
    """A record behind a figure, without what tells whose it is where it is not public."""
    code = line.undertaking.code if line.undertaking and line.open else None
    return {
        "undertaking": code, "period": line.period, "day": line.day, "part": plain(line.part), "whole": plain(line.whole),
        "seq": line.seq if line.open else None,
    }  # fmt: skip


def watched(row: watch_rows.Row) -> dict[str, Any]:
    """A line of the watch-list."""
    stake = row.watched.stake
    return {
        "rank": row.rank, "money": stake.money, "reason": row.watched.reason, "amount": plain(stake.amount),
        "share": hundredths(stake.share), "urgency": f"{Decimal(stake.urgency) / PARTS:f}", "since": row.watched.since,
        "answerable": row.who, "standing": standing(row.standing),
        "tried": [{"at": one.at, "what": stakes.effort(one), "words": display.script(one.words)} for one in row.tried],
    }  # fmt: skip


def turned(row: Turned) -> dict[str, Any]:
    """An undertaking that turned, or reached a day."""
    now = row.standing
    return {
        "undertaking": now.undertaking.code, "name": display.told(now.undertaking), "light": now.light, "rule": now.rule,
        "gap": hundredths(now.gap), "light_before": row.was, "rule_before": row.was_rule, "gap_before": hundredths(row.was_gap),
        "day": row.day,
    }  # fmt: skip


def _said(value: Decimal | date | None) -> str | None:
    return value.isoformat() if isinstance(value, date) else plain(value)


def rewritten(row: Rewritten) -> dict[str, Any]:
    """A slot that says something else."""
    entry = row.entry
    return {
        "undertaking": entry.undertaking.code, "name": display.told(entry.undertaking), "measure": entry.measure.code,
        "unit": entry.measure.unit, "period": entry.period, "before": _said(row.before), "after": _said(row.after),
        "reason": entry.reason, "seq": entry.seq, "steps": row.times,
    }  # fmt: skip


def named(promise: Any) -> dict[str, str]:
    """An undertaking by code and name."""
    return {"undertaking": promise.code, "name": display.told(promise)}


def listed(found: Listed, tell: Any) -> dict[str, Any]:
    """The first rows under one head, and how many there are."""
    return {"count": found.count, "rows": [tell(row) for row in found.rows]}


def rates(tally: Tally) -> list[dict[str, Any]]:
    """The five rates of a tally."""
    told = ((code, tally.rates[code]) for code in RATES)
    return [
        {
            "rate": code, "name": stage_words.rate(code), "done": rate.done, "of": rate.of, "open": rate.open,
            "share": hundredths(rate.hundredths),
        }
        for code, rate in told
    ]  # fmt: skip


def cut(code: str, name: str, tally: Tally, lights: Mapping[str, int]) -> dict[str, Any]:
    """A line of the board's table."""
    return {"code": code, "name": name, "count": tally.count, "stages": in_stages(tally), "lights": dict(lights), "rates": rates(tally)}


def in_stages(tally: Tally) -> dict[str, int]:
    """How many are in each stage."""
    return {stage: tally.in_stage(stage) for stage in STAGES}


def race(one: Race) -> dict[str, Any]:
    """Time against task of a programme."""
    halves = one.halves
    return {
        "programme": one.programme.code, "measure": one.measure.code, "on": halves.on, "time": hundredths(halves.time),
        "task": hundredths(halves.task), "gap": hundredths(halves.gap), "verdict": halves.verdict,
    }  # fmt: skip


def forecast(row: forecasts.Row) -> dict[str, Any]:
    """A programme or an undertaking with what is foretold of it."""
    told, amounts = row.outlook, row.outlook.amounts
    return {
        "kind": "programme" if isinstance(row.of, Programme) else "undertaking", "code": row.of.code, "name": display.told(row.of),
        "unit": row.measure.unit if row.measure else "", "reason": told.reason, "verdict": told.verdict,
        "odds": round(told.odds, 4) if amounts else None, "done": plain(told.done), "target": plain(told.target),
        "range": _ends(amounts) if amounts else None, "earliest": told.earliest, "finish": told.finish, "latest": told.latest,
    }  # fmt: skip


def _ends(amounts: Quantiles) -> dict[str, str]:
    return {name: f"{getattr(amounts, name):f}" for name in amounts.__slots__}


def part(rows: Sequence[Any], page: int, size: int) -> Sequence[Any]:
    """One page of a list; none beyond its end."""
    return rows[(page - 1) * size : page * size]
