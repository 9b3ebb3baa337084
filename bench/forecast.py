"""A forecast of every undertaking, against NumPy drawing as many random numbers and doing nothing with them."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np

from bench.ground import PROGRAMMES
from bench.measuring import Row, alternate

MOST_BEYOND, HEAVIEST = 0.2, 300
"""Milliseconds on one processor for each undertaking, beyond those for drawing its numbers: 2 s for 10,000."""
HALF, AS_OF = 12, date(2021, 6, 30)
"""In the middle of the year: six months of every course are still to come."""
YEARS = 2


def courses(chance: np.random.Generator, count: int) -> Any:
    """The shares of their plans that `count` undertakings do in a year; half of them stop where the plan is fulfilled."""
    pace, shape = np.clip(chance.normal(0.97, 0.15, count), 0.2, 1.3), chance.uniform(0.7, 1.6, count)
    steps = np.diff(pace[:, None] * (np.arange(25) / 24) ** shape[:, None]) * chance.lognormal(-0.1, 0.5, (count, 24))
    paths = np.hstack([np.zeros((count, 1)), np.cumsum(steps, axis=1)])
    return np.where(chance.random(count)[:, None] < 0.5, np.minimum(paths, 1), paths)


def drawn(size: int, runs: int) -> list[Row]:
    """The year's end of `size` undertakings in ten programmes, each with two years behind it."""
    from duban.core.forecast import ForecastRules, UnderWay, forecast
    from duban.core.likeness import Completed

    chance, rules = np.random.default_rng(2021), ForecastRules()
    programme, target = np.arange(size) % PROGRAMMES, chance.integers(10**8, 10**13, size)
    past = Completed(np.tile(programme, YEARS), np.zeros(size * YEARS, dtype=bool), courses(chance, size * YEARS))
    asked = UnderWay(
        undertaking=np.arange(1, size + 1),
        programme=programme,
        lasting=np.zeros(size, dtype=bool),
        base=np.zeros(size, dtype=np.int64),
        done=np.rint(courses(chance, size)[:, HALF] * target).astype(np.int64),
        target=target,
        half=np.full(size, HALF),
    )

    def numbers() -> None:
        bare, row = np.random.default_rng(7), np.empty(rules.draws, dtype=np.float32)
        for _ in range(size):
            bare.random(out=row, dtype=np.float32)

    told = alternate(
        {
            "numbers": numbers,
            "forecast": lambda: forecast(asked, past, as_of=AS_OF, head=1, rules=rules),
            "fans": lambda: forecast(asked, past, as_of=AS_OF, head=1, rules=rules, fans=True),
        },
        runs=runs,
    )
    most = MOST_BEYOND * size
    beyond = told["forecast"].cpu - told["numbers"].cpu
    return [
        Row(f"floor: draw {size:,} × {rules.draws:,} numbers", told["numbers"]),
        Row(
            f"their years' ends, {beyond:,.0f} of {most:,.0f} CPU ms beyond",
            told["forecast"],
            told["numbers"],
            heaviest=HEAVIEST,
            most_beyond=most,
        ),
        Row("the same with each one's way there", told["fans"], told["numbers"]),
    ]
