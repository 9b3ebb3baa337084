"""The ledger's triggers on PostgreSQL, which look at all rows of a statement together: a hundred thousand cost one question, not as many.

That an entry replaces the last of its slot follows from three rules: a slot has one entry that replaces nothing, no entry is
replaced twice (both unique), and the replaced is an earlier one of the same slot, which is what the chain's trigger asks.

A foreign key asks once for each row, which takes most of the time of a large batch. The ledger's five are therefore kept by the same
triggers: every row that a batch names is looked up, and held until the transaction ends; no row that the ledger names may go.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

NAMED: Final = {
    "undertaking_id": "registry_undertaking",
    "measure_id": "registry_measure",
    "submitted_by_id": "people_user",
    "accepted_by_id": "people_user",
    "batch_id": "ledger_batch",
}
"""The ledger's columns that name a row of another table."""

_NAMED_EXIST: Final = "".join(
    f"""
  PERFORM 1 FROM {table} WHERE id IN (SELECT {column} FROM added) FOR KEY SHARE;
  IF EXISTS (SELECT 1 FROM added a WHERE NOT EXISTS (SELECT 1 FROM {table} t WHERE t.id = a.{column})) THEN
    RAISE EXCEPTION 'ledger: {column} names no row of {table}' USING ERRCODE = 'foreign_key_violation';
  END IF;"""
    for column, table in NAMED.items()
)

FUNCTIONS: Final = f"""
CREATE OR REPLACE FUNCTION duban_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'append-only: %', TG_TABLE_NAME; END $$;
CREATE OR REPLACE FUNCTION duban_chain() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE first bigint; last bigint; many bigint;
BEGIN
  SELECT MIN(seq), MAX(seq), COUNT(*) INTO first, last, many FROM added;
  IF many = 0 THEN RETURN NULL; END IF;
  IF last - first + 1 <> many OR first <> COALESCE((SELECT MAX(seq) FROM ledger_entry WHERE seq < first), 0) + 1
      OR last <> (SELECT MAX(seq) FROM ledger_entry) THEN
    RAISE EXCEPTION 'ledger: seq must be the next';
  END IF;
  IF EXISTS (SELECT 1 FROM added a WHERE a.replaces IS NOT NULL AND NOT EXISTS (
      SELECT 1 FROM ledger_entry e WHERE e.seq = a.replaces AND e.seq < a.seq AND e.undertaking_id = a.undertaking_id
        AND e.measure_id = a.measure_id AND e.kind = a.kind AND e.period = a.period)) THEN
    RAISE EXCEPTION 'ledger: an entry must replace the last of its slot';
  END IF;{_NAMED_EXIST}
  RETURN NULL;
END $$;
CREATE OR REPLACE FUNCTION duban_named() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE named boolean;
BEGIN
  IF TG_OP = 'UPDATE' THEN
    RAISE EXCEPTION 'ledger: a row of % that the ledger may name keeps its id', TG_TABLE_NAME USING ERRCODE = 'foreign_key_violation';
  END IF;
  IF TG_OP = 'TRUNCATE' THEN
    IF EXISTS (SELECT 1 FROM ledger_entry) THEN
      RAISE EXCEPTION 'ledger: rows of % are named by the ledger', TG_TABLE_NAME USING ERRCODE = 'foreign_key_violation';
    END IF;
    RETURN NULL;
  END IF;
  FOR place IN 0 .. TG_NARGS - 1 LOOP
    EXECUTE format('SELECT EXISTS (SELECT 1 FROM ledger_entry e JOIN gone g ON e.%I = g.id)', TG_ARGV[place]) INTO named;
    IF named THEN
      RAISE EXCEPTION 'ledger: a row of % is named by the ledger', TG_TABLE_NAME USING ERRCODE = 'foreign_key_violation';
    END IF;
  END LOOP;
  RETURN NULL;
END $$;
CREATE OR REPLACE FUNCTION duban_revise() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  names text := TG_ARGV[0]; kept text := format('INSERT INTO %I (%s, began, gone) ', TG_TABLE_NAME || '_version', names);
  revised bigint; told timestamptz; touched boolean := true;
BEGIN
  IF TG_OP = 'DELETE' THEN
    SELECT EXISTS (SELECT 1 FROM removed) INTO touched;
  ELSIF TG_OP <> 'TRUNCATE' THEN
    SELECT EXISTS (SELECT 1 FROM added) INTO touched;
  END IF;
  IF NOT touched THEN RETURN NULL; END IF;
  UPDATE registry_revision SET number = number + 1 RETURNING number, clock INTO revised, told;
  INSERT INTO registry_revised (number, at)
    VALUES (revised, GREATEST(COALESCE(told, clock_timestamp()), (SELECT MAX(at) FROM registry_revised)));
  IF TG_OP = 'INSERT' THEN
    EXECUTE format('%s SELECT %s, $1, false FROM added', kept, names) USING revised;
  ELSIF TG_OP = 'UPDATE' THEN
    EXECUTE format('%s SELECT *, $1, false FROM (SELECT %s FROM added EXCEPT SELECT %2$s FROM removed) AS other', kept, names)
      USING revised;
    EXECUTE format('%s SELECT %s, $1, true FROM removed WHERE id NOT IN (SELECT id FROM added)', kept, names) USING revised;
  ELSIF TG_OP = 'DELETE' THEN
    EXECUTE format('%s SELECT %s, $1, true FROM removed', kept, names) USING revised;
  ELSE
    EXECUTE format('%s SELECT %s, $1, true FROM %I AS v WHERE NOT gone AND NOT EXISTS '
      '(SELECT 1 FROM %3$I AS later WHERE later.id = v.id AND later.began > v.began)', kept, names, TG_TABLE_NAME || '_version')
      USING revised;
  END IF;
  RETURN NULL;
END $$;
"""

LIGHTEN: Final = f"""
DO $$
DECLARE key record;
BEGIN
  IF to_regclass('ledger_entry') IS NULL THEN RETURN; END IF;
  FOR key IN SELECT conname FROM pg_constraint c JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1]
      WHERE c.conrelid = 'ledger_entry'::regclass AND c.contype = 'f' AND a.attname IN ({", ".join(f"'{column}'" for column in NAMED)}) LOOP
    EXECUTE format('ALTER TABLE ledger_entry DROP CONSTRAINT %I', key.conname);
  END LOOP;
END $$;
"""
"""Takes the foreign keys away whose work the triggers do; run after they stand."""


def keeps(table: str) -> dict[str, str]:
    """What refuses every change of a table's rows."""
    return {
        f"{table}_keeps": (
            f"CREATE OR REPLACE TRIGGER {table}_keeps BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION duban_append_only()"
        )
    }


def revises(table: str, columns: Sequence[str]) -> dict[str, str]:
    """What counts the changes of a table of the registry, and writes the versions of these columns of its rows."""
    seen = {
        "INSERT": "REFERENCING NEW TABLE AS added",
        "UPDATE": "REFERENCING NEW TABLE AS added OLD TABLE AS removed",
        "DELETE": "REFERENCING OLD TABLE AS removed",
        "TRUNCATE": "",
    }
    names = ", ".join(f'"{name}"' for name in columns)
    return {
        f"{table}_keeps_{verb.lower()}": (
            f"CREATE OR REPLACE TRIGGER {table}_keeps_{verb.lower()} AFTER {verb} ON {table} {rows} "
            f"FOR EACH STATEMENT EXECUTE FUNCTION duban_revise('{names}')"
        )
        for verb, rows in seen.items()
    }


def chain() -> dict[str, tuple[str, str]]:
    """What holds the ledger's numbers and chains together, and the rows that it names."""
    made = {
        "ledger_entry_chain": (
            "ledger_entry",
            "CREATE OR REPLACE TRIGGER ledger_entry_chain AFTER INSERT ON ledger_entry REFERENCING NEW TABLE AS added "
            "FOR EACH STATEMENT EXECUTE FUNCTION duban_chain()",
        )
    }
    for table in dict.fromkeys(NAMED.values()):
        columns = ", ".join(f"'{column}'" for column, named in NAMED.items() if named == table)
        made[f"{table}_named"] = (
            table,
            f"CREATE OR REPLACE TRIGGER {table}_named AFTER DELETE ON {table} REFERENCING OLD TABLE AS gone "
            f"FOR EACH STATEMENT EXECUTE FUNCTION duban_named({columns})",
        )
        made[f"{table}_same"] = (
            table,
            f"CREATE OR REPLACE TRIGGER {table}_same BEFORE UPDATE OF id ON {table} "
            "FOR EACH ROW WHEN (OLD.id IS DISTINCT FROM NEW.id) EXECUTE FUNCTION duban_named()",
        )
        made[f"{table}_whole"] = (
            table,
            f"CREATE OR REPLACE TRIGGER {table}_whole BEFORE TRUNCATE ON {table} FOR EACH STATEMENT EXECUTE FUNCTION duban_named()",
        )
    return made
