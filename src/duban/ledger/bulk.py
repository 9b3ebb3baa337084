"""Many rows into one table by the fastest way that the database has; constraints and triggers judge every row all the same."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.db import connection

Row = Sequence[Any]


def insert(table: str, columns: Sequence[str], rows: Iterable[Row]) -> None:
    """Write `rows`, whose values stand as the database keeps them: COPY on PostgreSQL, one prepared statement on SQLite.

    It belongs to the transaction that is open, so all rows are written or none.
    """
    named = ", ".join(f'"{column}"' for column in columns)
    with connection.cursor() as cursor, connection.wrap_database_errors:
        if connection.vendor == "postgresql":
            with cursor.cursor.copy(f'COPY "{table}" ({named}) FROM STDIN') as copy:
                for row in rows:
                    copy.write_row(row)
        else:
            marks = ", ".join("?" * len(columns))
            connection.connection.executemany(f'INSERT INTO "{table}" ({named}) VALUES ({marks})', rows)
