"""Triggers that keep records as they were written, on SQLite and PostgreSQL alike.

They are installed by migrations and again by `duban migrate`, because SQLite forgets a table's triggers
when a later migration rebuilds the table; `missing` is what start-up and the health check look at.
"""

from __future__ import annotations

from typing import Any

APPEND_ONLY = ("ledger_entry", "ledger_batch", "ledger_entryevidence", "press_edition")
"""Tables of which no row ever changes or goes."""

_UNIQUE = {
    "ledger_batch": "id = NEW.id",
    "ledger_entryevidence": "id = NEW.id OR (entry_id = NEW.entry_id AND evidence_id = NEW.evidence_id)",
    "press_edition": "id = NEW.id OR (article_id = NEW.article_id AND number = NEW.number)",
}
"""What makes a new row take an old one's place in SQLite's INSERT OR REPLACE, which deletes without asking the
trigger that refuses deletion. An entry's own chain refuses it already."""

REGISTRY = (
    "registry_undertaking",
    "registry_programme",
    "registry_measure",
    "people_body",
)
"""Tables whose changes count as a revision of the registry, because standings and figures read them."""

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
        for verb in ("INSERT", "UPDATE", "DELETE"):
            name = f"{table}_revises_{verb.lower()}"
            made[name] = (
                f"CREATE TRIGGER IF NOT EXISTS {name} AFTER {verb} ON {table} BEGIN UPDATE registry_revision SET number = number + 1; END"
            )
    return made


_POSTGRESQL_FUNCTIONS = f"""
CREATE OR REPLACE FUNCTION duban_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'append-only: %', TG_TABLE_NAME; END $$;
CREATE OR REPLACE FUNCTION duban_chain() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.seq <> (SELECT COALESCE(MAX(seq), 0) + 1 FROM ledger_entry) THEN
    RAISE EXCEPTION 'ledger: seq must be the next';
  END IF;
  IF NEW.replaces IS DISTINCT FROM (SELECT MAX(seq) FROM ledger_entry WHERE {_SLOT}) THEN
    RAISE EXCEPTION 'ledger: an entry must replace the last of its slot';
  END IF;
  RETURN NEW;
END $$;
CREATE OR REPLACE FUNCTION duban_revise() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN UPDATE registry_revision SET number = number + 1; RETURN NULL; END $$;
"""


def _postgresql(table: str) -> dict[str, str]:
    made: dict[str, str] = {}
    if table in APPEND_ONLY:
        made[f"{table}_keeps"] = (
            f"CREATE OR REPLACE TRIGGER {table}_keeps BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION duban_append_only()"
        )
    if table == "ledger_entry":
        made["ledger_entry_chain"] = (
            "CREATE OR REPLACE TRIGGER ledger_entry_chain BEFORE INSERT ON ledger_entry FOR EACH ROW EXECUTE FUNCTION duban_chain()"
        )
    if table in REGISTRY:
        made[f"{table}_revises"] = (
            f"CREATE OR REPLACE TRIGGER {table}_revises AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION duban_revise()"
        )
    return made


def wanted(vendor: str) -> dict[str, tuple[str, str]]:
    """Trigger name → (table, SQL that makes it)."""
    make = _sqlite if vendor == "sqlite" else _postgresql
    tables = dict.fromkeys((*APPEND_ONLY, *REGISTRY))
    return {name: (table, sql) for table in tables for name, sql in make(table).items()}


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
    """Make every trigger whose table exists; harmless when they are there already."""
    tables = set(connection.introspection.table_names())
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(_POSTGRESQL_FUNCTIONS)
        for table, sql in wanted(connection.vendor).values():
            if table in tables:
                cursor.execute(sql)
