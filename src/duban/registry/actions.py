"""What is done to the catalogue of measures, to programmes and to undertakings, each with its audit line.

Measures belong to nobody: whoever keeps a registry anywhere may add one, and may change one whose every programme is
theirs to keep. A programme is its owner's; an undertaking needs the right in its programme's owner and in its lead body.
What accepted entries rest on stays as it was once there is one: a measure's unit, value and accumulation, the measures
that a programme counts, and the programme of an undertaking.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import models, transaction
from django.utils import timezone

from duban.core.refusals import Refusal
from duban.people import permits
from duban.people.audit import record
from duban.people.models import Appointment, Body, User
from duban.registry import attributes as rules
from duban.registry.models import Measure, Programme, Undertaking

ACT: Final = "registry.write"
CODE: Final = re.compile(r"[a-z0-9][a-z0-9-]*\Z")
UNDERTAKING_CODE: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]*\Z")
RESERVED: Final = frozenset({"new"})
"""Codes that addresses of pages need for themselves."""


def _check_code(model: type[models.Model], code: str, shape: re.Pattern[str] = CODE) -> None:
    """Codes are told apart without regard to case: people read them to each other."""
    if not shape.match(code) or code.lower() in RESERVED:
        raise Refusal("code-unfit", given=code)
    if model._default_manager.filter(code__iexact=code).exists():
        raise Refusal("code-in-use", given=code)


def _check_fields(thing: models.Model) -> None:
    """Every column holds what it can hold. Raises `Refusal` "field-unfit", naming the first that does not."""
    try:
        thing.clean_fields()
    except ValidationError as wrong:
        field = next(iter(wrong.message_dict))
        raise Refusal("field-unfit", field=field, value=str(getattr(thing, field, ""))[:80]) from None


def _plain(value: Any) -> Any:
    """A value as the audit log keeps it."""
    if isinstance(value, models.Model):
        return getattr(value, "code", None) or str(value)
    if isinstance(value, list | tuple | set):
        return sorted(_plain(one) for one in value)
    return value


def _set(thing: models.Model, fields: Mapping[str, Any], allowed: frozenset[str]) -> dict[str, dict[str, Any]]:
    """Put `fields` on `thing` and tell what differs, as the audit log keeps it. Lists of other rows are not put."""
    if strangers := set(fields) - allowed:
        raise TypeError(f"unknown fields: {', '.join(sorted(strangers))}")
    changes: dict[str, dict[str, Any]] = {}
    for name, value in fields.items():
        before: Any = getattr(thing, name, None)
        if thing._meta.get_field(name).many_to_many:
            before, value = list(before.all()), list(value)
            differs = {one.pk for one in before} != {one.pk for one in value}
        else:
            differs = before != value
            setattr(thing, name, value)
        if differs:
            changes[name] = {"before": _plain(before), "after": _plain(value)}
    return changes


# Measures

MEASURE_FIELDS: Final = frozenset({"name", "name_en", "holds", "unit", "unit_en", "accumulates", "direction", "order"})
MEANING: Final = frozenset({"holds", "unit", "accumulates"})
"""What says how an amount of a measure is to be read."""


def check_measure(by: User, measure: Measure) -> None:
    """Raise PermissionDenied unless `by` keeps every programme that counts `measure`."""
    permits.check(by, ACT)
    for programme in measure.programmes.select_related("owner"):
        permits.check(by, ACT, programme.owner)


def spoken_of(measure: Measure) -> bool:
    """Whether the ledger holds an entry of this measure."""
    return Undertaking.objects.filter(entries__measure=measure).exists()


def _check_measure(measure: Measure) -> None:
    _check_fields(measure)
    if measure.holds == Measure.Holds.DAY and (measure.unit or measure.unit_en):
        raise Refusal("day-has-no-unit", unit=measure.unit or measure.unit_en)


@transaction.atomic
def add_measure(*, code: str, name: str, by: User, **fields: Any) -> Measure:
    """Something new that can be counted on an undertaking."""
    permits.check(by, ACT)
    _check_code(Measure, code)
    measure = Measure(code=code)
    _set(measure, {"name": name, **fields}, MEASURE_FIELDS)
    _check_measure(measure)
    measure.save(force_insert=True)
    record(by=by, act="measure.add", subject=code, called=name)
    return measure


@transaction.atomic
def change_measure(*, measure: Measure, by: User, **fields: Any) -> Measure:
    """Change what is named and leave the rest. Raises `Refusal` "measure-has-entries" for a change of meaning."""
    measure = Measure.objects.select_for_update().get(pk=measure.pk)
    check_measure(by, measure)
    changes = _set(measure, fields, MEASURE_FIELDS)
    _check_measure(measure)
    if MEANING & set(changes) and spoken_of(measure):
        raise Refusal("measure-has-entries", measures=[measure.name], field=min(MEANING & set(changes)))
    measure.save()
    record(by=by, act="measure.change", subject=measure.code, changes=changes)
    return measure


# Programmes

PROGRAMME_FIELDS: Final = frozenset(
    {
        "name",
        "name_en",
        "owner",
        "year",
        "summary",
        "summary_en",
        "source",
        "source_en",
        "measures",
        "lead_measure",
        "public",
        "illustrative",
        "order",
    }
)


def _check_lead(lead: Measure | None, measures: Sequence[Measure]) -> None:
    if lead is not None and lead not in measures:
        raise Refusal("lead-measure-not-counted", measure=lead.name)


@transaction.atomic
def add_programme(
    *,
    code: str,
    name: str,
    owner: Body,
    by: User,
    measures: Sequence[Measure] = (),
    attributes: Sequence[Mapping[str, Any]] = (),
    **fields: Any,
) -> Programme:
    """A new list of undertakings, with what is counted on them and what they carry."""
    permits.check(by, ACT, owner)
    _check_code(Programme, code)
    programme = Programme(code=code)
    _set(programme, {"name": name, "owner": owner, **fields}, PROGRAMME_FIELDS - {"measures"})
    _check_lead(programme.lead_measure, list(measures))
    for said in attributes:
        programme.attributes.append(rules.declaration(said, beside=programme.attributes))
    _check_fields(programme)
    programme.save(force_insert=True)
    programme.measures.set(measures)
    record(by=by, act="programme.add", subject=code, called=name, owner=owner.code)
    return programme


def _locked(programme: Programme, by: User) -> Programme:
    found = Programme.objects.select_for_update(of=("self",)).select_related("owner").get(pk=programme.pk)
    permits.check(by, ACT, found.owner)
    return found


@transaction.atomic
def change_programme(*, programme: Programme, by: User, **fields: Any) -> Programme:
    """Change what is named and leave the rest.

    Raises `Refusal` "measure-has-entries" when a measure would no longer be counted that the ledger has entries of.
    """
    programme = _locked(programme, by)
    before = set(programme.measures.all())
    changes = _set(programme, fields, PROGRAMME_FIELDS)
    permits.check(by, ACT, programme.owner)
    measures = list(fields.get("measures", before))
    _check_lead(programme.lead_measure, measures)
    dropped = before - set(measures)
    spoken = Measure.objects.filter(pk__in=programme.undertakings.filter(entries__measure__in=dropped).values("entries__measure"))
    if dropped and (names := [measure.name for measure in spoken]):
        raise Refusal("measure-has-entries", measures=names, field="measures")
    _check_fields(programme)
    programme.save()  # also where only the list of measures differs: a revision is counted by this table
    programme.measures.set(measures)
    record(by=by, act="programme.change", subject=programme.code, changes=changes)
    return programme


@transaction.atomic
def declare(*, programme: Programme, attribute: Mapping[str, Any], by: User) -> Programme:
    """Let the programme's undertakings carry one more attribute."""
    programme = _locked(programme, by)
    declared = rules.declaration(attribute, beside=programme.attributes)
    _keep(programme, [*programme.attributes, declared])
    record(by=by, act="attribute.declare", subject=f"{programme.code} · {declared['code']}", attribute=declared)
    return programme


@transaction.atomic
def redeclare(*, programme: Programme, code: str, attribute: Mapping[str, Any], by: User) -> Programme:
    """Declare an attribute otherwise; its code stays. Raises `Refusal` "attribute-in-use" where an undertaking would no longer fit."""
    programme = _locked(programme, by)
    place, before = _declared(programme, code)
    others = [one for one in programme.attributes if one is not before]
    declared = rules.declaration({**attribute, "code": code}, beside=others)
    meant_otherwise = (before["type"], before.get("unit") or "") != (declared["type"], declared["unit"])
    _check_unused(programme, before, declared=None if meant_otherwise else declared)
    _keep(programme, [declared if at == place else one for at, one in enumerate(programme.attributes)])
    record(by=by, act="attribute.change", subject=f"{programme.code} · {code}", before=before, after=declared)
    return programme


@transaction.atomic
def undeclare(*, programme: Programme, code: str, by: User) -> Programme:
    """Take back a declaration that no undertaking uses. Raises `Refusal` "attribute-in-use"."""
    programme = _locked(programme, by)
    _, before = _declared(programme, code)
    _check_unused(programme, before, declared=None)
    _keep(programme, [one for one in programme.attributes if one is not before])
    record(by=by, act="attribute.undeclare", subject=f"{programme.code} · {code}", attribute=before)
    return programme


def _declared(programme: Programme, code: str) -> tuple[int, dict[str, Any]]:
    for place, one in enumerate(programme.attributes):
        if one["code"] == code:
            return place, one
    raise Refusal("attribute-unknown", attribute=code)


def _check_unused(programme: Programme, before: Mapping[str, Any], *, declared: Mapping[str, Any] | None) -> None:
    """No undertaking says anything under this attribute that `declared` would not hold; None holds nothing."""
    saying = programme.undertakings.filter(attributes__has_key=before["code"])
    if declared is not None and declared["type"] == "choice":
        saying = saying.exclude(**{f"attributes__{before['code']}__in": [one["code"] for one in declared["choices"]]})
    elif declared is not None:
        return
    if count := saying.count():
        raise Refusal("attribute-in-use", attribute=before["name"], undertakings=count)


def _keep(programme: Programme, declared: list[dict[str, Any]]) -> None:
    programme.attributes = declared
    programme.save(update_fields=["attributes"])


# Undertakings

UNDERTAKING_FIELDS: Final = frozenset(
    {
        "programme",
        "name",
        "name_en",
        "kind",
        "stage",
        "lead_body",
        "joint_bodies",
        "answerable",
        "answerable_title",
        "town",
        "latitude",
        "longitude",
        "parent",
        "attributes",
        "description",
        "description_en",
        "public",
        "order",
    }
)


def check_undertaking(by: User, undertaking: Undertaking) -> None:
    """Raise PermissionDenied unless `by` keeps the programme and the lead body's undertakings."""
    permits.check(by, ACT, undertaking.programme.owner)
    permits.check(by, ACT, undertaking.lead_body)


def may_change(by: Any, undertaking: Undertaking) -> bool:
    """Whether `check_undertaking` lets `by` through."""
    try:
        check_undertaking(by, undertaking)
    except PermissionDenied:
        return False
    return True


@transaction.atomic
def add_undertaking(
    *, code: str, programme: Programme, name: str, kind: str, lead_body: Body, by: User, joint_bodies: Sequence[Body] = (), **fields: Any
) -> Undertaking:
    """A new promise on a programme's list."""
    undertaking = Undertaking(code=code, programme=programme, lead_body=lead_body)
    check_undertaking(by, undertaking)
    _check_code(Undertaking, code, UNDERTAKING_CODE)
    _set(undertaking, _fit(undertaking, {"name": name, "kind": kind, **fields}), UNDERTAKING_FIELDS - {"joint_bodies"})
    _check_undertaking(undertaking, joint_bodies)
    undertaking.save(force_insert=True)
    undertaking.joint_bodies.set(joint_bodies)
    record(by=by, act="undertaking.add", subject=code, called=name, programme=programme.code, lead_body=lead_body.code)
    return undertaking


@transaction.atomic
def change_undertaking(*, undertaking: Undertaking, by: User, **fields: Any) -> Undertaking:
    """Change what is named and leave the rest.

    Raises `Refusal` "undertaking-has-entries" for another programme once the ledger speaks of it, and
    "undertaking-has-parts" when its parts would be left behind.
    """
    found = Undertaking.objects.select_for_update(of=("self",)).select_related("programme__owner", "lead_body", "parent")
    undertaking = found.get(pk=undertaking.pk)
    check_undertaking(by, undertaking)
    changes = _set(undertaking, _fit(undertaking, fields), UNDERTAKING_FIELDS)
    check_undertaking(by, undertaking)
    if "programme" in changes:
        if undertaking.entries.exists():  # type: ignore[attr-defined]
            raise Refusal("undertaking-has-entries", undertaking=undertaking.code)
        if undertaking.parts.exists():
            raise Refusal("undertaking-has-parts", undertaking=undertaking.code)
    joint = list(fields.get("joint_bodies", undertaking.joint_bodies.all()))
    _check_undertaking(undertaking, joint)
    undertaking.save()
    undertaking.joint_bodies.set(joint)
    record(by=by, act="undertaking.change", subject=undertaking.code, changes=changes)
    return undertaking


def _fit(undertaking: Undertaking, fields: Mapping[str, Any]) -> dict[str, Any]:
    """The fields with the attributes as they are kept, fitted to the programme that they name or that it has."""
    declared = fields.get("programme", undertaking.programme).attributes
    return {**fields, "attributes": rules.fitted(fields.get("attributes", undertaking.attributes), declared)}


def _check_undertaking(undertaking: Undertaking, joint: Sequence[Body]) -> None:
    _check_fields(undertaking)
    if undertaking.lead_body in joint:
        raise Refusal("lead-body-is-joint", body=undertaking.lead_body.name)
    if (undertaking.latitude is None) != (undertaking.longitude is None):
        raise Refusal("point-incomplete")
    if undertaking.town is not None and undertaking.town.kind != Body.Kind.TOWN:
        raise Refusal("town-is-none", body=undertaking.town.name)
    if undertaking.parent is not None:
        _check_parent(undertaking, undertaking.parent)
    if undertaking.answerable is not None:
        _check_answerable(undertaking.answerable, [undertaking.lead_body, *joint])


def _check_parent(undertaking: Undertaking, parent: Undertaking) -> None:
    """Parts are one step deep and stand on their parent's list, so that nothing is counted twice."""
    above: Undertaking | None = parent
    while above is not None:
        if above.pk == undertaking.pk and undertaking.pk is not None:
            raise Refusal("parent-cycle", undertaking=undertaking.code)
        above = above.parent
    if parent.programme_id != undertaking.programme_id:
        raise Refusal("parent-in-another-programme", parent=parent.code, programme=parent.programme.name)
    if parent.parent_id is not None:
        raise Refusal("parent-is-a-part", parent=parent.code)
    if undertaking.pk is not None and undertaking.parts.exists():
        raise Refusal("undertaking-has-parts", undertaking=undertaking.code)


def _check_answerable(user: User, bodies: Sequence[Body]) -> None:
    """Whoever answers for it works in one of its bodies, below one, or above one, as leaders do."""
    held = Appointment.objects.filter(user=user, since__lte=timezone.now()).exclude(until__lte=timezone.now()).select_related("body")
    paths = [appointment.body.path for appointment in held]
    if not any(path.startswith(body.path) or body.path.startswith(path) for path in paths for body in bodies):
        raise Refusal("answerable-elsewhere", person=str(user))
