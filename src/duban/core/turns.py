"""How an undertaking has turned between two days: what a meeting asks about, one word for each that changed."""

from __future__ import annotations

from typing import Final

from duban.core.stakes import POINT

WATCHED: Final = ("red", "amber")
TURNS: Final = ("red", "amber", "worsened", "silent", "unjudged", "eased", "cured")
"""What has become of it, worst first: it is red now, or amber, and was not; its light is the same and it lies further behind; its report
is missing now; it was red or amber and nothing judges it any more; it was red and is amber; it was red or amber and is green."""


def turn(was: str | None, light: str, *, was_gap: int | None = None, gap: int | None = None, silent: bool = False) -> str | None:
    """Which of `TURNS` it is; None where a meeting has nothing to say about it.

    `was` is the earlier light, None where there was none. Gaps are in hundredths of a point, negative behind schedule: a whole point
    further behind is worse. `silent` is whether it is grey because its report is missing.
    """
    if light != was and light in WATCHED:
        return "eased" if was == "red" else light
    if light in WATCHED:
        return "worsened" if was_gap is not None and gap is not None and was_gap - gap >= POINT else None
    if light == "grey" and silent:
        return None if was == "grey" else "silent"
    if was in WATCHED:
        return "cured" if light == "green" else "unjudged"
    return None
