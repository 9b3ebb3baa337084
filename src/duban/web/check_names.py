"""The short name of every check, for the page of a programme's weights and for the review queue."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as lazy

CHECKS: Mapping[str, Any] = {
    "unit-off": lazy("Unit ten thousand times off"),
    "share-for-percent": lazy("Percentage a hundred times less"),
    "amount-falls": lazy("Cumulative amount falls"),
    "progress-falls": lazy("Progress falls"),
    "spike-then-fall": lazy("Spike, then a fall"),
    "period-end-jump": lazy("Jump at a quarter's end"),
    "over-hundred": lazy("Over 100%"),
    "far-above-plan": lazy("Far above plan, not complete"),
    "long-run": lazy("Same value for long"),
    "missing-period": lazy("Period left out"),
    "plan-unit-off": lazy("Plan's unit ten thousand times off"),
    "original-rewritten": lazy("Original plan rewritten"),
    "revised-before-original": lazy("Revised earlier than original"),
    "parts-differ": lazy("Parts do not add up"),
    "started-without-evidence": lazy("Started without evidence"),
    "photograph-again": lazy("Same photograph again"),
    "left-list": lazy("Left the list"),
    "entered-list": lazy("Entered the list"),
}
"""Code → name, in the order of `duban.core.checks.CHECKS`."""
