"""What the checks weighed before rulebooks said so goes on standing in the rulebooks."""

from __future__ import annotations

from datetime import date
from importlib import import_module
from types import SimpleNamespace
from typing import Any

import pytest
from rulers import MARCH, adopted, ruled, written
from stage import District

from duban.registry import rulebooks
from duban.registry.models import RulebookVersion

pytestmark = pytest.mark.django_db
migration = import_module("duban.intake.migrations.0007_weights_in_rulebooks")


@pytest.fixture
def town(db: None) -> District:
    return ruled()


class Policies(list[Any]):
    def order_by(self, _key: str) -> Policies:
        return self


def carry(town: District, weights: dict[str, str], thresholds: dict[str, Any] | None = None) -> None:
    """Runs the migration's step over one policy, as if its table were still there."""
    policy = SimpleNamespace(programme=town.programmes["invested"], weights=weights, thresholds=thresholds or {})
    models = {"CheckPolicy": SimpleNamespace(objects=Policies([policy])), "RulebookVersion": RulebookVersion}
    migration.carry(SimpleNamespace(get_model=lambda _app, name: models[name]), None)


def weighed(town: District, day: date = MARCH) -> tuple[dict[str, str], dict[str, int], int]:
    book = rulebooks.in_force(as_of=day)[town.programmes["invested"].pk]
    return dict(book.checks), dict(book.thresholds), book.schedule.behind


def test_what_a_programme_had_said_holds_on_every_day_and_for_nobody_else(town: District):
    carry(town, {"unit-off": "block", "amount-falls": "note", "long-run": "explain"}, {"run_reports": 3})
    for day in (date(2001, 1, 1), MARCH):
        assert weighed(town, day) == ({"unit-off": "block", "long-run": "explain"}, {"run_reports": 3}, 10)
    assert not rulebooks.in_force(as_of=MARCH)[town.programmes["cleared"].pk].checks
    version = RulebookVersion.objects.get()
    assert (version.author, version.adopted_by, version.state) == (None, None, "adopted")


def test_it_is_laid_into_the_programmes_own_rulebook_and_gives_way_to_what_that_says(town: District):
    adopted(town, "invested", '# ours\n[schedule]\nbehind = 5\n[checks]\nunit-off = "explain"\n')
    carry(town, {"unit-off": "block", "long-run": "block"})
    assert weighed(town) == ({"unit-off": "explain", "long-run": "block"}, {}, 5)
    assert weighed(town, date(2026, 2, 28)) == ({"unit-off": "block", "long-run": "block"}, {}, 10)
    assert "# ours" in rulebooks.chain(town.programmes["invested"], as_of=MARCH)[0].text


def test_a_draft_that_waits_goes_on_saying_it(town: District):
    draft = written(town, "invested", "[schedule]\nbehind = 5\n")
    carry(town, {"long-run": "block"})
    draft.refresh_from_db()
    assert draft.text == '[schedule]\nbehind = 5\n\n[checks]\nlong-run = "block"\n'
    assert draft.digest == migration.hashlib.sha256(draft.text.encode()).hexdigest()


def test_what_nobody_knows_is_left_behind(town: District):
    carry(town, {"unit-on": "block", "unit-off": "shout"}, {"run": 3, "run_reports": 1, "look_bits": True})
    assert not RulebookVersion.objects.exists()
