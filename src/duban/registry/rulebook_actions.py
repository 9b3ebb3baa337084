"""How a rulebook comes into force: written as a draft, adopted by somebody else, and from then on never changed."""

from __future__ import annotations

import hashlib
from datetime import date, datetime
from typing import Final

from django.db import transaction

from duban.core import periods, rulefile
from duban.core.refusals import Finding, Refusal
from duban.people import audit, permits
from duban.people.models import Body, User
from duban.registry import rulebooks
from duban.registry.models import Programme, RulebookVersion

WRITE: Final = "rulebook.write"
ADOPT: Final = "rulebook.adopt"
State = RulebookVersion.State
LONGEST: Final = 20_000
"""Characters of a text; a rulebook that says everything has some four thousand."""


def digest_of(text: str) -> str:
    """SHA-256 of a rulebook's text."""
    return hashlib.sha256(text.encode()).hexdigest()


def plain(text: str) -> str:
    """A text with one kind of line end and no empty lines after it."""
    lines = "\n".join(text.replace("\r\n", "\n").replace("\r", "\n").split("\n")).rstrip()
    return f"{lines}\n" if lines else ""


def _check(text: str, since: date, reason: str) -> None:
    """What a draft needs. Raises `Refusal` "rulebook-unfit", which tells the first of the text's findings."""
    periods.speakable(since)
    if len(text) > LONGEST:
        raise Refusal("rulebook-too-long", most=LONGEST)
    if not reason.strip():
        raise Refusal("rulebook-needs-reason", field="reason")
    if findings := rulefile.read(text).findings:
        first = findings[0]
        raise Refusal("rulebook-unfit", count=len(findings), row=first.row, key=first.facts.get("key", "TOML"))


def _locked(version: RulebookVersion) -> RulebookVersion:
    """The draft, held until the transaction ends. Raises `Refusal` "rulebook-in-another-state" for what is no draft any more."""
    found = RulebookVersion.objects.select_for_update(of=("self",)).select_related("body", "programme__owner").get(pk=version.pk)
    if found.state != State.DRAFT:
        raise Refusal("rulebook-in-another-state")
    return found


def _seen(version: RulebookVersion, seen: str) -> None:
    if seen != version.digest:
        raise Refusal("rulebook-rewritten")


def _told(version: RulebookVersion) -> dict[str, str]:
    """A version as the audit log keeps it; its text is found under the digest."""
    return {"version": str(version.pk), "since": version.since.isoformat(), "digest": version.digest, "reason": version.reason}


@transaction.atomic
def write(*, of: Body | Programme, text: str, since: date, reason: str, by: User, now: datetime) -> RulebookVersion:
    """Begin a draft; of each body and programme there is one at a time. Raises `Refusal` "rulebook-draft-waits"."""
    of = type(of).objects.select_for_update().get(pk=of.pk)  # two who begin at once begin one after the other
    whose = {"programme": of} if isinstance(of, Programme) else {"body": of}
    version = RulebookVersion(**whose, text=plain(text), since=since, reason=reason.strip(), author=by, written_at=now)
    permits.check(by, WRITE, version.keeper)
    _check(version.text, since, reason)
    if waiting := RulebookVersion.objects.filter(**whose, state=State.DRAFT).select_related("author").first():
        raise Refusal("rulebook-draft-waits", by=str(waiting.author), at=waiting.written_at)
    version.digest = digest_of(version.text)
    version.save(force_insert=True)
    version.writers.add(by)
    audit.record(by=by, act="rulebook.draft", subject=of.code, **_told(version))
    return version


@transaction.atomic
def rewrite(*, version: RulebookVersion, text: str, since: date, reason: str, by: User, now: datetime, seen: str) -> RulebookVersion:
    """Write a draft anew. `seen` is the digest of what its writer began from; raises `Refusal` "rulebook-rewritten" for another."""
    version = _locked(version)
    permits.check(by, WRITE, version.keeper)
    _seen(version, seen)
    before = _told(version)
    version.text, version.since, version.reason, version.written_at = plain(text), since, reason.strip(), now
    _check(version.text, since, reason)
    version.digest = digest_of(version.text)
    version.save()
    version.writers.add(by)
    audit.record(by=by, act="rulebook.rewrite", subject=version.of.code, before=before, after=_told(version))
    return version


@transaction.atomic
def discard(*, version: RulebookVersion, by: User) -> RulebookVersion:
    """Lay a draft aside; it stays in the history."""
    version = _locked(version)
    permits.check(by, WRITE, version.keeper)
    version.state = State.DISCARDED
    version.save(update_fields=["state"])
    audit.record(by=by, act="rulebook.discard", subject=version.of.code, **_told(version))
    return version


@transaction.atomic
def adopt(*, version: RulebookVersion, by: User, now: datetime, seen: str) -> RulebookVersion:
    """Put a draft into force from its day on. Nobody adopts what they had a hand in.

    Raises `Refusal` "rulebook-own", "rulebook-rewritten" where its text is another than the one with the digest `seen`, and
    "rulebook-contradicts" where it would contradict what a programme sets itself.
    """
    version = _locked(version)
    permits.check(by, ADOPT, version.keeper)
    if by.pk == version.author_id or version.writers.filter(pk=by.pk).exists():
        raise Refusal("rulebook-own")
    _seen(version, seen)
    _check(version.text, version.since, version.reason)
    if wrong := contradictions(version):
        first = wrong[0]
        raise Refusal("rulebook-contradicts", count=len(wrong), **first.facts)
    version.state, version.adopted_by, version.adopted_at = State.ADOPTED, by, now
    version.save(update_fields=["state", "adopted_by", "adopted_at"])
    audit.record(by=by, act="rulebook.adopt", subject=version.of.code, **_told(version))
    return version


def contradictions(version: RulebookVersion) -> list[Finding]:
    """Where a rulebook would contradict itself once `version` is adopted: "rulebook-order-wrong", with the programme's name and the day.

    Looked at are its from-day and each later one on which something else begins to speak; a body's own rulebook counts as well.
    """
    reached = rulebooks.programmes_under(version.of)
    names = dict(Programme.objects.filter(pk__in=[pk for pk, _ in reached]).values_list("pk", "name"))
    found = []
    for day in _days(version):
        said = rulebooks.speaking(as_of=day, trial=version)
        stacks = [(names[pk], said.over(pk, path)) for pk, path in reached]
        if version.body is not None:
            stacks.append((version.body.name, said.above(version.body.path)))
        for name, stack in stacks:
            wrong = rulefile.ordered(rulebooks.laid(tuple(one.text for one in stack)))
            found += [Finding(one.code, facts={**one.facts, "name": name, "day": day}) for one in wrong]
    return found


def _days(version: RulebookVersion) -> list[date]:
    later = RulebookVersion.objects.filter(state=State.ADOPTED, since__gt=version.since)
    return [version.since, *sorted(set(later.order_by().values_list("since", flat=True)))]
