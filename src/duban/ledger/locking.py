"""One writer at a time: who holds the lock knows the head until their transaction ends."""

from __future__ import annotations

from django.db import connection

_LOCK = 0x64756261
"""PostgreSQL's advisory lock under which entries get their numbers."""


def lock() -> None:
    """Let nobody else append until this transaction ends. SQLite's transactions are immediate and need no more."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
