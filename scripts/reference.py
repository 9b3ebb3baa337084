"""Write the documentation's reference pages from the code: `make reference`.

`python scripts/reference.py --check` writes nothing, prints what differs and exits with 1.
"""

from __future__ import annotations

import atexit
import difflib
import inspect
import itertools
import os
import shutil
import sys
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "docs" / "reference"


def _django() -> None:
    """Settings from nothing but their defaults, whatever the environment says."""
    import django

    for name in [name for name in os.environ if name.startswith("DUBAN_")]:
        del os.environ[name]
    state = tempfile.mkdtemp(prefix="duban-reference-")
    atexit.register(shutil.rmtree, state, ignore_errors=True)
    os.environ["DUBAN_STATE"] = state
    os.environ["DJANGO_SETTINGS_MODULE"] = "duban.settings"
    django.setup()


def _table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    lines = [list(head)]
    lines.append(["---"] * len(lines[0]))
    lines += [[" ".join(cell.split()).replace("|", "\\|") for cell in row] for row in rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines) + "\n"


def _page(title: str, *parts: str) -> str:
    made = "<!-- Written by scripts/reference.py from the code; change the code, then run make reference. -->"
    return "\n".join([f"# {title}\n", f"{made}\n", *(part.strip() + "\n" for part in parts)])


def _doc(thing: Any) -> str:
    return inspect.cleandoc(thing.__doc__ or "")


def settings() -> str:
    """Every environment variable."""
    from duban import config

    rows = ((f"`{s.name}`", f"`{s.default}`" if s.default else "", s.meaning) for s in config.SETTINGS)
    return _page(
        "Settings",
        "duban is set by environment variables. One that nobody declared, or a value that cannot be read, is refused at start-up, "
        "so a slip of the keyboard never goes unnoticed.",
        _table(("variable", "default", "meaning"), rows),
    )


def _kind(field: Any) -> str:
    from django.db import connections
    from django.db.backends.postgresql.base import DatabaseWrapper

    postgresql = DatabaseWrapper({**connections["default"].settings_dict, "OPTIONS": {}})
    return str(field.db_type(postgresql))


def _columns(model: Any) -> Iterator[tuple[str, ...]]:
    for field in model._meta.concrete_fields:
        notes = []
        if field.primary_key:
            notes.append("primary key")
        elif field.unique:
            notes.append("unique")
        if field.is_relation:
            notes.append(f"refers to `{field.related_model._meta.db_table}`")
        if field.choices:
            notes.append("one of " + ", ".join(f"`{value}`" for value, _ in field.choices))
        yield f"`{field.column}`", f"`{_kind(field)}`", "allowed" if field.null else "", "; ".join(notes)


def ledger() -> str:
    """The tables that are never changed."""
    from django.apps import apps

    from duban.ledger import triggers

    models = {model._meta.db_table: model for model in apps.get_models()}
    parts = []
    for table in triggers.APPEND_ONLY:
        model = models[table]
        parts += [f"## {table}", _doc(model), _table(("column", "type on PostgreSQL", "NULL", "notes"), _columns(model))]
        if model._meta.constraints:
            parts.append("Constraints: " + ", ".join(f"`{constraint.name}`" for constraint in model._meta.constraints) + ".")
    return _page(
        "The ledger's tables",
        "Triggers on SQLite and on PostgreSQL refuse every update and every deletion of a row in these tables. Amounts are whole "
        "ten-thousandths (12.5 is stored as 125000), days are numbers (20210831).",
        *parts,
        "## What counts as a change of the registry",
        "A change to one of these tables raises the registry's revision, so that nothing computed from the old rows is taken for new: "
        + ", ".join(f"`{table}`" for table in triggers.REGISTRY)
        + ".",
    )


def permits() -> str:
    """Who may do what, and which addresses ask for it."""
    from duban.people import permits as rules

    roles = list(rules.Role)
    rows = []
    for act, allowed in rules.ACTS.items():
        held = set(roles) if allowed == rules.SIGNED_IN else set(allowed)
        resident = "✓" if allowed == rules.SIGNED_IN else ""
        rows.append([f"`{act}`", resident, *("✓" if role in held else "" for role in roles)])
    return _page(
        "Who may do what",
        "A role holds in the body that it was given for and in every body below. Whoever holds no role is a resident. "
        "Everything that is not in these tables is refused.",
        _table(("act", "resident", *(role.value for role in roles)), rows),
        "## Addresses",
        "What an address asks of whoever opens it: `public` asks nothing. Signing in, passwords and second factors, below `accounts/`, "
        "are the pages of django-allauth and are not listed.",
        _table(("address", "asks for"), ((f"`/{route}`", f"`{mark}`") for route, mark in _addresses())),
    )


def _addresses() -> list[tuple[str, str]]:
    from django.urls import URLPattern, get_resolver

    def walk(patterns: list[Any], prefix: str) -> Iterator[tuple[str, str]]:
        for pattern in patterns:
            route = prefix + str(pattern.pattern)
            if isinstance(pattern, URLPattern):
                mark = getattr(pattern.callback, "permit", None)
                if mark is not None:
                    yield route, mark
            else:
                yield from walk(pattern.url_patterns, route)

    return sorted(set(walk(get_resolver().url_patterns, "")))


def lights() -> str:
    """The rules in the order in which they are asked."""
    from duban.core.rules import RULES

    return _page(
        "Lights",
        "The rules are asked from the top; the first that speaks decides. Severity 0 is worst and orders the watch-list. The figures are "
        "those of duban's own rulebook; a programme's [rulebook](rulebook.md) may have others.",
        _table(("rule", "light", "severity", "holds when"), ((f"`{r.name}`", r.light, str(r.severity), _doc(r.holds)) for r in RULES)),
    )


def rulebook() -> str:
    """Every key of a rulebook's file, and the published sets of figures."""
    from duban.core import rulefile
    from duban.core.rulebook import PRESETS, Rulebook

    parts = []
    for section in rulefile.SECTIONS:
        kind = type(getattr(Rulebook(), section))
        texts = _attribute_texts(kind)
        rows = (
            (f"`{name}`", rulefile.wanted(section, name) or "", f"`{_toml(part.default)}`", texts.get(name, ""))
            for name, part in rulefile.declared(section).items()
        )
        parts += [f"## [{section}]", _doc(kind), _table(("key", "takes", "default", "meaning"), rows)]
    texts = _attribute_texts(Rulebook)
    parts += [text for name in rulefile.MAPS for text in (f"## [{name}]", texts[name])]
    presets = (
        (f"`{name}`", "; ".join(f"`{s}.{k} = {_toml(v)}`" for s, kv in layer.items() for k, v in kv.items()))
        for name, layer in PRESETS.items()
    )
    return _page(
        "Rulebook",
        "A rulebook is a TOML file. What it leaves out is inherited: from the preset that `inherits` names, else from the rulebook of "
        "the body above, and at the top from the defaults below. A wrong key or value is refused with its key and line.",
        *parts,
        "## Presets",
        _table(("`inherits`", "sets"), presets),
    )


def _toml(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else f'"{value}"' if isinstance(value, str) else str(value)


def checks() -> str:
    """Every way in which figures go wrong that is looked for, and the thresholds."""
    from dataclasses import fields

    from duban.core.checks import CHECKS, Thresholds
    from duban.core.checks import thresholds as bounds
    from duban.web.check_names import CHECKS as names

    texts = _attribute_texts(Thresholds)
    between = {field.name: "{} to {}".format(*bounds.RANGES.get(field.name, bounds.USUAL)) for field in fields(Thresholds)}
    return _page(
        "Checks",
        "What a body hands in is judged against what the ledger says before it can be sent, and again when it is sent. A finding says "
        "what is wrong and changes nothing by itself. It only notes, until the programme's policy makes the check `explain` (the report "
        "is not sent before somebody has explained the finding; the explanation is kept) or `block` (it is not sent at all).",
        "A finding is marked at the cell that is being handed in. Where an earlier month is corrected and a month that was accepted long "
        "ago no longer fits, the correction is marked. What was sent and waits for a reviewer counts as accepted. Reports of two years "
        "before the first line's are looked at. A list is judged when a report names two or more undertakings of a programme, and half of "
        "those that reported last time are in it.",
        _table(("check", "name", "holds when"), ((f"`{c.code}`", str(names[c.code]), c.claim) for c in CHECKS.values())),
        "## Thresholds",
        _doc(Thresholds),
        _table(
            ("threshold", "default", "may be", "meaning"),
            ((f"`{f.name}`", f"{f.default}", between[f.name], texts[f.name]) for f in fields(Thresholds)),
        ),
    )


def _attribute_texts(thing: type) -> dict[str, str]:
    """The string below each attribute of a class, which Python itself throws away."""
    import ast

    body = ast.parse(inspect.getsource(thing)).body[0].body  # type: ignore[attr-defined]
    pairs = itertools.pairwise(body)
    return {
        first.target.id: second.value.value
        for first, second in pairs
        if isinstance(first, ast.AnnAssign) and isinstance(second, ast.Expr) and isinstance(second.value, ast.Constant)
    }


def figures() -> str:
    """What a figure can ask."""
    from duban.press.models import Figure

    operations = ((f"`{value}`", str(label)) for value, label in Figure.Operation.choices)
    return _page(
        "Figures",
        _doc(Figure),
        _table(("operation", "asks for"), operations),
        "## Columns",
        _table(("column", "type on PostgreSQL", "NULL", "notes"), (row for row in _columns(Figure) if row[0] != "`id`")),
    )


def refusals() -> str:
    """Every code with its sentence."""
    from duban.web import wording

    return _page(
        "Refusals and findings",
        "What is forbidden is refused, and what is wrong in a file is found, with a code and facts. The page words them in the reader's "
        "language; the command line also prints the code.",
        _table(("code", "in words"), ((f"`{code}`", str(words)) for code, words in sorted(wording.SENTENCES.items()))),
    )


def command_line() -> str:
    """Every command's help, as it prints it."""
    from click.testing import CliRunner

    from duban.cli.commands import duban

    def walk(command: Any, path: list[str]) -> Iterator[str]:
        printed = CliRunner().invoke(duban, [*path, "--help"], prog_name="duban", terminal_width=100, max_content_width=100).output
        yield f"## {' '.join(['duban', *path])}\n\n```text\n{printed.strip()}\n```"
        for part in sorted(getattr(command, "commands", {})):
            yield from walk(command.commands[part], [*path, part])

    return _page("Command line", "Every command prints the same with `--help`.", *walk(duban, []))


PAGES = {
    "settings": settings,
    "ledger": ledger,
    "permits": permits,
    "lights": lights,
    "rulebook": rulebook,
    "checks": checks,
    "figures": figures,
    "refusals": refusals,
    "command-line": command_line,
}


def main() -> int:
    """Write the pages, or with --check compare them."""
    _django()
    from django.utils import translation

    differing = 0
    with translation.override("en"):
        for name, write in PAGES.items():
            path, text = FOLDER / f"{name}.md", write()
            if "--check" not in sys.argv:
                path.write_text(text, encoding="utf-8")
                continue
            kept = path.read_text(encoding="utf-8") if path.exists() else ""
            if kept != text:
                differing += 1
                lines = difflib.unified_diff(kept.splitlines(True), text.splitlines(True), f"docs/reference/{path.name}", "the code")
                sys.stdout.writelines(lines)
    return 1 if differing else 0


if __name__ == "__main__":
    sys.exit(main())
