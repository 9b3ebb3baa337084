"""Every version of every row of the registry: what it said from one revision on, until a later version of the row takes its place.

Triggers write them (`duban.ledger.triggers`) and refuse every change of them; `duban.registry.past` reads them.
"""

from __future__ import annotations

from typing import Any, Final

from django.db import models

STANDS: Final[dict[str, type[models.Model]]] = {}
"""The tables whose versions are kept, with the model of the rows that stand in them now."""
TODAYS: Final = frozenset({"description", "description_en", "summary", "summary_en", "source", "source_en"})
"""Columns of which nothing but today's is kept: words to read, by which nothing is judged, grouped or found."""


def table(name: str) -> str:
    """The table with the versions of another table's rows."""
    return f"{name}_version"


def columns(name: str) -> list[str]:
    """The columns whose versions are kept of a table."""
    return [field.column for field in STANDS[name]._meta.local_concrete_fields if field.column not in TODAYS]


def kept(name: str, module: str, *, of: type[models.Model]) -> type[models.Model]:
    """The model `name` of the versions of a model's rows: the columns, the revision in which they `began`, whether the row is `gone`."""
    live = of._meta.db_table
    STANDS[live] = of

    class Meta:
        app_label = "registry"
        db_table = table(live)
        constraints = [models.UniqueConstraint(fields=["row", "began"], name=f"registry_{name.lower()}_once")]

    told = {_name(field): _plain(field) for field in of._meta.local_concrete_fields if field.column in columns(live)}
    own = {"version": models.BigAutoField(primary_key=True), "began": models.BigIntegerField(), "gone": models.BooleanField(default=False)}
    words = f"What a row of `{live}` said from the revision on in which this version `began`; `gone` is whether it is there no more."
    return type(name, (models.Model,), {"__module__": module, "__doc__": words, "Meta": Meta, **own, **told})


def _name(field: Any) -> str:
    return "row" if field.primary_key else str(field.attname)


def _plain(field: Any) -> models.Field[Any, Any]:
    """The column alone: neither unique, nor indexed, nor bound to another table."""
    if field.primary_key or field.is_relation:
        return models.BigIntegerField(null=field.null, db_column=field.column)
    _, _, args, options = field.deconstruct()
    made: models.Field[Any, Any] = type(field)(*args, **{**options, "unique": False, "db_index": False})
    return made
