"""The catalogue's figures over a ledger: filters, units, two clocks, and a cache that never lies."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from stage import District, district

from duban.core.refusals import Refusal
from duban.ledger import reads
from duban.press import figures
from duban.press.models import Figure
from duban.registry.models import Undertaking

pytestmark = pytest.mark.django_db
FEBRUARY = date(2026, 2, 28)
BOOK = """
recorded    undertaking  measure   kind    period   amount
2026-01-05  roofs        invested  plan    2026     200000000
2026-01-05  wells        invested  plan    2026     96000000
2026-03-01  roofs        invested  report  2026-02  150000000
2026-03-01  wells        invested  report  2026-02  95000000
2026-03-01  paths        invested  report  2026-02  0
2026-03-02  roofs        invested  report  2026-02  1
"""


@pytest.fixture
def town(db: None) -> District:
    made = district()
    made.promise("roofs", attributes={"origin": "delta", "large": True, "storeys": 3})
    made.promise("wells", attributes={"origin": "inland", "large": False}, body="parks", stage="continuing")
    made.promise("paths", attributes={"origin": "delta"})
    made.write(BOOK)
    return made


def figure(town: District, operation: str, code: str = "it", **asked: Any) -> Figure:
    programme = town.programmes["invested"]
    given = {"measure": town.measures["invested"], "programme": programme, **asked}
    return Figure.objects.create(code=code, name=code, operation=operation, **given)


def value(asked: Figure | str, head: int = 5, as_of: date = FEBRUARY) -> Any:
    return figures.answer(asked, as_of=as_of, head=head).value


def test_every_operation(town: District):
    body, roofs = town.bodies["parks"], town.undertakings["roofs"]
    part = figure(town, "count", "part", where={"origin": "delta"})
    whole = figure(town, "count", "whole")
    asked = {
        "count": (figure(town, "count", "count"), 3),
        "members": (figure(town, "count", "members", measure=None), 3),
        "plans": (figure(town, "count", "plans", kind="plan"), 2),
        "sum": (figure(town, "sum", "sum"), 245_000_000),
        "planned": (figure(town, "sum", "planned", kind="plan"), 296_000_000),
        "rank": (figure(town, "rank", "rank", body=body), 2),
        "latest": (figure(town, "latest", "latest", undertaking=roofs), 150_000_000),
        "lit": (figure(town, "lit", "lit", lights=["green"]), 2),
        "unplanned": (figure(town, "lit", "unplanned", lights=["unplanned"]), 1),
    }
    assert {name: value(one) for name, (one, _) in asked.items()} == {name: told for name, (_, told) in asked.items()}
    ratio, share, mean = (
        figure(town, "ratio", "ratio"),
        figure(town, "share", "share", numerator=part, denominator=whole),
        figure(town, "mean", "mean"),
    )
    assert figures.in_unit(ratio, value(ratio), "", 2) == Decimal("82.77")
    assert figures.in_unit(share, value(share), "", 2) == Decimal("66.67")
    assert figures.in_unit(mean, value(mean), "万元", 2) == Decimal("8166.67")


@pytest.mark.parametrize(
    ("where", "told"),
    [
        ({"origin": "delta"}, 150_000_000),
        ({"origin": ["delta", "inland"]}, 245_000_000),
        ({"large": True}, 150_000_000),
        ({"large": False}, 95_000_000),
        ({"storeys": 3}, 150_000_000),
        ({"storeys": [3, 4]}, 150_000_000),
        ({"origin": "delta", "large": False}, None),
        ({"body": "parks"}, 95_000_000),
        ({"stage": ["continuing", "new"]}, 95_000_000),
        ({"origin": "moon"}, None),
        ({"never": "declared"}, None),
    ],
    ids=str,
)
def test_filters_choose_undertakings(town: District, where: dict[str, Any], told: int | None):
    assert value(figure(town, "sum", where=where)) == told


def test_a_count_of_lights_is_filtered_too_also_over_those_that_never_spoke(town: District):
    town.promise("trees", attributes={"origin": "delta"})
    assert value(figure(town, "lit", "grey", lights=["grey"])) == 2
    assert value(figure(town, "lit", "delta", lights=["grey"], where={"origin": "delta"})) == 2
    assert value(figure(town, "lit", "inland", lights=["grey"], where={"origin": "inland"})) == 0
    assert value(figure(town, "lit", "green", lights=["green"], where={"origin": "inland"})) == 1


def test_two_clocks(town: District):
    total = figure(town, "sum")
    assert [value(total, head) for head in (0, 2, 3, 4, 5, 6)] == [None, None, 150_000_000, 245_000_000, 245_000_000, 95_000_001]
    assert value(total, 6, date(2026, 2, 27)) is None
    assert value(total, 6, date(2025, 12, 31)) is None


def test_the_answer_follows_a_correction_the_registry_and_the_question_itself(town: District):
    total = figure(town, "sum")
    assert value(total, reads.head()) == 95_000_001
    town.write("recorded undertaking measure kind period amount\n2026-03-03 roofs invested report 2026-02 2")
    assert value(total, reads.head()) == 95_000_002
    assert value(total, 6) == 95_000_001
    Figure.objects.filter(pk=total.pk).update(where={"origin": "inland"})
    assert value("it", reads.head()) == 95_000_000
    with connection.cursor() as cursor:
        cursor.execute("UPDATE registry_undertaking SET attributes = '{\"origin\": \"delta\"}' WHERE code = 'wells'")
    assert value("it", reads.head()) is None
    Undertaking.objects.filter(code="paths").update(attributes={"origin": "inland"})
    assert value("it", reads.head()) == 0


def test_a_share_follows_an_edit_of_its_parts(town: District):
    part, whole = figure(town, "count", "part", where={"origin": "delta"}), figure(town, "count", "whole")
    share = figure(town, "share", "share", numerator=part, denominator=whole)
    assert round(value("share"), 2) == Decimal("66.67")
    Figure.objects.filter(pk=part.pk).update(where={"origin": "inland"})
    assert round(value("share"), 2) == Decimal("33.33")
    assert share.code == "share"


def test_an_answer_is_kept(town: District):
    figure(town, "sum")
    asked = figures.find("it")
    first = figures.answer(asked, as_of=FEBRUARY, head=5, revision=1)
    with CaptureQueriesContext(connection) as queries:
        assert figures.answer(asked, as_of=FEBRUARY, head=5, revision=1) == first
    assert len(queries) == 0


def test_units_and_rounding(town: District):
    total = figure(town, "sum", unit="亿元", unit_en="100 million yuan", decimals=2)
    told = value(total)
    shown = [
        figures.in_unit(total, told, unit, places) for unit, places in (("亿元", 2), ("万元", 0), ("元", 0), ("", 0), ("million yuan", 1))
    ]
    assert [str(one) for one in shown] == ["2.45", "24500", "245000000", "245000000", "245.0"]
    assert str(figures.in_unit(total, Decimal("244500000"), "亿元", 2)) == "2.45"
    assert str(figures.in_unit(total, Decimal("-244500000"), "亿元", 2)) == "-2.45"
    assert figures.in_unit(total, None, "亿元", 2) is None
    for unit in ("%", "针次", "stone"):
        with pytest.raises(Refusal) as refused:
            figures.in_unit(total, told, unit, 2)
        assert refused.value.code == "unit-unknown"


def test_what_cannot_be_asked_is_refused(town: District):
    for asked, code in (
        (figure(town, "sum", "homeless", programme=None), "figure-without-programme"),
        (figure(town, "share", "half", numerator=None), "share-needs-two-figures"),
    ):
        with pytest.raises(Refusal) as refused:
            value(asked)
        assert refused.value.code == code
    with pytest.raises(Refusal) as refused:
        value("never.heard.of")
    assert (refused.value.code, refused.value.facts) == ("figure-unknown", {"code": "never.heard.of"})


def test_a_share_of_itself_is_refused(town: District):
    share = figure(town, "share", "share")
    Figure.objects.filter(pk=share.pk).update(numerator=share, denominator=share)
    with pytest.raises(Refusal):
        value("share")
