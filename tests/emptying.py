"""How the database is emptied after a test that really committed."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.backends.base.operations import BaseDatabaseOperations

_LEFT: dict[str, str] = {}


def remember(connection: Any) -> None:
    """Keep the rows that the migrations left: every test that commits starts from them."""
    _LEFT[connection.alias] = connection.creation.serialize_db_to_string()


def empty(self: BaseDatabaseOperations, sql_list: list[str]) -> None:
    """Bring the database back to what the migrations left.

    The ledger's triggers refuse deletion, as they should. They are set aside for this one
    transaction and stand again when it ends.
    """
    connection: Any = self.connection
    with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
        triggers: list[tuple[str, str]] = []
        if connection.vendor == "sqlite":
            cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
            triggers = cursor.fetchall()
            for name, _ in triggers:
                cursor.execute(f'DROP TRIGGER "{name}"')
        else:
            cursor.execute("SET LOCAL session_replication_role = replica")
        for sql in sql_list:
            cursor.execute(sql)
        for cache in settings.CACHES.values():
            if cache["BACKEND"].endswith("DatabaseCache"):
                cursor.execute(f'DELETE FROM "{cache["LOCATION"]}"')
        connection.creation.deserialize_db_from_string(_LEFT[connection.alias])
        for _, sql in triggers:
            cursor.execute(sql)


BaseDatabaseOperations.execute_sql_flush = empty  # type: ignore[method-assign]
