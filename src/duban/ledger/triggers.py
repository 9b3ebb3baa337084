"""Triggers that keep records as they were written, on SQLite and PostgreSQL alike.

They are installed by migrations and again by `duban migrate`, because SQLite forgets a table's triggers
when a later migration rebuilds the table; `missing` is what start-up and the health check look at.
"""

from __future__ import annotations

from typing import Any

from duban.ledger import triggers_postgresql as postgresql
from duban.registry import models as registry
from duban.registry import versions

REGISTRY = tuple(versions.STANDS)
"""Tables whose changes count as a revision of the registry, because standings and figures read them. Every version of a row is kept."""

APPEND_ONLY = (
    *("ledger_entry", "ledger_batch", "ledger_entryevidence", "press_edition"),
    *(registry.Revised._meta.db_table, *(versions.table(name) for name in REGISTRY)),
)
"""Tables of which no row ever changes or goes."""

_UNIQUE = {
    "ledger_batch": "id = NEW.id",
    "ledger_entryevidence": "id = NEW.id OR (entry_id = NEW.entry_id AND evidence_id = NEW.evidence_id)",
    "press_edition": "id = NEW.id OR (article_id = NEW.article_id AND number = NEW.number)",
    registry.Revised._meta.db_table: "number = NEW.number",
    **{versions.table(name): "version = NEW.version OR (id = NEW.id AND began = NEW.began)" for name in REGISTRY},
    **{model._meta.db_table: "id = NEW.id OR code = NEW.code" for model in versions.STANDS.values() if not model._meta.auto_created},
}
"""What makes a new row take an old one's place in SQLite's INSERT OR REPLACE, which deletes without asking a trigger of deletion.
An entry's own chain refuses it already."""

_SLOT = "undertaking_id = NEW.undertaking_id AND measure_id = NEW.measure_id AND kind = NEW.kind AND period = NEW.period"


def _sqlite(table: str) -> dict[str, str]:
    made: dict[str, str] = {}
    if table in APPEND_ONLY:
        for verb in ("UPDATE", "DELETE"):
            name = f"{table}_no_{verb.lower()}"
            made[name] = (
                f"CREATE TRIGGER IF NOT EXISTS {name} BEFORE {verb} ON {table} BEGIN SELECT RAISE(ABORT, 'append-only: {table}'); END"
            )
    if table in _UNIQUE:
        made[f"{table}_no_replace"] = (
            f"CREATE TRIGGER IF NOT EXISTS {table}_no_replace BEFORE INSERT ON {table} BEGIN "
            f"SELECT RAISE(ABORT, 'append-only: {table}') WHERE EXISTS (SELECT 1 FROM {table} WHERE {_UNIQUE[table]}); END"
        )
    if table == "ledger_entry":
        made["ledger_entry_chain"] = (
            "CREATE TRIGGER IF NOT EXISTS ledger_entry_chain BEFORE INSERT ON ledger_entry BEGIN "
            "SELECT RAISE(ABORT, 'ledger: seq must be the next') "
            "WHERE NEW.seq <> (SELECT COALESCE(MAX(seq), 0) + 1 FROM ledger_entry); "
            "SELECT RAISE(ABORT, 'ledger: an entry must replace the last of its slot') "
            f"WHERE NEW.replaces IS NOT (SELECT MAX(seq) FROM ledger_entry WHERE {_SLOT}); END"
        )
    if table in REGISTRY:
        for verb, wrote in _versions(table).items():
            name = f"{table}_keeps_{verb.lower()}"
            made[name] = f"CREATE TRIGGER IF NOT EXISTS {name} AFTER {verb} ON {table} BEGIN {_REVISES} {wrote} END"
    return made


_REVISES = (
    "UPDATE registry_revision SET number = number + 1; "
    "INSERT INTO registry_revised (number, at) SELECT number, MAX(COALESCE(clock, STRFTIME('%Y-%m-%d %H:%M:%f', 'now')), "
    "COALESCE((SELECT MAX(at) FROM registry_revised), '')) FROM registry_revision;"
)
"""A revision more, begun now, or no earlier than the last where a clock went backwards."""


def _versions(table: str) -> dict[str, str]:
    """What each kind of change writes among the versions: a row that says something else, or that is gone."""
    names = [f'"{name}"' for name in versions.columns(table)]
    new, old = (", ".join(f"{row}.{name}" for name in names) for row in ("NEW", "OLD"))
    into = f"INSERT INTO {versions.table(table)} ({', '.join(names)}, began, gone)"
    began, gone = (f"{into} SELECT {row}, number, {ended} FROM registry_revision" for row, ended in ((new, 0), (old, 1)))
    differs = f"WHERE EXISTS (SELECT {new} EXCEPT SELECT {old})"
    return {"INSERT": f"{began};", "UPDATE": f"{began} {differs}; {gone} WHERE OLD.id <> NEW.id;", "DELETE": f"{gone};"}


def wanted(vendor: str) -> dict[str, tuple[str, str]]:
    """Trigger name → (table, SQL that makes it)."""
    tables = dict.fromkeys((*APPEND_ONLY, *REGISTRY))
    if vendor == "sqlite":
        return {name: (table, sql) for table in tables for name, sql in _sqlite(table).items()}
    made = {name: (table, sql) for table in APPEND_ONLY for name, sql in postgresql.keeps(table).items()}
    made |= {name: (table, sql) for table in REGISTRY for name, sql in postgresql.revises(table, versions.columns(table)).items()}
    return made | postgresql.chain()


def present(connection: Any) -> set[str]:
    """Names of the triggers that the database has."""
    query = (
        "SELECT name FROM sqlite_master WHERE type = 'trigger'"
        if connection.vendor == "sqlite"
        else "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled <> 'D'"
    )
    with connection.cursor() as cursor:
        cursor.execute(query)
        return {row[0] for row in cursor.fetchall()}


def missing(connection: Any) -> list[str]:
    """Triggers that should be there and are not. Empty when the ledger is guarded."""
    return sorted(set(wanted(connection.vendor)) - present(connection))


def install(connection: Any) -> None:
    """Make every trigger whose tables exist; harmless when they are there already."""
    tables = set(connection.introspection.table_names())
    tables -= {table for table in REGISTRY if versions.table(table) not in tables}
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(postgresql.FUNCTIONS)
        for table, sql in wanted(connection.vendor).values():
            if table in tables:
                cursor.execute(sql)
        if connection.vendor == "postgresql":
            cursor.execute(postgresql.LIGHTEN)
