"""The two clocks of a page: the day that the facts speak of, and the moment up to which the ledger is read."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from functools import wraps
from typing import Any, Final

from django.http import HttpRequest, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.http import urlencode

from duban.core.periods import YEARS, speakable
from duban.core.refusals import Refusal
from duban.ledger import reads as ledger
from duban.registry import past
from duban.standing.actions import Read, stand
from duban.standing.models import Snapshot
from duban.web.context import today

ASKED: Final = ("as_of", "known_at", "corrected")
"""What an address asks by: a day, a moment, and whether to show instead what was corrected since that moment."""
_LAST: Final = 999_999
"""The microsecond at which a second has passed."""


@dataclass(frozen=True, slots=True)
class Moment:
    """`head` is what `known_at` was turned into, once; `known_at` of None is now.

    `revision` is the registry's at the same moment. `then` is the moment that the reader named. It is `known_at`, unless the page shows
    what was `corrected` since. `beside` and `beside_revision` are the other one's of the two; None where no moment was named.
    """

    as_of: date
    head: int
    known_at: datetime | None = None
    turned: bool = False
    then: datetime | None = None
    beside: int | None = None
    revision: int = 0
    beside_revision: int = 0

    @property
    def corrected(self) -> bool:
        """Whether the page shows, beside a moment that was named, what the ledger says now."""
        return self.then is not None and self.known_at is None

    @property
    def ahead(self) -> bool:
        """Whether the day has not come yet."""
        return self.as_of > today()

    @property
    def other(self) -> Moment | None:
        """The other one of what was known then and what was corrected since; None where no moment was named."""
        if self.then is None or self.beside is None:
            return None
        heads = {"head": self.beside, "revision": self.beside_revision, "beside": self.head, "beside_revision": self.revision}
        return replace(self, **heads, known_at=self.then if self.corrected else None)

    @property
    def read(self) -> Read:
        """Up to where this moment reads."""
        return Read(self.head, self.revision, self.known_at, self.registry)

    def earlier(self, known_at: datetime) -> Read:
        """Up to where one reads who knew what was known by `known_at`, and no more than is known at this moment."""
        (head, revision), (_newest, present) = ledger.since(known_at)
        revision = min(revision, self.revision)
        return Read(min(head, self.head), revision, known_at, revision if revision != present else None)

    @property
    def registry(self) -> int | None:
        """The revision by which `past.at` reads the registry; None where it stands so today."""
        return self.revision if self.known_at and self.revision != self.beside_revision else None

    @property
    def asked(self) -> dict[str, str]:
        """This moment as an address or a form asks for it; empty for now."""
        if not self.turned:
            return {}
        facts = {"as_of": self.as_of.isoformat()}
        if self.then:
            facts["known_at"] = written(self.then)
        return facts | ({"corrected": "1"} if self.corrected else {})

    @property
    def query(self) -> str:
        """The part of an address that keeps this moment, without a question mark; empty for now."""
        return urlencode(self.asked)

    @property
    def since_query(self) -> str:
        """As `query`, for what was corrected since the moment that was named."""
        return urlencode(self.asked | {"corrected": "1"})

    @property
    def known_on(self) -> str:
        """The moment that was named as a form's field wants it, to the second."""
        return f"{timezone.localtime(self.then):%Y-%m-%dT%H:%M:%S}" if self.then else ""

    def names(self, title: str, ending: str) -> str:
        """The name of a file that tells this moment: its day, what it was known at if a moment was named, and the ledger's head."""
        known = f" known {timezone.localtime(self.known_at):%Y-%m-%dT%H%M%S}" if self.known_at else ""
        return f"{title} {self.as_of}{known} head {self.head}.{ending}"


def read_day(text: str) -> date:
    """A day as forms send it. Raises `Refusal` "day-unreadable"."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Refusal("day-unreadable", day=text) from None


def read_moment(text: str) -> datetime:
    """A moment as forms send it, in local time unless it says otherwise; a day or a second alone is its end.

    Raises `Refusal` "moment-unreadable".
    """
    try:
        read = datetime.fromisoformat(text)
    except ValueError:
        raise Refusal("moment-unreadable", moment=text) from None
    if read.year not in YEARS:
        raise Refusal("moment-unreadable", moment=text)
    if len(text) == len("2021-08-31"):
        read = datetime.combine(read.date(), time.max)
    elif text[16:17] == ":" and "." not in text:
        read = read.replace(microsecond=_LAST)
    return read if timezone.is_aware(read) else timezone.make_aware(read)


def written(moment: datetime) -> str:
    """A moment, in local time, as `read_moment` reads it back to the microsecond."""
    local = timezone.localtime(moment)
    if local.microsecond == _LAST:
        return f"{local:%Y-%m-%dT%H:%M:%S}"
    return f"{local:%Y-%m-%dT%H:%M:%S.%f}" if local.second or local.microsecond else f"{local:%Y-%m-%dT%H:%M}"


def end_of(day: date) -> datetime:
    """The moment at which a day has passed, in local time."""
    return timezone.make_aware(datetime.combine(day, time.max))


def moment(request: HttpRequest) -> Moment:
    """The page's moment: what the reader asked for, else today as known now. What lies ahead is not known yet: it is now."""
    day, known = (request.GET.get(name, "").strip() for name in ASKED[:2])
    as_of = speakable(read_day(day)) if day else today()
    then = read_moment(known) if known else None
    if then and then > timezone.now():
        then = None
    found = _found(as_of, then, corrected=bool(request.GET.get("corrected")))
    request.moment = found  # type: ignore[attr-defined]  # what frames the page keeps it in its links
    return found


def _found(as_of: date, then: datetime | None, *, corrected: bool) -> Moment:
    if then is None:
        head, revision = ledger.present()
        return Moment(as_of=as_of, head=head, turned=as_of != today(), revision=revision)
    (head, revised), (newest, revision) = ledger.since(then)
    facts: dict[str, Any] = {"as_of": as_of, "turned": True, "then": then}
    if corrected:
        return Moment(head=newest, revision=revision, beside=head, beside_revision=revised, **facts)
    return Moment(head=head, revision=revised, known_at=then, beside=newest, beside_revision=revision, **facts)


View = Callable[..., HttpResponseBase]


def turned(view: View) -> View:
    """Give a view the moment that its reader asked for, and read the registry as it was known then until it has answered."""

    @wraps(view)
    def seen(request: HttpRequest, *args: Any, **named: Any) -> HttpResponseBase:
        now = moment(request)
        with past.at(now.registry):
            response = view(request, now, *args, **named)
        if isinstance(response, StreamingHttpResponse):
            response.streaming_content = _told(response.streaming_content, now.registry)
        return response

    return seen


def _told(parts: Iterable[Any], revision: int | None) -> Iterator[Any]:
    """What a view still tells after it has answered, each part read as the view reads."""
    rest, end = iter(parts), object()
    while True:
        with past.at(revision):
            part = next(rest, end)
        if part is end:
            return
        yield part


def snapshot_of(now: Moment) -> Snapshot:
    """The lights of a page's moment."""
    return stand(as_of=now.as_of, head=now.head, revision=now.revision, known_at=now.known_at)
