"""The ground that the suite stands on, laid before Django reads its settings.

The suite chooses its own environment: no DUBAN_ variable of the person who runs it counts, except
the database. Nothing is written outside a temporary folder that ends with the process.
"""

from __future__ import annotations

import atexit
import json
import os
import shutil
import tempfile
from typing import Any

from django.conf import settings
from django.db import connections, transaction
from django.db.backends.base.operations import BaseDatabaseOperations

DATABASE = os.environ.get("DUBAN_DATABASE_URL", "")

for name in [name for name in os.environ if name.startswith("DUBAN_")]:
    del os.environ[name]

STATE = tempfile.mkdtemp(prefix="duban-tests-")
atexit.register(shutil.rmtree, STATE, ignore_errors=True)
os.environ["DUBAN_STATE"] = STATE
if DATABASE:
    os.environ["DUBAN_DATABASE_URL"] = DATABASE
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"  # Playwright keeps an event loop running in the test's thread


def empty(self: BaseDatabaseOperations, sql_list: list[str]) -> None:
    """Bring the database back to what the migrations left, after a test that really committed.

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
        kept = getattr(connections[connection.alias], "_test_serialized_contents", None)
        if kept and json.loads(kept):
            connection.creation.deserialize_db_from_string(kept)
        for _, sql in triggers:
            cursor.execute(sql)


BaseDatabaseOperations.execute_sql_flush = empty  # type: ignore[method-assign]
