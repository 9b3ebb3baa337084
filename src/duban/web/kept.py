"""Rendered parts of pages, kept under everything that they depend on.

A snapshot of lights names its day, the ledger's head, the registry's revision and the rulebook; an edition never
changes. What is rendered from them alone can be kept without ever being out of date.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock
from typing import Any, Final, TypeVar

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from duban.press.models import Edition
from duban.standing.models import Snapshot
from duban.web import display

Value = TypeVar("Value")
LARGEST: Final = 400
"""Parts kept in one process, the least used forgotten first."""


class Shelf:
    """The last things that were made, by their keys."""

    def __init__(self, largest: int = LARGEST) -> None:
        self.largest = largest
        self._kept: OrderedDict[Hashable, Any] = OrderedDict()
        self._lock = Lock()

    def get(self, key: Hashable, make: Callable[[], Value]) -> Value:
        """What was made under `key`, made now if it was not. Two threads may both make it; they make the same."""
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                found: Value = self._kept[key]
                return found
        made = make()
        with self._lock:
            self._kept[key] = made
            while len(self._kept) > self.largest:
                self._kept.popitem(last=False)
        return made

    def clear(self) -> None:
        with self._lock:
            self._kept.clear()


_shelf = Shelf()


def of(snapshot: Snapshot | None) -> Hashable:
    """What names a snapshot, in this database and in no other; None for none."""
    return ("snapshot", snapshot.pk, snapshot.computed_at) if snapshot else None


def printed(edition: Edition) -> Hashable:
    """What names an edition, in this database and in no other."""
    return ("edition", edition.pk, edition.published_at)


def value(make: Callable[[], Value], *key: Hashable) -> Value:
    """A thing in the reader's language, kept under `key`."""
    return _shelf.get((display.language(), *key), make)


def part(request: HttpRequest, template: str, facts: Callable[[], dict[str, Any]], *key: Hashable) -> SafeString:
    """A rendered part of a page, kept under its template, the reader's language, the address's question and `key`.

    The template must show nothing of the reader: no name, no token, no message.
    """
    asked = (template, request.path, request.GET.urlencode())
    return value(lambda: render_to_string(template, facts(), request), *asked, *key)
