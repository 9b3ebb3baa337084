"""What every command shares: Django, `--json` and `--language`, refusals in words, and the group that they belong to."""

from __future__ import annotations

import functools
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import click

from duban import __version__
from duban.core.refusals import Refusal


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="duban")
def duban() -> None:
    """duban keeps a government's promises: plans and reports in one append-only ledger.

    Exit codes: 0 done, 1 refused or something found wrong, 2 called or configured wrongly.
    """


def _django() -> None:
    import django

    django.setup()


@contextmanager
def _refusals(as_json: bool) -> Iterator[None]:
    """A refusal becomes its sentence (or its code and facts) and exit code 1."""
    from duban.web import wording

    try:
        yield
    except Refusal as refusal:
        if as_json:
            click.echo(json.dumps({"refused": refusal.code, "facts": refusal.facts}, default=str, ensure_ascii=False))
        else:
            click.echo(wording.told(refusal), err=True)
        raise SystemExit(1) from None


def command(body: Callable[..., None]) -> Callable[..., None]:
    """What every command shares: `--json`, `--language`, Django, refusals in words."""

    @click.option("--json", "as_json", is_flag=True, help="Print JSON instead of text.")
    @click.option(
        "--language",
        type=click.Choice(["zh-hans", "zh-hant", "en"]),
        default="en",
        show_default=True,
        help="Language of the text.",
    )
    @functools.wraps(body)
    def command(*args: Any, as_json: bool, language: str, **kwargs: Any) -> None:
        _django()
        from django.utils import translation

        with translation.override(language), _refusals(as_json):
            body(*args, as_json=as_json, **kwargs)

    return command


def ready() -> None:
    """Refuse to read or write a database that lacks a migration or one of the ledger's triggers."""
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    from duban.ledger import triggers

    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        raise Refusal("database-not-ready")
    if missing := triggers.missing(connection):
        raise Refusal("triggers-missing", triggers=missing)


def say(as_json: bool, facts: dict[str, Any], text: str) -> None:
    click.echo(json.dumps(facts, default=str, ensure_ascii=False) if as_json else text)


def person_named(name: str) -> Any:
    from duban.people.models import User

    person = User.objects.filter(username=name, is_active=True).first()
    if person is None:
        raise Refusal("user-unknown", username=name)
    return person
