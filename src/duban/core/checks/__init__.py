"""How figures go wrong: small named checks over columns. Each says in its docstring where its boundary lies and what it goes back to.

A check tells what is wrong in what would stand if a submission were accepted; whether the submission has a part in it is asked by
`placed` (months) or by whoever makes the rows. Nothing here knows a sentence, a database or today. The sources are the facts of
the field, "how figures go wrong"; thresholds are duban's own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from inspect import cleandoc
from typing import Any, Final, Generic, TypeVar

from duban.core.checks import amounts, lists, plans
from duban.core.checks.lists import Members, Pictures, Starts
from duban.core.checks.panel import Facts, Panel, Truth, Whole, placed
from duban.core.checks.plans import Revisions, Wholes
from duban.core.checks.thresholds import Thresholds

__all__ = [
    "CHECKS",
    "OF_MEMBERS",
    "OF_MONTHS",
    "OF_PICTURES",
    "OF_PLANS",
    "OF_STARTS",
    "OF_WHOLES",
    "Check",
    "Members",
    "Panel",
    "Pictures",
    "Revisions",
    "Starts",
    "Thresholds",
    "Wholes",
    "placed",
]

Shape = TypeVar("Shape")


def _nothing_more(*_: Any) -> Facts:
    return {}


@dataclass(frozen=True, slots=True)
class Check(Generic[Shape]):
    """One way in which figures go wrong. `facts` tells what its sentence needs beyond who, what and when; `since` is asked of
    checks of months only: the first column that each cell was judged by.
    """

    code: str
    holds: Callable[[Shape, Thresholds], Truth]
    facts: Callable[..., Facts] = _nothing_more
    since: Callable[[Panel, Thresholds], Whole] = amounts.itself

    @property
    def claim(self) -> str:
        """What it finds and where its boundary lies."""
        return cleandoc(self.holds.__doc__ or "").partition("Source:")[0].strip()

    @property
    def source(self) -> str:
        """What in the facts of the field it goes back to."""
        return cleandoc(self.holds.__doc__ or "").partition("Source:")[2].strip().rstrip(".")


OF_MONTHS: Final[tuple[Check[Panel], ...]] = (
    Check("unit-off", amounts.unit_off, amounts.unit_facts, amounts.from_last_told),
    Check("share-for-percent", amounts.share_for_percent, _nothing_more, amounts.from_last),
    Check("amount-falls", amounts.amount_falls, _nothing_more, amounts.from_last),
    Check("progress-falls", amounts.progress_falls, _nothing_more, amounts.from_last),
    Check("spike-then-fall", amounts.spike_then_fall, amounts.spike_facts, amounts.from_last_but_one),
    Check("period-end-jump", amounts.period_end_jump, amounts.jump_facts, amounts.from_last),
    Check("over-hundred", amounts.over_hundred),
    Check("far-above-plan", amounts.far_above_plan, amounts.plan_facts),
    Check("long-run", amounts.long_run, amounts.run_facts, amounts.from_start_of_run),
    Check("missing-period", amounts.missing_period, amounts.missing_facts),
)
OF_PLANS: Final[tuple[Check[Revisions], ...]] = (
    Check("plan-unit-off", plans.plan_unit_off, plans.standing_facts),
    Check("original-rewritten", plans.original_rewritten, plans.first_facts),
    Check("revised-before-original", plans.revised_before_original, plans.first_facts),
)
OF_WHOLES: Final[tuple[Check[Wholes], ...]] = (Check("parts-differ", plans.parts_differ, plans.parts_facts),)
OF_STARTS: Final[tuple[Check[Starts], ...]] = (Check("started-without-evidence", lists.started_without_evidence),)
OF_PICTURES: Final[tuple[Check[Pictures], ...]] = (Check("photograph-again", lists.photograph_again),)
OF_MEMBERS: Final[tuple[Check[Members], ...]] = (
    Check("left-list", lists.left_list, lists.list_facts),
    Check("entered-list", lists.entered_list, lists.list_facts),
)
_ALL: Final[tuple[Check[Any], ...]] = (*OF_MONTHS, *OF_PLANS, *OF_WHOLES, *OF_STARTS, *OF_PICTURES, *OF_MEMBERS)
CHECKS: Final[Mapping[str, Check[Any]]] = {check.code: check for check in _ALL}
"""Every check by its code, the worst first."""
