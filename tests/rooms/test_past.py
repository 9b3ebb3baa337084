"""The registry read at one of its revisions is the registry as it stood then, on every screen."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.core.cache import caches
from django.db import DatabaseError, connection, transaction
from django.db.models import Count
from django.http import HttpRequest, StreamingHttpResponse
from hypothesis import given, settings
from hypothesis import strategies as st
from ledgers import EXAMPLES, QUICK
from stage import District, district
from test_sheets import shown

from duban.ledger import reads as ledger
from duban.people.models import Body
from duban.press import figures
from duban.press.models import Figure
from duban.registry import past, rulebooks, versions
from duban.registry.models import Measure, Programme, Revised, Revision, Undertaking
from duban.standing import forecasting, indicators, sheets, watching
from duban.standing import reads as standing
from duban.standing.actions import stand
from duban.web import moment as moments
from duban.web.listing import Asked, paths_of, within
from duban.web.moment import Moment, snapshot_of

pytestmark = pytest.mark.django_db
FEBRUARY = date(2026, 2, 28)
BEGAN = datetime(2026, 3, 2, tzinfo=UTC)
BOOK = """
recorded    undertaking  measure   kind    period   amount
2026-01-05  roofs        invested  plan    2026     1200
2026-01-05  wells        invested  plan    2026     1200
2026-01-05  paths        invested  plan    2026     600
2026-03-01  roofs        invested  report  2026-02  200
2026-03-01  wells        invested  report  2026-02  20
"""


def written() -> District:
    """Three undertakings with entries and one with none, an attribute, a shared one, and two towns."""
    town = district()
    town.write(BOOK)
    town.promise("doors", stage="reserve", parent="roofs")
    for code in ("east", "west"):
        town.bodies[code] = Body.objects.create(code=code, kind="town", name=code, path=f"top/{code}/", parent=town.bodies["top"])
    town.programmes["doses"] = Programme.objects.create(code="doses", name="doses", owner=town.bodies["works"], order=1)
    Programme.objects.filter(code="invested").update(attributes=[{"code": "level", "name": "级别", "type": "text"}])
    town.undertakings["paths"].joint_bodies.set([town.bodies["parks"]])
    return town


def a(model: Any, number: int) -> Any:
    """One of all, by a number."""
    rows = model.objects.order_by("pk")
    return rows[number % rows.count()]


def move(number: int) -> None:
    """A body under another one, with everything that its place says."""
    body, above = Body.objects.get(code=("works", "parks", "east")[number % 3]), Body.objects.get(code=("top", "west")[number % 2])
    Body.objects.filter(pk=body.pk).update(parent=above, path=f"{above.path}{body.code}/")


def register(number: int) -> None:
    last = Undertaking.objects.count()
    Undertaking.objects.create(
        code=f"new-{last}", name=f"new {last}", kind="project", programme=Programme.objects.get(code="invested"), lead_body=a(Body, number)
    )


def part(number: int) -> None:
    """A part of another whole, or of none."""
    wholes = [None, *Undertaking.objects.filter(parent=None, code__in=["roofs", "wells"])]
    Undertaking.objects.filter(code="doors").update(parent=wholes[number % len(wholes)])


def drop(number: int) -> None:
    """A row that nothing names, deleted outright."""
    Undertaking.joint_bodies.through.objects.filter(undertaking__code="paths").delete()


def raw(number: int) -> None:
    """By a hand that knows nothing of any rule."""
    with connection.cursor() as cursor:
        cursor.execute("UPDATE registry_undertaking SET attributes = %s, town_id = %s WHERE code = 'wells'",
                       [f'{{"level": "{number % 3}"}}', a(Body, number).pk])  # fmt: skip


CHANGES: dict[str, Callable[[int], Any]] = {
    "a body moves": move,
    "a body is renamed": lambda n: Body.objects.filter(pk=a(Body, n).pk).update(name=f"body {n}"),
    "an undertaking is registered": register,
    "an undertaking is renamed": lambda n: Undertaking.objects.filter(pk=a(Undertaking, n).pk).update(name=f"name {n}"),
    "another body leads": lambda n: Undertaking.objects.filter(pk=a(Undertaking, n).pk).update(lead_body=a(Body, n // 7)),
    "another stage is declared": lambda n: Undertaking.objects.filter(pk=a(Undertaking, n).pk).update(stage=("new", "reserve", "")[n % 3]),
    "a part is moved": part,
    "a body shares": lambda n: a(Undertaking, n).joint_bodies.set([a(Body, n // 5)]),
    "nobody shares": drop,
    "a programme is renamed": lambda n: Programme.objects.filter(pk=a(Programme, n).pk).update(name=f"list {n}"),
    "another measure leads": lambda n: Programme.objects.filter(code="invested").update(lead_measure=a(Measure, n)),
    "other measures count": lambda n: Programme.objects.get(code="invested").measures.set([a(Measure, n), a(Measure, n // 3)]),
    "less is better": lambda n: Measure.objects.filter(code="invested").update(direction=(1, -1)[n % 2]),
    "by hand": raw,
}


def screens(now: Moment, town: District) -> dict[str, Any]:
    """What the pages of a moment say, by what they are made of."""
    with past.at(now.registry):
        snapshot, paths = snapshot_of(now), paths_of(town.people["dispatcher"])
        reached, books = within(paths), rulebooks.in_force(as_of=FEBRUARY, known_at=now.known_at, led=True)
        rows = standing.standings(snapshot, reached).select_related("undertaking__programme", "undertaking__lead_body")
        asked = [{"programme": "invested"}, {"body": "works"}, {"under": "west"}, {"town": "east"}, {"attribute": "level", "value": "1"}]
        lists = [Asked.read(one) for one in [{}, *asked, {"whole": "roofs"}, {"stage": "reserve,new"}, {"rate": "started"}]]
        foretold = forecasting.outlooks(as_of=FEBRUARY, head=now.head, known_at=now.known_at)
        shown = [name.name for name in snapshot.standings.model._meta.concrete_fields if name.name not in {"id", "sheet", "since", "until"}]
        return {
            "standings": list(rows.values(*shown)),
            "names": [(row.undertaking.name, row.undertaking.programme.name, row.undertaking.lead_body.name) for row in rows],
            "overview": standing.overview(snapshot, reached),
            "lists": [one.counts(snapshot, reached, books) for one in lists],
            "groups": [
                indicators.tallied(snapshot, books, by=by, within=reached, attribute="level" if by == "said" else "")
                for by in ("body", "programme", "town", "whole", "said")
            ],
            "watched": [(one.standing.undertaking_id, one.stake.order, one.since) for one in watching.watch(snapshot, reached)],
            "figure": figures.answer("done", as_of=FEBRUARY, head=now.head, revision=now.revision, known_at=now.known_at),
            "foretold": (foretold.owner, foretold.programmes),
            "programmes": list(Programme.objects.annotate(held=Count("undertakings")).order_by("pk").values_list("name", "held")),
        }


@settings(parent=QUICK, max_examples=max(EXAMPLES // 8, 1))
@given(turns=st.lists(st.tuples(st.sampled_from(sorted(CHANGES)), st.integers(0, 1000)), min_size=2, max_size=5))
def test_whatever_changes_a_screen_turned_back_says_what_it_said(turns: list[tuple[str, int]]):
    with transaction.atomic():
        caches["process"].clear()
        town, told = written(), []
        Figure.objects.create(code="done", name="done", operation="ratio", unit="%", programme=town.programmes["invested"],
                              measure=town.measures["invested"])  # fmt: skip
        for step, (name, number) in enumerate(turns):
            at = BEGAN + timedelta(hours=step)
            told.append((at - timedelta(minutes=1), screens(moments._found(FEBRUARY, None, corrected=False), town)))
            with past.written(at):
                CHANGES[name](number)
        for at, said in told:
            assert screens(moments._found(FEBRUARY, at, corrected=False), town) == said
        for name, model in versions.STANDS.items():
            now = list(model._default_manager.order_by("pk").values())
            with past.at(ledger.revision()):
                assert list(model._default_manager.order_by("pk").values()) == now, name
        transaction.set_rollback(True)


@settings(parent=QUICK, max_examples=max(EXAMPLES // 8, 1))
@given(turns=st.lists(st.tuples(st.sampled_from(sorted(CHANGES)), st.integers(0, 1000)), min_size=2, max_size=6))
def test_lights_that_begin_with_those_of_an_earlier_registry_are_those_of_computing_everything(turns: list[tuple[str, int]]):
    with transaction.atomic():
        town = written()
        for name, number in turns:
            stand(as_of=FEBRUARY)
            if number % 2:
                town.write(f"undertaking measure kind period amount\ndoors invested report 2026-02-{1 + number % 28:02} {number}")
            CHANGES[name](number)
            begun = shown(stand(as_of=FEBRUARY))
            sheets.discard(keep=0)
            assert begun == shown(stand(as_of=FEBRUARY)), name
        transaction.set_rollback(True)


@pytest.mark.parametrize(
    ("name", "begins_with_another"),
    [
        ("an undertaking is renamed", True),
        ("a body moves", True),
        ("an undertaking is registered", True),
        ("another measure leads", False),
        ("less is better", False),
    ],
)
def test_a_change_of_few_undertakings_lights_few_anew(name: str, begins_with_another: bool, monkeypatch: pytest.MonkeyPatch):
    written()
    stand(as_of=FEBRUARY)
    lit: list[str] = []
    whole = sheets._lit
    monkeypatch.setattr(sheets, "_lit", lambda *given, touched="": lit.append(touched) or whole(*given, touched=touched))
    CHANGES[name](1)
    stand(as_of=FEBRUARY)
    assert [bool(touched) for touched in lit] == [begins_with_another]


def test_a_part_that_moves_takes_the_heading_along():
    town = written()
    town.write("undertaking measure kind period amount\ndoors invested report 2026-02-20 10")

    def headings() -> list[str]:
        return list(stand(as_of=FEBRUARY).standings.filter(heading=True).values_list("undertaking__code", flat=True))

    assert headings() == ["roofs"]
    for whole in ("wells", "roofs"):
        Undertaking.objects.filter(code="doors").update(parent=town.undertakings[whole])
        assert headings() == [whole]


@pytest.mark.parametrize("table", [Revised._meta.db_table, *map(versions.table, versions.STANDS)])
@pytest.mark.parametrize("change", ["UPDATE {} SET {} = 0", "DELETE FROM {}"])
def test_no_version_and_no_revision_is_changed_or_deleted(table: str, change: str):
    written()
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(change.format(table, "number" if table == Revised._meta.db_table else "began"))


def test_what_says_the_same_again_is_no_other_version():
    written()
    kept = versions.table("registry_undertaking")
    with connection.cursor() as cursor:
        for told in (0, 1):
            Undertaking.objects.filter(code="roofs").update(order=Undertaking.objects.get(code="roofs").order + told)
            cursor.execute(f"SELECT COUNT(*) FROM {kept} WHERE code = 'roofs'")
            assert cursor.fetchone() == (1 + told,)


def test_a_past_within_a_past_and_the_present_within_both_are_each_themselves():
    written()
    revisions = []
    for name in ("one", "two", "three"):
        Undertaking.objects.filter(code="roofs").update(name=name)
        revisions.append(ledger.revision())

    def called() -> str:
        return Undertaking.objects.get(code="roofs").name

    with past.at(revisions[0]):
        assert called() == "one"
        with past.at(None):
            assert called() == "three"
            with past.at(revisions[1]):
                assert called() == "two"
        assert called() == "one"
    assert called() == "three"
    assert past.reading() is None


def test_what_was_taken_from_the_public_stays_taken():
    written()
    Undertaking.objects.update(public=True)
    then = ledger.revision()
    Undertaking.objects.filter(code="roofs").update(public=False)
    with past.at(then):
        assert set(Undertaking.objects.filter(public=False).values_list("code", flat=True)) == {"roofs"}


def test_a_moment_reads_the_registry_by_the_last_revision_that_had_begun():
    written()
    before = ledger.revision()
    for hours in (1, 2):
        with past.written(BEGAN + timedelta(hours=hours)):
            Undertaking.objects.filter(code="roofs").update(name=f"called {hours}")
    assert [ledger.revision(BEGAN + timedelta(hours=hours, minutes=30)) - before for hours in (0, 1, 2)] == [0, 1, 2]
    assert ledger.revision(datetime(1901, 1, 1, tzinfo=UTC)) <= before
    assert Revision.objects.get().number == before + 2
    with past.written(BEGAN):  # a clock that went backwards
        Undertaking.objects.filter(code="roofs").update(name="called 3")
    assert ledger.revision(BEGAN + timedelta(hours=1, minutes=30)) == before + 1


def test_lights_asked_for_at_a_moment_are_those_of_the_registry_then():
    written()
    before = stand(as_of=FEBRUARY, known_at=BEGAN).standings.count()
    with past.written(BEGAN + timedelta(hours=1)):
        register(0)
    assert stand(as_of=FEBRUARY, known_at=BEGAN).standings.count() == before
    assert stand(as_of=FEBRUARY, known_at=BEGAN + timedelta(hours=2)).standings.count() == before + 1


def test_what_a_view_tells_after_it_has_answered_is_read_as_the_view_reads():
    written()
    with past.written(BEGAN + timedelta(hours=1)):
        Undertaking.objects.filter(code="roofs").update(name="another")

    @moments.turned
    def view(request: HttpRequest, now: Moment) -> StreamingHttpResponse:
        return StreamingHttpResponse(one.name for one in Undertaking.objects.filter(code="roofs").iterator())

    request = HttpRequest()
    request.GET = {"known_at": BEGAN.isoformat()}  # type: ignore[assignment]
    assert b"".join(view(request).streaming_content) == b"roofs"  # type: ignore[attr-defined]
    assert past.reading() is None
