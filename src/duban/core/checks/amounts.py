"""The checks of amounts over time: each says which cells of a panel are wrong, which earlier cells it looked at, and why."""

from __future__ import annotations

from typing import Final

import numpy as np

from duban.core import fixed
from duban.core.checks.panel import NEVER, YEAR, Facts, Panel, Truth, Whole, amount_text, named
from duban.core.checks.thresholds import Thresholds

HUNDRED: Final = 100 * fixed.SCALE
MYRIAD: Final = 10_000
"""元 in a 万元."""


def itself(panel: Panel, rules: Thresholds) -> Whole:
    """The cell is judged by itself."""
    return panel.columns


def from_last(panel: Panel, rules: Thresholds) -> Whole:
    """The cell is judged by what was told last before it."""
    return np.where(panel.last == NEVER, panel.columns, panel.last)


def from_last_but_one(panel: Panel, rules: Thresholds) -> Whole:
    """The cell is judged by what was told in the last two columns before it."""
    return np.where(panel.pair, np.take_along_axis(panel.last, np.maximum(panel.last, 0), axis=1), panel.columns)


def amount_falls(panel: Panel, rules: Thresholds) -> Truth:
    """An amount that adds up is less than what was told before it. Equal is no fall; January begins a year anew.

    Source: cumulative amounts that fall.
    """
    return panel.adds_up & panel.pair & (panel.amount < panel.before)


def progress_falls(panel: Panel, rules: Thresholds) -> Truth:
    """Progress is less than what was told before it. Equal is no fall.

    Source: progress that falls.
    """
    return panel.progress[:, None] & panel.pair & (panel.amount < panel.before)


def over_hundred(panel: Panel, rules: Thresholds) -> Truth:
    """A percentage is more than 100; exactly 100 is done.

    Source: a department that reports percentages over 100 as done.
    """
    return panel.percent[:, None] & panel.told & (panel.amount > HUNDRED)


def share_for_percent(panel: Panel, rules: Thresholds) -> Truth:
    """A percentage of no more than 1 is about a hundred times less than what was told before it, give or take a factor of 3.

    Source: units ignored; a spreadsheet keeps 82.77 % as 0.8277.
    """
    small = panel.told & (panel.amount > 0) & (panel.amount <= fixed.SCALE)
    about = (panel.amount * 300 >= panel.before) & (panel.amount * 100 <= panel.before * 3)
    return panel.percent[:, None] & panel.pair & small & about


def far_above_plan(panel: Panel, rules: Thresholds) -> Truth:
    """An amount that adds up is more than `far_above_percent` of the plan, and nothing says that it is complete.

    Source: an amount far above plan with no completion.
    """
    held = panel.adds_up & panel.told & panel.target_told & (panel.target > 0) & ~panel.complete
    return held & (panel.amount * 100 > panel.target * rules.far_above_percent)


def plan_facts(panel: Panel, row: int, column: int, rules: Thresholds) -> Facts:
    """The plan, and how many per cent of it were told."""
    plan, amount = int(panel.target[row, column]), int(panel.amount[row, column])
    return {"plan": amount_text(plan), "percent": str(amount * 100 // plan)}


def spike_then_fall(panel: Panel, rules: Thresholds) -> Truth:
    """A fall takes back at least `spike_back_percent` of the rise before it, which was a large one.

    Large is a rise of at least `spike_percent` per cent of what stood before it; for progress, of so many points. A small
    correction after a small rise only falls. Source: spikes.
    """
    start = from_last_but_one(panel, rules)
    base = panel.at(start)
    rise, fall = panel.before - base, panel.before - panel.amount
    large = np.where(panel.progress[:, None], rise >= rules.spike_percent * fixed.SCALE, rise * 100 >= base * rules.spike_percent)
    held = (panel.adds_up | panel.progress[:, None]) & panel.pair & (start != NEVER) & (rise > 0) & large
    spiked: Truth = held & (fall * 100 >= rise * rules.spike_back_percent)
    return spiked


def spike_facts(panel: Panel, row: int, column: int, rules: Thresholds) -> Facts:
    """What stood before the spike; the spike itself is what stood before the fall."""
    start = int(panel.last[row, panel.last[row, column]])
    return {"base": amount_text(panel.amount[row, start]), "base_period": named(panel.periods[start])}


def long_run(panel: Panel, rules: Thresholds) -> Truth:
    """The same amount was told `run_reports` times in a row, and the undertaking is neither finished nor still at nothing.

    Silent periods are passed over. What has reached its plan may stay there. Source: long runs of the same value.
    """
    reached = panel.adds_up & panel.target_told & (panel.amount >= panel.target)
    stuck: Truth = (panel.runs[0] >= rules.run_reports) & (panel.amount != 0) & ~panel.complete & ~reached
    return stuck


def from_start_of_run(panel: Panel, rules: Thresholds) -> Whole:
    """The cell is judged by all that were equal before it."""
    return panel.runs[1]


def run_facts(panel: Panel, row: int, column: int, rules: Thresholds) -> Facts:
    """Since when, and how often."""
    length, start = panel.runs
    return {"count": int(length[row, column]), "first": named(panel.periods[start[row, column]])}


def _steps(panel: Panel) -> tuple[Truth, Whole, Whole]:
    """Where something new can be told from what was told before, how much, and how much of it a month.

    Of a year that begins, all that is told in its first report is new, over the months up to it.
    """
    opens = (panel.accumulates == YEAR)[:, None] & (panel.last == NEVER)
    told = panel.told & panel.adds_up & (opens | (panel.last != NEVER))
    months = np.where(opens, panel.month % 12 + 1, panel.month - panel.month[panel.last])
    step = panel.amount - panel.before
    return told, step, step // np.maximum(months, 1)


def _most_before(panel: Panel, told: Truth, rate: Whole, column: int, rules: Thresholds) -> tuple[Whole, Whole]:
    """How many new amounts were told in the months looked at before `column`, and the largest of them a month."""
    near = panel.month[:column] >= panel.month[column] - rules.jump_months
    same_year = panel.year[:column] == panel.year[column]
    seen = told[:, :column] & near & ((panel.accumulates != YEAR)[:, None] | same_year)
    most = np.where(seen, rate[:, :column], 0).max(axis=1, initial=0)
    return seen.sum(axis=1), most


def period_end_jump(panel: Panel, rules: Thresholds) -> Truth:
    """The last month of a quarter brings more than `jump_times` as much as any month before it, and a good part of all.

    What silent months left is spread over them. At least `jump_reports` new amounts of the last `jump_months` are needed (of the
    same year where January begins anew), and the new one is at least `jump_percent` of all. Source: spikes at period ends.
    """
    told, step, rate = _steps(panel)
    held = np.zeros_like(panel.told)
    for column in np.flatnonzero(panel.month % 3 == 2).tolist():
        count, most = _most_before(panel, told, rate, column, rules)
        large = (step[:, column] > 0) & (step[:, column] * 100 >= panel.amount[:, column] * rules.jump_percent)
        held[:, column] = told[:, column] & (count >= rules.jump_reports) & (rate[:, column] > most * rules.jump_times) & large
    return held


def jump_facts(panel: Panel, row: int, column: int, rules: Thresholds) -> Facts:
    """What is new, and the most that was new in a month before."""
    one = panel.rows(slice(row, row + 1))
    told, step, rate = _steps(one)
    return {"step": amount_text(step[0, column]), "most": amount_text(_most_before(one, told, rate, column, rules)[1][0])}


def _near(amount: Whole, known: Whole, rules: Thresholds) -> Truth:
    """Whether ten thousand times `amount` is about `known`."""
    least, most = -(-known // (MYRIAD * rules.unit_window)), known * rules.unit_window // MYRIAD
    return (known > 0) & (amount > 0) & (amount >= least) & (amount <= most)


def unit_off(panel: Panel, rules: Thresholds) -> Truth:
    """Money is about ten thousand times less or more than what was told before, or, where nothing was, than the plan.

    About is give or take `unit_window`; what fits the plan is in the right unit. Of a plan alone, ten thousand times the amount
    must be `unit_plan_percent` of it and not far above it. Source: units in the header (单位:万元) ignored.
    """
    known = panel.at(panel.last_told)
    fits = panel.target_told & (panel.amount * 100 <= panel.target * rules.far_above_percent)
    by_last = _near(panel.amount, known, rules) | (_near(known, panel.amount, rules) & ~fits)
    planned = panel.target_told & (panel.target > 0) & (panel.amount > 0) & (panel.last_told == NEVER)
    least = -(-panel.target * rules.unit_plan_percent // (100 * MYRIAD))
    most = panel.target * rules.far_above_percent // (100 * MYRIAD)
    by_plan = planned & (((panel.amount >= least) & (panel.amount <= most)) | _near(panel.target, panel.amount, rules))
    off: Truth = panel.money[:, None] & panel.told & (by_last | by_plan)
    return off


def from_last_told(panel: Panel, rules: Thresholds) -> Whole:
    """The cell is judged by what was told last before it, in whatever year."""
    return np.where(panel.last_told == NEVER, panel.columns, panel.last_told)


def unit_facts(panel: Panel, row: int, column: int, rules: Thresholds) -> Facts:
    """What is known, and whether it is the plan."""
    last = int(panel.last_told[row, column])
    known = panel.target[row, column] if last == NEVER else panel.amount[row, last]
    facts: Facts = {"known": amount_text(known), "times": MYRIAD, "less": bool(panel.amount[row, column] < known)}
    return facts | ({} if last == NEVER else {"since": named(panel.periods[last])})


def missing_period(panel: Panel, rules: Thresholds) -> Truth:
    """Nothing was told for a period between the last report and this one; of what adds up since January, since January at the latest.

    Source: silence is not zero, and a report left out hides what happened in it.
    """
    never = panel.last_told == NEVER
    opens = never & (panel.accumulates == YEAR)[:, None]
    month = np.where(opens, panel.year * 12 - 1, panel.month[panel.last_told])
    gap: Truth = panel.told & (opens | ~never) & (panel.month - month > panel.cadence[:, None])
    return gap


def missing_facts(panel: Panel, row: int, column: int, rules: Thresholds) -> Facts:
    """The periods that are missing."""
    last, cadence = int(panel.last_told[row, column]), int(panel.cadence[row])
    start = int(panel.year[column]) * 12 - 1 if last == NEVER else int(panel.month[last])
    months = range(start + cadence, int(panel.month[column]), cadence)
    return {"missing": [f"{month // 12:04}-{month % 12 + 1:02}" for month in months], "count": len(months)}
