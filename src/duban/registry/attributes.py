"""What a programme declares of its undertakings beyond the fixed fields, and whether what they say fits it."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

from django.db.models import JSONField

from duban.core.refusals import Refusal

TYPES: Final = ("text", "number", "flag", "choice")
CODE: Final = re.compile(r"[a-z][a-z0-9-]{0,39}\Z")
LONGEST_TEXT: Final = 500
# Filters of lists and figures go by these names; the others mean something else within a JSON column.
RESERVED: Final = frozenset({"body", "town", "stage", "kind", "q", "page", "light", "rule", "sort", *JSONField.get_lookups()})


def declaration(said: Mapping[str, Any], *, beside: Sequence[Mapping[str, Any]] = ()) -> dict[str, Any]:
    """One attribute as it is kept: `{"code", "name", "name_en", "type", "unit", "choices"}`, `beside` those declared already.

    Only a number has a unit and only a choice has choices. Raises `Refusal` "attribute-code-unfit",
    "attribute-code-in-use", "attribute-name-missing", "attribute-type-unknown", "attribute-takes-no-unit",
    "attribute-takes-no-choices", "choices-missing" or "choice-twice".
    """
    code, name, kind = (str(said.get(part) or "").strip() for part in ("code", "name", "type"))
    unit = str(said.get("unit") or "").strip()
    if not CODE.match(code) or code in RESERVED:
        raise Refusal("attribute-code-unfit", attribute=code)
    if any(other["code"] == code for other in beside):
        raise Refusal("attribute-code-in-use", attribute=code)
    if not name:
        raise Refusal("attribute-name-missing", attribute=code)
    if kind not in TYPES:
        raise Refusal("attribute-type-unknown", attribute=name, type=kind)
    if unit and kind != "number":
        raise Refusal("attribute-takes-no-unit", attribute=name)
    return {
        "code": code,
        "name": name,
        "name_en": str(said.get("name_en") or "").strip(),
        "type": kind,
        "unit": unit,
        "choices": _choices(name, kind, said.get("choices") or ()),
    }


def _choices(name: str, kind: str, said: Sequence[Mapping[str, Any]]) -> list[dict[str, str]]:
    if kind != "choice":
        if said:
            raise Refusal("attribute-takes-no-choices", attribute=name)
        return []
    choices = [{part: str(one.get(part) or "").strip() for part in ("code", "name", "name_en")} for one in said]
    for place, choice in enumerate(choices):
        if not CODE.match(choice["code"]) or not choice["name"]:
            raise Refusal("choice-unreadable", choice=choice["code"] or choice["name"])
        if any(choice["code"] == other["code"] for other in choices[:place]):
            raise Refusal("choice-twice", choice=choice["code"])
    if len(choices) < 2:
        raise Refusal("choices-missing", attribute=name)
    return choices


def fitted(values: Mapping[str, Any], declared: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """What an undertaking says, as it is kept: what was left empty is left out, a whole number is whole.

    Raises `Refusal` "attribute-unknown" for what nobody declared and "attribute-unfit" for a value of another type.
    """
    known = {one["code"]: one for one in declared}
    for code in values:
        if code not in known:
            raise Refusal("attribute-unknown", attribute=code)
    said = {code: value for code, value in values.items() if value is not None and value != ""}
    return {code: _fitted(known[code], said[code]) for code in known if code in said}


def _fitted(declared: Mapping[str, Any], value: Any) -> Any:
    match declared["type"], value:
        case "flag", bool():
            return value
        case "text", str() if len(value) <= LONGEST_TEXT:
            return value
        case "number", int() | float() | Decimal() if not isinstance(value, bool) and math.isfinite(value):
            return int(value) if value == int(value) else float(value)
        case "choice", str() if value in {one["code"] for one in declared["choices"]}:
            return value
    raise Refusal("attribute-unfit", attribute=declared["code"], name=declared["name"], value=str(value)[:80])
