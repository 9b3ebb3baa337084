"""`duban migrate`, `found`, `demo`, `serve`: a site is made ready and runs."""

from __future__ import annotations

import json
import os
from contextlib import nullcontext
from typing import Any

import click

from duban.cli.frame import command, duban, ready, say
from duban.core.refusals import Refusal


@duban.command()
@command
def migrate(*, as_json: bool) -> None:
    """Bring the database up to date and make sure that the ledger's triggers stand."""
    from django.core.management import call_command
    from django.db import connection

    from duban.ledger import triggers

    call_command("migrate", verbosity=0, interactive=False)
    triggers.install(connection)
    guards = sorted(triggers.present(connection) & set(triggers.wanted(connection.vendor)))
    say(as_json, {"database": connection.vendor, "triggers": guards}, f"{connection.vendor}: up to date, {len(guards)} triggers stand")


@duban.command()
@click.argument("code")
@click.argument("name")
@click.option("--name-en", default="", help="The body's English name.")
@click.option(
    "--kind",
    type=click.Choice(["province", "city", "district", "town", "department", "firm"]),
    default="district",
    show_default=True,
    help="What kind of body it is.",
)
@click.option("--administrator", required=True, help="User name of its first administrator.")
@click.password_option(help="The administrator's password. Asked for when it is not given.")
@command
def found(*, code: str, name: str, name_en: str, kind: str, administrator: str, password: str, as_json: bool) -> None:
    """Begin a new site: the body CODE, called NAME, at the top of the tree, and its first administrator."""
    from django.contrib.auth.password_validation import validate_password
    from django.core.exceptions import ValidationError
    from django.utils import timezone

    from duban.people import founding
    from duban.people.models import User

    ready()
    try:
        validate_password(password, User(username=administrator))
    except ValidationError as weak:
        raise Refusal("password-refused", why=" ".join(weak.messages)) from None
    body = founding.found(
        code=code, name=name, name_en=name_en, kind=kind, administrator=administrator, password=password, now=timezone.now()
    )
    told = f"{body.name} ({body.code}) stands; {administrator} is its administrator"
    say(as_json, {"body": body.code, "administrator": administrator}, told)


@duban.command()
@click.option("--serve/--no-serve", default=False, help="Serve the example afterwards.")
@click.option("--password", help="One password for all accounts (for tests). Default: random ones, printed once.")
@command
def demo(*, serve: bool, password: str | None, as_json: bool) -> None:
    """Load the Tunxi example into an empty database and print its accounts. Needs DUBAN_MODE=demo."""
    from django.conf import settings
    from django.core.management import call_command
    from django.db import connection
    from django.utils import timezone

    from duban.demo import load
    from duban.ledger import reads, triggers

    if settings.MODE != "demo":
        raise Refusal("demo-outside-demo-mode", mode=settings.MODE)
    call_command("migrate", verbosity=0, interactive=False)
    triggers.install(connection)
    accounts = load.load(now=timezone.now(), password=password)
    told = [_fields(account) for account in _accounts_file(accounts)]
    lines = [f"Tunxi example: {reads.head()} entries in the ledger.", ""]
    lines += [f"  {a['username']:<20} {a['password']:<14} {a['role'] or 'resident':<14} {a['title_en']}" for a in told]
    say(as_json, {"entries": reads.head(), "accounts": told}, "\n".join(lines))
    if serve:
        _serve()


def _fields(account: Any) -> dict[str, str]:
    """An account as plain text fields."""
    return {name: str(getattr(account, name)) for name in ("username", "role", "body", "title", "title_en", "password")}


def _accounts_file(accounts: list[Any]) -> list[Any]:
    """The accounts with their passwords, remembered beside the demo's database so that a second run can print them."""
    from dataclasses import replace

    from django.conf import settings

    path = settings.STATE / "demo-accounts.json"
    if any(account.password for account in accounts):
        path.touch(mode=0o600)
        path.write_text(json.dumps({account.username: account.password for account in accounts}))
        return accounts
    known = json.loads(path.read_text()) if path.exists() else {}
    return [replace(account, password=known.get(account.username, "")) for account in accounts]


@duban.command()
@command
def serve(*, as_json: bool) -> None:
    """Serve portal and desk on DUBAN_BIND:DUBAN_PORT. Refuses when the database or the ledger's triggers are not ready."""
    _serve()


def _serve() -> None:
    from django.conf import settings
    from django.core.management import call_command
    from django.db import connection

    ready()
    if settings.MODE != "development":
        call_command("collectstatic", verbosity=0, interactive=False)
    connection.close()
    _granian(settings.SET)


def _granian(chosen: dict[str, Any]) -> None:
    from granian import Granian
    from granian.constants import Interfaces

    from duban.cli.beside import Background

    click.echo(f"duban on http://{chosen['bind']}:{chosen['port']}/", err=True)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "duban.settings")
    server = Granian(
        "duban.wsgi:application",
        address=chosen["bind"],
        port=chosen["port"],
        interface=Interfaces.WSGI,
        workers=chosen["workers"],
        blocking_threads=chosen["threads"],
        respawn_failed_workers=True,
        log_access=False,
    )
    with Background() if chosen["background"] else nullcontext():
        server.serve()
