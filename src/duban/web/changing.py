"""What has changed since a day, and the page that a leader takes to the next meeting."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import chain
from typing import Any, Final
from unicodedata import east_asian_width

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from duban.core import periods
from duban.core.refusals import Refusal
from duban.core.rulebook import Reports
from duban.people.permits import permit
from duban.standing import meetings, watching
from duban.standing.actions import stand_at
from duban.standing.changes import SHOWN, Changes, Listed, Rewritten, Turned, changes
from duban.standing.models import Meeting, Snapshot
from duban.standing.reads import overview
from duban.standing.watching import Total
from duban.web import beside, display, kept, stakes, wording
from duban.web.listing import paths_of, within
from duban.web.moment import Moment, end_of, read_day, turned
from duban.web.watch_rows import Row, parted, ranked

DAY: Final = timedelta(days=1)
WEEK: Final = 7 * DAY
WORST: Final = 10
LINE, ROOMY = 240, 3200
"""Widths of words in halves of a Chinese character: the most that one cell shows, and what a sheet holds in letters of full size."""
NAMED, FEW = 5, 3
"""How many are named under one head of the one-pager; the others are counted."""


@dataclass(frozen=True, slots=True)
class Since:
    """The day that a page is compared with. `corrected` is whether it is seen with what is known now, not with what was known then."""

    day: date
    head: int
    before: Snapshot
    after: Snapshot
    corrected: bool

    @classmethod
    def read(cls, request: HttpRequest, now: Moment, meeting: Meeting | None) -> Since:
        """The day that stands in the address, else that of the last `meeting`, else the end of the last month.

        Raises `Refusal` "day-unreadable" for what is no day, "since-not-before" for one that does not lie before the page's own.
        """
        asked = request.GET.get("since", "").strip()
        usual = meeting.held_on if meeting else periods.previous_month_end(now.as_of)
        day = periods.speakable(read_day(asked) if asked else usual)
        if day >= now.as_of:
            raise Refusal("since-not-before", since=day, as_of=now.as_of)
        seen_by = meeting.known_at if meeting and meeting.held_on == day else end_of(day)
        known_at = min(seen_by, now.known_at) if now.known_at else seen_by
        then, corrected = now.earlier(known_at), request.GET.get("against") == "now"
        before, after = stand_at([(day, now.read if corrected else then), (now.as_of, now.read)])
        return cls(day, then.head, before, after, corrected)

    def changes(self, paths: tuple[str, ...], most: int | None = SHOWN) -> Changes:
        """What has changed since, of what these bodies answer for; under each head at most so many."""
        return changes(self.before, self.after, within(paths), head_then=self.head, most=most)

    @property
    def key(self) -> Hashable:
        """What names both sides."""
        return (kept.of(self.before), kept.of(self.after), self.head)

    @property
    def early(self) -> date | None:
        """The month whose reports had mostly not come by then; None where they had, or where they are known now."""
        ended = periods.ended_month(self.day)
        return None if self.corrected or (self.day - ended).days > Reports().grace_days else ended


def last_meeting(now: Moment, paths: tuple[str, ...]) -> Meeting | None:
    """The newest meeting that a page's moment can ask about."""
    return meetings.last(paths, before=now.as_of, known_at=now.known_at)


def presets(as_of: date, meeting: Meeting | None = None) -> list[tuple[date, str]]:
    """The days since which a meeting mostly asks; a day that goes by two names stands once."""
    offered = (
        *([(meeting.held_on, _("the last meeting"))] if meeting else []),
        (as_of - WEEK, _("a week ago")),
        (periods.previous_month_end(as_of), _("the end of last month")),
        (_quarter_ended(as_of), _("the end of last quarter")),
        (date(as_of.year, 1, 1) - DAY, _("the end of last year")),
    )
    named: dict[date, str] = {}
    for day, words in offered:
        if day.year in periods.YEARS:
            named.setdefault(day, words)
    return list(named.items())


def _quarter_ended(as_of: date) -> date:
    """The last day of the quarter before the one in which a day lies."""
    return date(as_of.year, (as_of.month - 1) // 3 * 3 + 1, 1) - DAY


@dataclass(frozen=True, slots=True)
class Sides:
    """How one head differs from the same at the other one of then and since: the keys that are `here` alone, and who is there alone."""

    here: frozenset[Any] = frozenset()
    names: str = ""

    @classmethod
    def of(cls, here: Listed, there: Listed | None) -> Sides:
        """Nothing differs where no moment was named."""
        if there is None:
            return cls()
        rows = [row for row in there.rows if _key(row) not in here.keys]
        named = [display.told(_promise(row)) for row in rows[:NAMED]]
        return cls(here.keys - there.keys, stakes.named(named, len(there.keys - here.keys)) if named else "")

    def __bool__(self) -> bool:
        return bool(self.here or self.names)


def _promise(row: Any) -> Any:
    """The undertaking that a row is about."""
    return row.standing.undertaking if isinstance(row, Turned) else row.entry.undertaking if isinstance(row, Rewritten) else row


def _key(row: Any) -> int:
    """What `Listed.keys` calls a row."""
    key: int = row.entry.seq if isinstance(row, Rewritten) else _promise(row).pk
    return key


@dataclass(frozen=True, slots=True)
class Head:
    """What changed in one way, under its words."""

    name: str
    words: str
    listed: Listed
    sides: Sides = Sides()

    def named(self, most: int) -> str:
        """The first names, and how many more there are."""
        return stakes.named([display.told(row.standing.undertaking) for row in self.listed.rows[:most]], self.listed.count)


def heads(words: Mapping[str, Any], told: Mapping[str, Listed], others: Mapping[str, Listed] | None = None) -> list[Head]:
    """What changed by head, in the order of the words, beside what `others` tell; heads without a row on either side are left out."""
    found = [Head(name, str(words[name]), told[name], Sides.of(told[name], others[name] if others else None)) for name in words]
    return [head for head in found if head.listed.count or head.sides]


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the one-pager: what changed in one way, how often, and the first of it."""

    words: str
    count: int
    told: str


def lines(told: Changes) -> list[Line]:
    """Everything that changed, in few lines: a sheet of paper has an end. All days that came share one."""
    found = [Line(head.words, head.listed.count, head.named(NAMED)) for head in heads(stakes.TURNS, told.turned)]
    days = heads(stakes.REACHED, told.reached)
    reached = [
        _("%(what)s: %(count)s (%(names)s)") % {"what": head.words, "count": display.number(head.listed.count), "names": head.named(FEW)}
        for head in days
    ]
    found.append(Line(_("Days that came"), sum(head.listed.count for head in days), stakes.sentences(reached)))
    for words, listed in ((_("Figures corrected"), told.corrected), (_("Plans written anew"), told.replanned)):
        found.append(Line(words, listed.count, stakes.sentences([stakes.rewritten(row) for row in listed.rows[:FEW]])))
    entered = [display.told(promise) for promise in told.entered.rows[:FEW]]
    found.append(Line(_("New undertakings"), told.entered.count, stakes.named(entered, told.entered.count)))
    return [line for line in found if line.count]


def _told(now: Moment, since: Since, paths: tuple[str, ...], others: Changes | None) -> dict[str, Any]:
    told = since.changes(paths)
    turned = heads(stakes.TURNS, told.turned, others.turned if others else None)
    reached = heads(stakes.REACHED, told.reached, others.reached if others else None)
    rest = ("corrected", "replanned", "entered")
    sides = {name: Sides.of(getattr(told, name), getattr(others, name) if others else None) for name in rest}
    differ = [one for one in (*(head.sides for head in (*turned, *reached)), *sides.values()) if one]
    facts = {"moment": now, "since": since, "changes": told, "turned": turned, "reached": reached, "sides": sides}
    return {**facts, "side": beside.other_side(now), "differ": len(differ), "any": told.count or differ}


def _compared(
    request: HttpRequest,
    now: Moment,
    page: str,
    told: Callable[[Moment, Since, tuple[str, ...]], dict[str, Any]],
    *,
    here: str,
    key: Hashable = None,
) -> HttpResponse:
    """A page that is compared with the day in its address, or that says what is wrong with that day."""
    paths, template = paths_of(request.user), f"web/watch/{page}.html"
    meeting = last_meeting(now, paths)
    facts = {"here": here, "moment": now, "presets": presets(now.as_of, meeting), "typed": request.GET.get("since", "")}
    try:
        since = Since.read(request, now, meeting)
    except Refusal as refusal:
        return render(request, template, {**facts, "refusal": refusal}, status=409)
    body = kept.part(request, f"web/watch/_{page}.html", lambda: told(now, since, paths), since.key, paths, key)
    return render(request, template, {**facts, "since": since, "body": body, "known": now.known_at or timezone.now()})


@permit("desk.read")
@require_safe
@turned
def changed(request: HttpRequest, now: Moment) -> HttpResponse:
    """What has changed since a day: lights, days, figures, plans, undertakings."""

    def told(now: Moment, since: Since, paths: tuple[str, ...]) -> dict[str, Any]:
        def at(other: Moment) -> Changes:
            return Since.read(request, other, last_meeting(other, paths)).changes(paths)

        return _told(now, since, paths, beside.at_other(now, at))

    return _compared(request, now, "changes", told, here="changes", key=beside.other_key(now))


def _page(now: Moment, since: Since, paths: tuple[str, ...]) -> dict[str, Any]:
    rows = watching.watch(since.after, within(paths), known_at=now.known_at)
    worst, told = shared(ranked(rows, now.as_of)), lines(since.changes(paths))
    return {
        "moment": now,
        "since": since,
        "lines": told,
        "lights": overview(since.after, within(paths)).lights,
        "total": stakes.total(Total.of(rows), now.as_of),
        "worst": worst,
        "tables": [(money, chosen) for money, chosen in zip((True, False), parted(worst), strict=True) if chosen],
        "rest": max(0, len(rows) - WORST),
        "dense": dense(worst, told),
    }


def shared(rows: list[Row], most: int = WORST) -> list[Row]:
    """The first rows, places shared between money and everything else by how many there are of each: neither crowds out the other."""
    money, rest = parted(rows)
    places = -(-most * len(money) // max(len(rows), 1))
    places = max(min(places, most - bool(rest)), most - len(rest))
    return money[:places] + rest[: most - min(places, len(money))]


def _width(words: str) -> int:
    return sum(1 + (east_asian_width(letter) in "FW") for letter in words)


def dense(worst: list[Row], told: list[Line]) -> bool:
    """Whether all that is to be said asks for smaller letters, so that it stays on one sheet."""
    cells = [
        (display.told(promise), f"{display.told(promise.lead_body)} {row.who}", wording.reason(row.standing), wording.cure(row.standing))
        for row, promise in ((row, row.standing.undertaking) for row in worst)
    ]
    widths = [_width(words) for words in (*chain.from_iterable(cells), *(line.told for line in told))]
    return sum(min(width, LINE) for width in widths) > ROOMY


@permit("desk.read")
@require_safe
@turned
def meeting(request: HttpRequest, now: Moment) -> HttpResponse:
    """One page for a meeting: what is at stake, the worst ten, and what has changed since the last one."""
    return _compared(request, now, "meeting", _page, here="watch")
