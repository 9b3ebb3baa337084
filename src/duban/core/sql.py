"""Expressions as SQL with named placeholders, compiled once for each engine.

A parameter is `ibis.param("int64").name("head")`; the SQL reads it from `%(head)s`. Compiling an expression as
large as the lights takes a second, so its SQL is kept for the life of the process; whoever has a place for it keeps it longer,
under its `digest`.
"""

from __future__ import annotations

import re
from functools import lru_cache
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

import ibis
import ibis.expr.operations as ops
import ibis.expr.types as ir
import sqlglot
from sqlglot import exp
from sqlglot.optimizer.eliminate_subqueries import eliminate_subqueries

_SENTINEL: Final = 7_700_000_000_000_000_000
"""Parameters are compiled as these numbers, which no rule contains, and then given their names back."""


def parameters(expression: ir.Expr) -> dict[str, ir.Scalar]:
    """The parameters of an expression by name. Raises ValueError when two share a name or one has none."""
    found: dict[str, ir.Scalar] = {}
    for alias in expression.op().find(ops.Alias):
        if not isinstance(alias.arg, ops.ScalarParameter):
            continue
        if found.setdefault(alias.name, alias.arg.to_expr()).op() != alias.arg:
            raise ValueError(f"two parameters are named {alias.name}")
    nameless = set(expression.op().find(ops.ScalarParameter)) - {scalar.op() for scalar in found.values()}
    if nameless:
        raise ValueError(f"parameters without a name: {nameless}")
    return found


_WIDE: Final = 2**64
_OWN: Final = {
    "whole_div": {"duckdb": "({0} // {1})", "spark": "({0} DIV {1})", "": "({0} / {1})"},
    "packed": {
        "duckdb": f"(CAST({{0}} AS HUGEINT) * {_WIDE} + {{1}})",
        "spark": "CASE WHEN {1} IS NOT NULL THEN NAMED_STRUCT('period', {0}, 'amount', {1}) END",
    },
    "packed_period": {"duckdb": f"CAST(({{0}} + {_WIDE // 2}) // {_WIDE} AS BIGINT)", "spark": "({0}).period"},
    "packed_amount": {"duckdb": f"CAST({{0}} - ({{0}} + {_WIDE // 2}) // {_WIDE} * {_WIDE} AS BIGINT)", "spark": "({0}).amount"},
}
"""How engines write the functions that `duban.core.history` has and SQL has not; whole numbers are divided towards zero."""

_UNFOLDING: Final = {"duckdb", "spark"}
"""Engines that keep a step a step without the window of `history.settle`, which would cost them a sort."""


def flat(sql: str, dialect: str) -> str:
    """The same query as a list of named steps instead of queries within queries: SQLite's parser is 100 deep.

    The functions of `history` become the engine's own.
    """
    written = "spark" if dialect == "pyspark" else dialect

    def own(node: exp.Expr) -> exp.Expr:
        forms = _OWN.get(node.name.lower()) if isinstance(node, exp.Anonymous) else None
        if forms is None:
            return node
        parts = (f"({part.transform(own).sql(written)})" for part in node.expressions)
        return sqlglot.parse_one((forms.get(written) or forms[""]).format(*parts), read=written)

    tree = sqlglot.parse_one(sql, read=written).transform(own)
    if written in _UNFOLDING:
        _unsettle(tree)
    return eliminate_subqueries(tree).sql(dialect=written)


def _unsettle(tree: exp.Expr) -> None:
    """Take the windows of `history.settle` out of a query, and what names them."""
    for select in tree.find_all(exp.Select):
        select.set("expressions", [column for column in select.expressions if column.alias_or_name != "settled"])
    for star in tree.find_all(exp.Star):
        name = "except_" if "except_" in star.args else "except"
        kept = [column for column in star.args.get(name) or () if column.name != "settled"]
        star.set(name, kept or None)


_COMPILER: Final = sha256(f"{version('ibis-framework')} {version('sqlglot')}".encode() + Path(__file__).read_bytes()).hexdigest()
"""Names everything that turns an expression into its SQL."""


def digest(expression: ir.Table, dialect: str) -> str:
    """Names the SQL of an expression by all that it is compiled from: the same in every process, another after any change of either.

    Every node is named by its kind and what it holds, the nodes below it by their own names. Numbers that Ibis counts up in a
    process, by which it tells parameters and views of one table apart, become names and ranks.
    """
    root = expression.op()
    names = {scalar.op(): name for name, scalar in parameters(expression).items()}
    views = sorted({view.identifier for view in root.find(ops.SelfReference)})

    def named(node: ops.Node, _results: Any, **holds: Any) -> str:
        kind = f"{type(node).__module__}.{type(node).__qualname__}"
        if isinstance(node, ops.ScalarParameter):
            holds["counter"] = names[node]
        elif isinstance(node, ops.SelfReference):
            holds["identifier"] = views.index(node.identifier)
        elif isinstance(node, ops.ScalarUDF):  # Ibis makes a numbered class of each
            kind = f"{ops.ScalarUDF.__qualname__} {node.__func_name__} {node.dtype!r}"
        told = ((name, sorted(map(repr, held)) if isinstance(held, frozenset) else held) for name, held in holds.items())
        return sha256(repr((kind, *told)).encode()).hexdigest()

    return sha256(f"{_COMPILER} {dialect} {root.map(named)[root]}".encode()).hexdigest()


@lru_cache(maxsize=256)
def compiled(expression: ir.Table, dialect: str) -> tuple[str, frozenset[str]]:
    """SQL of `expression` in `dialect` with `%(name)s` placeholders, and the placeholders' names.

    Percent signs of the SQL itself are doubled, as Python's database interfaces ask.
    """
    named = parameters(expression)
    sentinels = {name: _SENTINEL + place for place, name in enumerate(sorted(named))}
    values = {named[name]: sentinel for name, sentinel in sentinels.items()}
    sql = flat(ibis.to_sql(expression, dialect=dialect, params=values, pretty=False), dialect).replace("%", "%%")
    names = {str(sentinel): name for name, sentinel in sentinels.items()}
    pattern = re.compile("|".join(names) or r"(?!)")
    return pattern.sub(lambda match: f"%({names[match[0]]})s", sql), frozenset(names.values())


def literal(expression: ir.Table, dialect: str, values: dict[str, int]) -> str:
    """SQL of `expression` with its parameters filled in, for engines that Django does not drive."""
    sql, names = compiled(expression, dialect)
    return sql % {name: int(values[name]) for name in names}
