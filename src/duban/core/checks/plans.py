"""The checks of plans as they are revised, and of wholes against their parts. Rows, not months: one row is one thing to be judged."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from duban.core import periods
from duban.core.checks.amounts import MYRIAD
from duban.core.checks.panel import Facts, Truth, Whole, amount_text
from duban.core.checks.thresholds import Thresholds


@dataclass(frozen=True, eq=False)
class Revisions:
    """Plans that are being submitted, one a row: amounts in whole ten-thousandths, or days as numbers where `day` is true.

    `now` is what is being said. `first` is what the plan said first, by the ledger or, where that is silent, by the same file;
    `standing` is what the ledger says. `original` marks a row that claims to tell the first wording itself.
    """

    now: Whole
    first: Whole
    first_told: Truth
    standing: Whole
    standing_told: Truth
    original: Truth
    day: Truth
    money: Truth


def original_rewritten(plans: Revisions, rules: Thresholds) -> Truth:
    """An original date or cost is not the one that was told first. Source: an "original" date or cost that was silently rewritten."""
    rewritten: Truth = plans.original & plans.first_told & (plans.now != plans.first)
    return rewritten


def revised_before_original(plans: Revisions, rules: Thresholds) -> Truth:
    """A revised day lies before the original one; the same day is no revision. Source: revised earlier than original."""
    return plans.day & ~plans.original & plans.first_told & (plans.now < plans.first)


def plan_unit_off(plans: Revisions, rules: Thresholds) -> Truth:
    """A plan in money becomes about ten thousand times less or more, give or take `unit_window`. Source: units in the header ignored."""
    low, high = np.minimum(plans.now, plans.standing), np.maximum(plans.now, plans.standing)
    about = (low >= -(-high // (MYRIAD * rules.unit_window))) & (low <= high * rules.unit_window // MYRIAD)
    off: Truth = plans.money & ~plans.day & plans.standing_told & (low > 0) & about
    return off


def first_facts(plans: Revisions, row: int, rules: Thresholds) -> Facts:
    """What is said now, and what was said first."""
    return {"now": _told(plans, plans.now[row], row), "first": _told(plans, plans.first[row], row)}


def standing_facts(plans: Revisions, row: int, rules: Thresholds) -> Facts:
    """What is said now, and what the ledger says."""
    now, known = plans.now[row], plans.standing[row]
    return {"amount": amount_text(now), "known": amount_text(known), "times": MYRIAD, "less": bool(now < known)}


def _told(plans: Revisions, value: Any, row: int) -> str:
    return periods.from_number(int(value)).isoformat() if plans.day[row] else amount_text(value)


@dataclass(frozen=True, eq=False)
class Wholes:
    """What wholes and their parts would say of one measure and period, one a row. `told` of the `parts` parts say something."""

    amount: Whole
    summed: Whole
    told: Whole
    parts: Whole


def parts_differ(wholes: Wholes, rules: Thresholds) -> Truth:
    """A whole is not the sum of its parts, beyond `parts_permille` of it for rounding; parts that are silent may be what is missing.

    Source: totals that do not add up.
    """
    gap = wholes.amount - wholes.summed
    beyond = np.abs(gap) > np.abs(wholes.amount) * rules.parts_permille // 1000
    differ: Truth = beyond & (wholes.told > 0) & ((wholes.told == wholes.parts) | (gap < 0))
    return differ


def parts_facts(wholes: Wholes, row: int, rules: Thresholds) -> Facts:
    """The whole, the sum of its parts, and what lies between."""
    amount, summed = int(wholes.amount[row]), int(wholes.summed[row])
    facts: Facts = {"amount": amount_text(amount), "summed": amount_text(summed), "difference": amount_text(abs(amount - summed))}
    return facts | {"told": int(wholes.told[row]), "parts": int(wholes.parts[row])}
