"""What the checks find in lines before they are sent, and what the programme's rulebook makes of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final, TypeVar

import numpy as np
from django.db.models import Q, QuerySet

from duban.core import cycles, periods
from duban.core.checks import (
    CHECKS,
    OF_MEMBERS,
    OF_MONTHS,
    OF_PICTURES,
    OF_PLANS,
    OF_STARTS,
    OF_WHOLES,
    Check,
    Starts,
    Thresholds,
    lists,
    placed,
)
from duban.core.checks.panel import named
from duban.core.rulebook import Rulebook
from duban.intake import kept
from duban.intake.judging import history as judging_reads
from duban.intake.judging import pictures as judging_pictures
from duban.intake.judging.panel import START, Ground, Series, ground, members, revisions, wholes
from duban.intake.lines import Said
from duban.intake.models import Submission, SubmissionFinding, SubmissionLine
from duban.intake.readings import KINDS, UNSAID, Columns, Truth, Whole
from duban.registry import rulebooks
from duban.registry.models import Evidence, Undertaking

Weight = SubmissionFinding.Weight
UNSENT: Final = (Submission.State.DRAFT, Submission.State.SUBMITTED, Submission.State.RETURNED)
MOST: Final = 2_000
"""So many findings of one check are told line by line; of the rest one finding tells the number, as heavy as they are."""
MORE: Final = "findings-more"
AT_ONCE: Final = 8_192
"""So many series are judged at a time: what is looked at again and again then stays near the processor."""
Key = tuple[Any, ...]
Place = TypeVar("Place")
Explanation = tuple[str, int | None, datetime | None]


@dataclass(frozen=True, slots=True)
class Found:
    """One finding of a check: `index` is the line's place in what was judged, None for a finding about the whole."""

    code: str
    index: int | None = None
    facts: dict[str, Any] = field(default_factory=dict)
    weight: str = "note"


@dataclass(frozen=True, slots=True)
class _Hit:
    """A finding before it is told: the line (None for none), whose it is, and what the check knows."""

    check: Check[Any]
    index: int | None
    undertaking: int
    measure: int | None
    facts: dict[str, Any]


@dataclass(frozen=True, eq=False)
class _Court:
    """Lines with all that they are judged by, and of each programme its rulebook and the thresholds that this sets."""

    ground: Ground
    submission: Submission | None
    books: Mapping[int, Rulebook]
    rules: Mapping[int, Thresholds]
    counts: Counter[str] = field(default_factory=Counter)
    """By check, how many findings there were."""

    def _most(self, check: Check[Any], places: Sequence[Place]) -> Sequence[Place]:
        room = max(MOST - self.counts[check.code], 0)
        self.counts[check.code] += len(places)
        return places[:room]

    def more(self) -> list[Found]:
        """A finding about the whole for each check that found more than can be told: it is explained, or blocks, for all of them."""
        found = []
        for code, count in ((code, count - MOST) for code, count in self.counts.items() if count > MOST):
            weight = max((self._weight(code, programme) for programme in self.rules), key=[str(one) for one in Weight.values].index)
            found.append(Found(MORE, None, {"check": code, "code": code, "count": count}, weight))
        return found

    def hits(self) -> Iterator[_Hit]:
        """All that is found, by check."""
        yield from self.months()
        yield from self.plans()
        yield from self.wholes()
        yield from self.starts()
        yield from self.pictures()
        yield from self.members()

    def by_rules(self, programme: Whole) -> Iterator[tuple[Thresholds, Truth]]:
        """The thresholds that hold, each with where they do; nearly always there is one for all."""
        for rules in dict.fromkeys(self.rules.values()):
            held = [number for number, one in self.rules.items() if one == rules]
            yield rules, np.isin(programme, held)

    def months(self) -> Iterator[_Hit]:
        series = self.ground.series
        fresh = series.panel.fresh.any(axis=1)
        series = series if fresh.all() else series.chosen(fresh)
        programme = self.ground.register.programme[series.place]
        for rules, where in self.by_rules(programme):
            mine = series if where.all() else series.chosen(where)
            for start in range(0, len(mine.place), AT_ONCE):
                yield from self._months(mine.chosen(slice(start, start + AT_ONCE)), rules)

    def _months(self, series: Series, rules: Thresholds) -> Iterator[_Hit]:
        panel = series.panel
        for check in OF_MONTHS:
            wrong = check.holds(panel, rules)
            if not wrong.any():
                continue
            for row, mark, column in self._most(check, placed(wrong, check.since(panel, rules), panel.fresh)):
                facts = panel.facts(row, column) | check.facts(panel, row, column, rules)
                yield _Hit(check, int(series.line[row, mark]), int(series.undertaking[row]), int(series.measure[row]), facts)

    def plans(self) -> Iterator[_Hit]:
        judged, where = revisions(self.ground)
        yield from self._rows(OF_PLANS, judged, where)

    def wholes(self) -> Iterator[_Hit]:
        series = self.ground.series
        judged, rows, where = wholes(self.ground, series)
        yield from self._rows(OF_WHOLES, judged, where, series, rows)

    def _rows(
        self, checks: Sequence[Check[Any]], judged: Any, where: Whole, series: Series | None = None, rows: Whole | None = None
    ) -> Iterator[_Hit]:
        """What checks find in rows that stand for the lines at `where`; `series` at `rows` are what is spoken of, else the lines are."""
        lines = self.ground.lines
        undertaking = lines.undertaking[where] if series is None else series.undertaking[rows]
        measure = lines.measure[where] if series is None else series.measure[rows]
        register = self.ground.register
        for rules, mine in self.by_rules(register.programme[register.at(undertaking)]):
            for check in checks:
                for row in self._most(check, np.flatnonzero(check.holds(judged, rules) & mine).tolist()):
                    facts = {"period": named(lines.period[where[row]])} | check.facts(judged, row, rules)
                    yield _Hit(check, int(where[row]), int(undertaking[row]), int(measure[row]), facts)

    def starts(self) -> Iterator[_Hit]:
        """One an undertaking: at the day of its start, else at its first amount."""
        lines, series, register = self.ground.lines, self.ground.series, self.ground.register
        begins = lists.begins(series.panel, register.project[series.place], register.new[series.place]) & series.panel.fresh
        days = np.flatnonzero((lines.kind == KINDS.index("report")) & (lines.measure == self.ground.coded(START)) & (lines.day != UNSAID))
        first: dict[int, int] = {}
        for index in [*days.tolist(), *np.sort(series.line[begins]).tolist()]:
            first.setdefault(int(lines.undertaking[index]), index)
        shown = _shown(first) | {undertaking for undertaking, index in first.items() if lines.evidence.get(index)}
        where = np.array(sorted(first.values()), dtype=np.int64)
        judged = Starts(np.array([int(lines.undertaking[index]) in shown for index in where], dtype=np.bool_))
        yield from self._rows(OF_STARTS, judged, where)

    def pictures(self) -> Iterator[_Hit]:
        """One an undertaking and period: the first that its photograph looks like."""
        lines, register = self.ground.lines, self.ground.register
        (check,) = OF_PICTURES
        told: set[tuple[int, int]] = set()
        album = judging_pictures.Album()
        for index in sorted(lines.evidence):
            undertaking, period = int(lines.undertaking[index]), int(lines.period[index])
            rules = self.rules[int(register.programme[register.at(np.int64(undertaking))])]
            if (undertaking, period) in told:
                continue
            for evidence in lines.evidence[index]:
                pairs = album.beside(evidence, undertaking=undertaking, period=period, bits=rules.look_bits)
                seen = np.flatnonzero(check.holds(pairs.pictures, rules)) if pairs else ()
                if pairs and len(seen):
                    told.add((undertaking, period))
                    facts = {"period": named(period), "file": evidence.name, **pairs.facts(int(seen[0]))}
                    yield _Hit(check, index, undertaking, int(lines.measure[index]), facts)
                    break

    def members(self) -> Iterator[_Hit]:
        judged = members(self.ground)
        if judged is None:
            return
        listed, register = judged
        for rules, mine in self.by_rules(register.programme):
            for check in OF_MEMBERS:
                cells = np.argwhere(check.holds(listed, rules) & mine[:, None]).tolist()
                slots = [(int(register.ids[row]), int(listed.periods[column])) for row, column in cells]
                elsewhere = self._waiting(slots) if cells else set()
                found = [(slot, cell) for slot, cell in zip(slots, cells, strict=True) if slot not in elsewhere]
                line = self._reporting({slot for slot, _ in found[:MOST]})
                for slot, (row, column) in self._most(check, found):
                    yield _Hit(check, line.get(slot), slot[0], None, check.facts(listed, row, column, rules))

    def _reporting(self, slots: set[tuple[int, int]]) -> dict[tuple[int, int], int]:
        """Of these undertakings and periods the first line that reports an amount."""
        lines = self.ground.lines
        those = np.array(sorted({undertaking for undertaking, _ in slots}), dtype=np.int64)
        places = np.flatnonzero(self.ground.reported & judging_reads.within(lines.undertaking, those))[::-1]
        told = {(int(lines.undertaking[at]), int(lines.period[at])): int(at) for at in places}
        return {slot: told[slot] for slot in slots & told.keys()}

    def _waiting(self, slots: Sequence[tuple[int, int]]) -> set[tuple[int, int]]:
        """Which of these undertakings and periods another submission reports that is still on its way."""
        days = {periods.from_number(period) for _, period in slots}
        waiting = SubmissionLine.objects.filter(submission__state__in=UNSENT, kind="report", period__in=days)
        waiting = waiting.exclude(submission=self.submission).filter(undertaking__programme__in=list(self.rules))
        wanted = set(slots)
        told = {(undertaking, periods.to_number(day)) for undertaking, day in waiting.values_list("undertaking_id", "period")}
        return told & wanted

    def told(self, hits: Sequence[_Hit]) -> list[Found]:
        """Findings in the order of their lines, then of the checks; those about the whole come last."""
        known = _named({hit.undertaking for hit in hits})
        order = {code: place for place, code in enumerate(CHECKS)}
        found = []
        for hit in hits:
            code, name, programme = known[hit.undertaking]
            who = {"undertaking": code, "name": name}
            if hit.measure is not None:
                measure = self.ground.measures[hit.measure]
                who |= {"measure": measure.name, "measure_code": measure.code, "unit": measure.unit}
            found.append(Found(hit.check.code, hit.index, who | hit.facts, self._weight(hit.check.code, programme)))
        return sorted(found, key=lambda one: (one.index is None, one.index or 0, order[one.code]))

    def _weight(self, code: str, programme: int) -> str:
        """What the programme makes of a check; what takes a batch back is never held up by what it goes back to."""
        if self.submission is not None and self.submission.origin == Submission.Origin.UNDO:
            return str(Weight.NOTE)
        return str(self.books[programme].checks.get(code, Weight.NOTE))


def _named(undertakings: Collection[int]) -> dict[int, tuple[str, str, int]]:
    """Of these undertakings their codes, names and programmes."""
    numbers = sorted(undertakings)
    return {
        pk: (code, name, programme)
        for start in range(0, len(numbers), judging_reads.FEW)
        for pk, code, name, programme in Undertaking.objects.filter(pk__in=numbers[start : start + judging_reads.FEW])
        .order_by()
        .values_list("pk", "code", "name", "programme")
    }


def _shown(undertakings: Mapping[int, Any]) -> set[int]:
    """Which of these undertakings have a file."""
    numbers = sorted(undertakings)
    return {
        one
        for start in range(0, len(numbers), judging_reads.FEW)
        for one in Evidence.objects.filter(undertaking__in=numbers[start : start + judging_reads.FEW]).values_list("undertaking", flat=True)
    }


@cycles.unlooked()
def find(lines: Columns | Sequence[Said], *, on: date, submission: Submission | None = None) -> list[Found]:
    """Everything that the checks find in `lines`, judged against what the ledger says now by the rulebooks in force `on`, today.

    What was sent before and waits for a reviewer counts as if it were accepted, so that two months in a row may be on their way.
    Reports of two years before the first line's are looked at. Only a `submission` has a list of which somebody may be missing:
    its body's undertakings in a programme, when it names two or more of them and half of those that reported last time are
    there.
    """
    columns = lines if isinstance(lines, Columns) else Columns.of(lines)
    if not len(columns):
        return []
    listed = submission.body if submission is not None and submission.origin != Submission.Origin.UNDO else None
    asked = ground(columns, list_of=listed, but=0 if submission is None else submission.pk)
    programmes = judging_reads.distinct(asked.register.programme).tolist()
    books = rulebooks.in_force(as_of=on)
    rules = {one: Thresholds.of(books[one].thresholds) for one in programmes}
    court = _Court(asked, submission, books, rules)
    return court.told(list(court.hits())) + court.more()


def explained(submission: Submission) -> dict[Key, Explanation]:
    """What was said of the checks' findings so far, for `judge` after the lines that they stand on were replaced."""
    said = _of_checks(submission).exclude(explanation="").select_related("line")
    return {_key(one.code, one.line, one.facts): (one.explanation, one.explained_by_id, one.explained_at) for one in said}


def _of_checks(submission: Submission) -> QuerySet[SubmissionFinding]:
    """The findings of checks: a reader's of the same code has a place in a file, and no line."""
    told = Q(Q(line__isnull=False) | Q(place={}), code__in=list(CHECKS))
    return submission.findings.filter(told | Q(line=None, place={}, code=MORE, facts__has_key="check"))


def judge(submission: Submission, *, on: date, before: Mapping[Key, Explanation] | None = None) -> None:
    """Write the findings of a submission's lines anew; findings of whoever read its file, and explanations, are kept.

    `before` are explanations from before its lines were replaced, as `explained` told them.
    """
    columns, numbers = kept.read(submission)
    said = {**(before or {}), **explained(submission)}
    rows = []
    for found in find(columns, on=on, submission=submission):
        number = None if found.index is None else int(numbers[found.index])
        row = SubmissionFinding(submission=submission, line_id=number, code=found.code, facts=found.facts, weight=found.weight)
        row.explanation, row.explained_by_id, row.explained_at = said.get(_key_of(columns, found), ("", None, None))
        rows.append(row)
    _of_checks(submission).delete()
    SubmissionFinding.objects.bulk_create(rows, batch_size=2000)


def _key(code: str, line: SubmissionLine | None, facts: Mapping[str, Any]) -> Key:
    """What an explanation belongs to, whatever line says it by now."""
    if line is None:
        return code, facts.get("undertaking"), facts.get("period"), facts.get("check")
    return code, line.undertaking_id, line.measure_id, line.kind, periods.to_number(line.period), line.original


def _key_of(columns: Columns, found: Found) -> Key:
    at = found.index
    if at is None:
        return found.code, found.facts.get("undertaking"), found.facts.get("period"), found.facts.get("check")
    slot = int(columns.undertaking[at]), int(columns.measure[at]), KINDS[columns.kind[at]], int(columns.period[at])
    return found.code, *slot, bool(columns.original[at])
