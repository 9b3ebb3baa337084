"""`duban rulebook`: whether a file is a rulebook, and what it would change before anybody adopts it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import click

from duban.cli.asked import Day
from duban.cli.frame import command, duban, ready, say
from duban.core.refusals import Finding, Refusal

FILE = click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
PROGRAMME = click.option("--programme", help="The programme that it is for, by code.")
BODY = click.option("--body", help="The body that it is for, by code.")


@duban.group()
def rulebook() -> None:
    """Read a rulebook's file, and try it on the past."""


@rulebook.command()
@FILE
@PROGRAMME
@BODY
@command
def check(*, file: Path, programme: str | None, body: str | None, as_json: bool) -> None:
    """Say what is wrong in FILE, with its lines. With --programme or --body also what it would contradict there from today on."""
    from django.utils.translation import gettext as _

    from duban.web import wording

    text = _text(file)
    found = _faults(text)
    if not found and (programme or body):
        ready()
        found = _contradictions(_draft(text, programme, body, _today()))
    told = [{"row": one.row, "code": one.code, "facts": one.facts, "text": wording.told(one)} for one in found]
    say(
        as_json,
        {"findings": told},
        "\n".join(str(one["text"]) for one in told) or str(_("It can be read, and does not contradict itself.")),
    )
    if told:
        raise SystemExit(1)


@rulebook.command("try")
@FILE
@PROGRAMME
@BODY
@click.option("--from", "since", type=Day(), help="The day from which it would hold. Default: today, or DUBAN_TODAY.")
@click.option(
    "--months", type=click.IntRange(0, 60), default=12, show_default=True, help="So many months' ends before today are tried too."
)
@command
def try_out(*, file: Path, programme: str | None, body: str | None, since: date | None, months: int, as_json: bool) -> None:
    """Which lights FILE would change, today and at past months' ends: as it is → with it. Nothing is written down."""
    from duban.ledger import reads
    from duban.standing import trials

    ready()
    text = _text(file)
    if wrong := _faults(text):
        first = wrong[0]
        raise Refusal("rulebook-unfit", count=len(wrong), row=first.row, key=first.facts.get("key", "TOML"))
    draft, head = _draft(text, programme, body, since or _today()), reads.head()
    told = []
    for day in trials.days(_today(), months):
        one = trials.tried(draft, day=day, head=head)
        row = {"day": day, "trial": day < draft.since, "before": one.before, "after": one.after, "changed": one.changed}
        told.append(row | {"undertakings": list(_turned(draft, day, head)) if as_json or not told else []})
    say(as_json, {"days": told}, "\n".join(_written(told)))


def _today() -> date:
    from django.conf import settings
    from django.utils import timezone

    return settings.SET["today"] or timezone.localdate()


def _text(file: Path) -> str:
    """A file's text as it would be kept. Raises `Refusal` "rulebook-too-long", and "rulebook-encoding" for what is no UTF-8."""
    from duban.registry import rulebook_actions as actions

    try:
        text = actions.plain(file.read_bytes()[: actions.LONGEST * 4 + 4].decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise Refusal("rulebook-encoding") from None
    if len(text) > actions.LONGEST:
        raise Refusal("rulebook-too-long", most=actions.LONGEST)
    return text


def _faults(text: str) -> list[Finding]:
    from duban.core import rulefile

    return list(rulefile.read(text).findings)


def _draft(text: str, programme: str | None, body: str | None, since: date) -> Any:
    """A draft that is not saved. Raises `Refusal` "rulebook-for-whom", "programme-unknown" or "body-unknown"."""
    from duban.people.models import Body
    from duban.registry.models import Programme, RulebookVersion

    if bool(programme) == bool(body):
        raise Refusal("rulebook-for-whom")
    if programme:
        whose = Programme.objects.select_related("owner").filter(code=programme).first()
        if whose is None:
            raise Refusal("programme-unknown", programme=programme)
        return RulebookVersion(programme=whose, text=text, since=since)
    found = Body.objects.filter(code=body).first()
    if found is None:
        raise Refusal("body-unknown", body=body)
    return RulebookVersion(body=found, text=text, since=since)


def _contradictions(draft: Any) -> list[Finding]:
    from duban.registry import rulebook_actions as actions

    return [Finding("rulebook-contradicts", facts=one.facts) for one in actions.contradictions(draft)]


def _turned(draft: Any, day: date, head: int) -> Iterator[dict[str, str]]:
    from duban.standing import reads, trials
    from duban.web import wording

    before, after = trials.snapshots(draft, day=day, head=head)
    for row in reads.changed(before, after, trials.reached(draft)):
        yield {"code": row.undertaking.code, "name": row.undertaking.name, "was": row.was, "was_rule": row.was_rule,
               "light": row.light, "rule": row.rule, "text": wording.reason(row)}  # fmt: skip


def _written(days: Sequence[dict[str, Any]]) -> Iterator[str]:
    """A line a day, and the undertakings of the first."""
    from django.utils.translation import gettext as _

    from duban.web.display import day, light_name

    lights = list(days[0]["before"])
    yield _padded(_("Day"), 20) + "".join(_padded(light_name(light), -12) for light in lights) + _padded(_("Other light"), -14)
    for one in days:
        pairs = [(one["before"][light], one["after"][light]) for light in lights]
        cells = "".join(_padded(f"{was}" if was == now else f"{was} → {now}", -12) for was, now in pairs)
        yield _padded(day(one["day"]) + ("*" if one["trial"] else ""), 20) + cells + _padded(str(one["changed"]), -14)
    if any(one["trial"] for one in days):
        yield "* " + _("before it holds: only to try it")
    for row in days[0]["undertakings"]:
        yield from ("", *_turn(row))


def _turn(row: dict[str, str]) -> Iterator[str]:
    """An undertaking whose light would be another: its name, both lights with their rules, and why."""
    from duban.web.display import light_name, script
    from duban.web.wording import rule

    yield f"{script(row['name'])} [{row['code']}]"
    yield f"  {light_name(row['was'])} · {rule(row['was_rule'])} → {light_name(row['light'])} · {rule(row['rule'])}"
    yield f"  {row['text']}"


def _padded(text: str, columns: int) -> str:
    """A text in so many columns of a terminal, where a Chinese sign takes two; to the right where they are negative."""
    from duban.intake.workbooks.looks import width

    space = " " * (abs(columns) - width(text))
    return text + space if columns > 0 else space + text
