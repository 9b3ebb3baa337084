"""`duban COMMAND`: exit code 0 when done, 1 when refused, 2 when called wrongly."""

from __future__ import annotations

import functools
import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any, BinaryIO

import click

from duban import __version__
from duban.core import periods
from duban.core.refusals import Refusal


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


def _command(body: Callable[..., None]) -> Callable[..., None]:
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


def _ready() -> None:
    """Refuse to read or write a database that lacks a migration or one of the ledger's triggers."""
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    from duban.ledger import triggers

    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        raise Refusal("database-not-ready")
    if missing := triggers.missing(connection):
        raise Refusal("triggers-missing", triggers=missing)


def _say(as_json: bool, facts: dict[str, Any], text: str) -> None:
    click.echo(json.dumps(facts, default=str, ensure_ascii=False) if as_json else text)


class Day(click.ParamType):
    name = "YYYY-MM-DD"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        try:
            return value if isinstance(value, date) else periods.read_day(value)
        except Refusal:
            self.fail(f"{value!r} is no day such as 2021-08-31", param, ctx)


class Moment(click.ParamType):
    """A moment; a day alone means its end."""

    name = "YYYY-MM-DD[THH:MM]"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        if isinstance(value, datetime):
            return value
        try:
            read = datetime.combine(date.fromisoformat(value), time.max) if len(value) == 10 else datetime.fromisoformat(value)
            periods.speakable(read.date())
            return read
        except (ValueError, Refusal):
            self.fail(f"{value!r} is no moment such as 2021-09-05 or 2021-09-05T12:00", param, ctx)


AS_OF = click.option("--as-of", type=Day(), help="The day the facts speak of. Default: today, or DUBAN_TODAY.")
KNOWN_AT = click.option("--known-at", type=Moment(), help="What the ledger had been told by then. Default: everything.")


def _local(known_at: datetime | None) -> datetime | None:
    """A moment with its zone; one without is local time."""
    from django.utils import timezone

    return timezone.make_aware(known_at) if known_at is not None and timezone.is_naive(known_at) else known_at


def _when(as_of: date | None, known_at: datetime | None) -> tuple[date, int]:
    """The day asked about and the head."""
    from django.conf import settings
    from django.utils import timezone

    from duban.ledger import reads

    known_at = _local(known_at)
    return as_of or settings.SET["today"] or timezone.localdate(), reads.head(known_at)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="duban")
def duban() -> None:
    """duban keeps a government's promises: plans and reports in one append-only ledger.

    Exit codes: 0 done, 1 refused or something found wrong, 2 called or configured wrongly.
    """


@duban.command()
@_command
def migrate(*, as_json: bool) -> None:
    """Bring the database up to date and make sure that the ledger's triggers stand."""
    from django.core.management import call_command
    from django.db import connection

    from duban.ledger import triggers

    call_command("migrate", verbosity=0, interactive=False)
    triggers.install(connection)
    guards = sorted(triggers.present(connection) & set(triggers.wanted(connection.vendor)))
    _say(as_json, {"database": connection.vendor, "triggers": guards}, f"{connection.vendor}: up to date, {len(guards)} triggers stand")


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
@_command
def found(*, code: str, name: str, name_en: str, kind: str, administrator: str, password: str, as_json: bool) -> None:
    """Begin a new site: the body CODE, called NAME, at the top of the tree, and its first administrator."""
    from django.contrib.auth.password_validation import validate_password
    from django.core.exceptions import ValidationError
    from django.utils import timezone

    from duban.people import founding
    from duban.people.models import User

    _ready()
    try:
        validate_password(password, User(username=administrator))
    except ValidationError as weak:
        raise Refusal("password-refused", why=" ".join(weak.messages)) from None
    body = founding.found(
        code=code, name=name, name_en=name_en, kind=kind, administrator=administrator, password=password, now=timezone.now()
    )
    told = f"{body.name} ({body.code}) stands; {administrator} is its administrator"
    _say(as_json, {"body": body.code, "administrator": administrator}, told)


@duban.command()
@click.option("--serve/--no-serve", default=False, help="Serve the example afterwards.")
@click.option("--password", help="One password for all accounts (for tests). Default: random ones, printed once.")
@_command
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
    _say(as_json, {"entries": reads.head(), "accounts": told}, "\n".join(lines))
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
@_command
def serve(*, as_json: bool) -> None:
    """Serve portal and desk on DUBAN_BIND:DUBAN_PORT. Refuses when the database or the ledger's triggers are not ready."""
    _serve()


def _serve() -> None:
    from django.conf import settings
    from django.core.management import call_command
    from django.db import connection

    _ready()
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


@duban.command()
@click.argument("name")
@AS_OF
@KNOWN_AT
@click.option("--records", is_flag=True, help="List the records that the figure rests on.")
@_command
def figure(name: str, *, as_of: date | None, known_at: datetime | None, records: bool, as_json: bool) -> None:
    """Ask the figure NAME of the catalogue and print its value, numerator and denominator."""
    from duban.press import figures
    from duban.registry.models import Undertaking

    _ready()
    day, head = _when(as_of, known_at)
    asked = figures.find(name)
    answer = figures.answer(asked, as_of=day, head=head, known_at=_local(known_at))
    value = figures.in_unit(asked, answer.value, asked.unit, asked.decimals)
    names = dict(Undertaking.objects.filter(pk__in=[r.undertaking for r in answer.records]).values_list("pk", "code"))
    facts = {
        "figure": name, "as_of": day, "head": head, "value": value, "unit": asked.unit, "exact": answer.value,
        "numerator": answer.numerator, "denominator": answer.denominator,
        "records": [_record(record, names) for record in answer.records] if records else len(answer.records),
    }  # fmt: skip
    said = "no answer: nothing is reported" if value is None else f"{value}{asked.unit if asked.unit == '%' else ' ' + asked.unit_en}"
    parts = [f"{name} as of {day}, head {head}: {said}"]
    if answer.denominator is not None:
        parts.append(f"  = {_plain(answer.numerator)} / {_plain(answer.denominator)}")
    parts.append(f"  from {len(answer.records)} records")
    if records:
        told = facts["records"]
        parts += [f"    {r['undertaking']:<28} {r['amount'] or r['day'] or '-':>18} {r['plan'] or '':>18} {r['place'] or ''}" for r in told]
    _say(as_json, facts, "\n".join(parts))


def _plain(number: Decimal | None) -> str:
    return "-" if number is None else f"{number:,f}"


def _record(record: Any, names: dict[int, str]) -> dict[str, Any]:
    from duban.core import fixed, periods

    return {
        "undertaking": names.get(record.undertaking, str(record.undertaking)),
        "seq": record.seq,
        "period": None if record.period is None else str(periods.from_number(record.period)),
        "amount": None if record.amount is None else str(fixed.from_fixed(record.amount)),
        "day": None if record.day is None else str(periods.from_number(record.day)),
        "plan_seq": record.plan_seq,
        "plan": None if record.plan_amount is None else str(fixed.from_fixed(record.plan_amount)),
        "place": record.place,
    }


@duban.command()
@AS_OF
@KNOWN_AT
@click.option("--programme", help="Only this programme, by code.")
@click.option("--light", type=click.Choice(["red", "amber", "grey", "green"]), help="Only this light.")
@_command
def standing(*, as_of: date | None, known_at: datetime | None, programme: str | None, light: str | None, as_json: bool) -> None:
    """List every undertaking's light, worst first, with the rule that lit it and the cure."""
    from duban.standing import actions

    _ready()
    day, head = _when(as_of, known_at)
    snapshot = actions.stand(as_of=day, head=head, known_at=_local(known_at))
    rows = snapshot.standings.select_related("undertaking__programme", "measure")
    if programme:
        rows = rows.filter(undertaking__programme__code=programme)
    if light:
        rows = rows.filter(light=light)
    told = [_standing(row) for row in rows.order_by("severity", "gap", "undertaking")]
    lines = [f"as of {day}, head {head}: {len(told)} undertakings"]
    lines += [f"  {r['light']:<6} {r['rule']:<14} {r['undertaking']:<28} gap {r['gap'] or '-':>8}  {r['cure']}" for r in told]
    _say(as_json, {"as_of": day, "head": head, "standings": told}, "\n".join(lines))


def _standing(row: Any) -> dict[str, Any]:
    from duban.web import wording

    unit = row.measure.unit if row.measure else ""
    return {
        "undertaking": row.undertaking.code,
        "programme": row.undertaking.programme.code,
        "light": row.light,
        "rule": row.rule,
        "done": row.done,
        "planned": row.planned,
        "target": row.target,
        "unit": unit,
        "gap": None if row.gap is None else str(Decimal(row.gap) / 100),
        "last_period": row.last_period,
        "due": row.due,
        "cure_amount": row.cure_amount,
        "cure_by": row.cure_by,
        "cure": wording.cure(row),
    }


@duban.command("import")
@click.argument("file", type=click.File("rb"))
@click.option("--by", "by", required=True, help="User name of whoever reports.")
@click.option("--accepted-by", required=True, help="User name of whoever accepts; never the same person.")
@_command
def import_(file: BinaryIO, *, by: str, accepted_by: str, as_json: bool) -> None:
    """Append a CSV of slots: undertaking,measure,kind,period,amount,reason. All of it, or nothing and every error."""
    from django.conf import settings
    from django.utils import timezone

    from duban.intake import slots_csv
    from duban.web import wording

    _ready()
    people = {name: _person(name) for name in (by, accepted_by)}
    on = settings.SET["today"] or timezone.localdate()
    result = slots_csv.import_csv(
        stream=file, name=Path(file.name).name, by=people[by], accepted_by=people[accepted_by], now=timezone.now(), on=on
    )
    found = [{"row": f.row, "column": f.column, "code": f.code, "facts": f.facts, "text": wording.told(f)} for f in result.findings]
    facts = {"rows": result.rows, "entries": len(result.entries), "digest": result.digest, "findings": found}
    if found:
        text = "\n".join([f"nothing was taken: {len(found)} findings in {result.rows} rows", *(f"  {f['text']}" for f in found)])
    else:
        text = f"{result.rows} rows read, {len(result.entries)} entries appended"
    _say(as_json, facts, text)
    if found:
        raise SystemExit(1)


def _person(name: str) -> Any:
    from duban.people.models import User

    person = User.objects.filter(username=name, is_active=True).first()
    if person is None:
        raise Refusal("user-unknown", username=name)
    return person


@duban.group()
def export() -> None:
    """Write what duban holds to a file."""


@export.command("ledger")
@click.option("--output", "-o", type=click.File("w", encoding="utf-8"), default="-", help="Default: standard output.")
@KNOWN_AT
@_command
def export_ledger(*, output: Any, known_at: datetime | None, as_json: bool) -> None:
    """Every entry in the order it was written, as CSV, or with --json as one JSON object a line."""
    from duban.cli.exports import entries

    _ready()
    _, head = _when(None, known_at)
    for line in entries(head=head, as_json=as_json):
        output.write(line)


from duban.cli import forecast_commands as forecast_commands  # noqa: E402  # and this
from duban.cli import rulebook_commands as rulebook_commands  # noqa: E402  # and this
from duban.cli import tick_commands as tick_commands  # noqa: E402  # it registers itself, and needs what stands above
from duban.cli import work_commands as work_commands  # noqa: E402  # so does this
from duban.cli import workbook_commands as workbook_commands  # noqa: E402  # and this
