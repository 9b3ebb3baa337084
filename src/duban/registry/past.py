"""The registry as it stood at one of its revisions, for whatever asks the database within `at`.

A query keeps its words: the tables that it names are put in front of it as queries over their versions, under the same names, so a
past list, count or light is asked for exactly as a present one. Within no `at` nothing is put in front of anything.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from contextvars import ContextVar
from datetime import datetime
from functools import lru_cache
from typing import Any, Final

from django.db import connection

from duban.registry import versions
from duban.registry.models import Revision

_NAMED: Final = re.compile(rf"\b({'|'.join(versions.STANDS)})\b")
_WITH: Final = re.compile(r"\s*WITH ", re.IGNORECASE)
_LINKS: Final = frozenset(name for name, model in versions.STANDS.items() if model._meta.auto_created)
"""Tables whose rows nothing names. Of the others a row that was deleted outright, which no action does, is gone from the past too."""

_reading: ContextVar[int | None] = ContextVar("reading", default=None)


def reading() -> int | None:
    """The revision by which the registry is being read; None for as it is now."""
    return _reading.get()


@contextmanager
def at(revision: int | None) -> Iterator[None]:
    """Read the registry as it stood at `revision`; None reads it as it is now, also within another `at`.

    Only for reading: a row of the registry that was read so must not be saved.
    """
    features, idle = connection.features, _turned not in connection.execute_wrappers
    grouping, token = features.allows_group_by_selected_pks, _reading.set(revision)
    tables_alone = type(features).allows_group_by_selected_pks  # a query has no primary key by which the rest could be grouped
    features.allows_group_by_selected_pks = tables_alone and revision is None
    try:
        with connection.execute_wrapper(_turned) if revision is not None and idle else nullcontext():
            yield
    finally:
        features.allows_group_by_selected_pks = grouping
        _reading.reset(token)


def _turned(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
    revision = _reading.get()
    return execute(sql if revision is None else _before(sql, revision), params, many, context)


def _before(sql: str, revision: int) -> str:
    """The SQL with the past of every table that it names in front of it."""
    named = sorted(set(_NAMED.findall(sql)))
    if not named:
        return sql
    quoted, vendor = connection.ops.quote_name, connection.vendor
    tables = ", ".join(f"{quoted(name)} AS NOT MATERIALIZED ({_stood(name, vendor, revision)})" for name in named)
    rest = _WITH.sub("", sql, count=1) if _WITH.match(sql) else None
    return f"WITH {tables} {sql}" if rest is None else f"WITH {tables}, {rest}"


@lru_cache
def _stood(name: str, vendor: str, revision: int) -> str:
    """The rows of a table at a revision: of each row the last version that had begun by then.

    What is open to everybody was so then and is so now: whatever has been taken from the public stays taken. Words that are kept of
    today alone are today's.
    """
    quoted, kept, now = connection.ops.quote_name, set(versions.columns(name)), versions.STANDS[name]._meta
    told = [_column(quoted(field.column), field.column, kept) for field in now.local_concrete_fields]
    version, live = quoted(versions.table(name)), f"main.{quoted(name)}" if vendor == "sqlite" else quoted(name)
    still = "" if name in _LINKS else f" JOIN {live} AS live ON live.id = v.id"
    return (
        f"SELECT {', '.join(told)} FROM {version} AS v{still} WHERE v.began <= {revision} AND NOT v.gone AND NOT EXISTS "
        f"(SELECT 1 FROM {version} AS later WHERE later.id = v.id AND later.began > v.began AND later.began <= {revision})"
    )


def _column(quoted: str, name: str, kept: set[str]) -> str:
    if name == "public":
        return f"v.{quoted} AND live.{quoted} AS {quoted}"
    return f"v.{quoted}" if name in kept else f"live.{quoted}"


@contextmanager
def written(at: datetime) -> Iterator[None]:
    """Let what changes in the registry be known since `at`, as for a past that is loaded. Revisions that are there begin no later."""
    before = Revision.objects.values_list("clock", flat=True).get()
    Revision.objects.update(clock=at)
    try:
        yield
    finally:
        Revision.objects.update(clock=before)
