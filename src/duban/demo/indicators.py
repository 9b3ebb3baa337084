"""The city's seven districts and counties by five indicators; Tunxi's places are published, the values illustrative."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Final

from duban.demo import bodies
from duban.demo.breakdown import Book, sent
from duban.demo.rows import Line, UndertakingRow

DISTRICTS: Final = tuple(code for code, _, _ in bodies.DISTRICTS)
QUARTERS: Final = (date(2021, 3, 31), date(2021, 6, 30))
MONTHS: Final = (date(2021, 3, 31), date(2021, 4, 30), date(2021, 5, 31), date(2021, 6, 30), date(2021, 7, 31))
VALUES: Final = {
    "gdp": (QUARTERS, ((48.6, 102.7), (22.4, 49.1), (20.7, 46.3), (43.9, 96.8), (25.3, 56.2), (9.8, 22.5), (16.6, 37.4))),
    "retail": (
        MONTHS,
        (
            (31.2, 40.9, 51.6, 63.1, 74.4),
            (11.4, 15.1, 19.2, 23.4, 27.5),
            (9.7, 12.8, 16.2, 19.9, 23.3),
            (22.6, 29.9, 37.9, 46.4, 54.6),
            (12.9, 17.0, 21.5, 26.3, 31.0),
            (5.1, 6.8, 8.7, 10.7, 12.6),
            (8.8, 11.6, 14.7, 18.0, 21.2),
        ),
    ),
    "tourism": (
        MONTHS,
        (
            (24.8, 36.1, 49.3, 60.2, 70.5),
            (19.6, 29.4, 41.0, 50.3, 59.7),
            (6.2, 9.1, 12.6, 15.4, 18.1),
            (15.7, 23.5, 32.9, 40.1, 47.2),
            (8.4, 12.3, 17.0, 20.8, 24.5),
            (17.9, 26.4, 36.6, 44.8, 52.9),
            (4.3, 6.3, 8.8, 10.7, 12.6),
        ),
    ),
    "hightech": (
        MONTHS,
        (
            (6.9, 9.3, 11.9, 14.8, 17.4),
            (1.9, 2.6, 3.3, 4.1, 4.8),
            (6.1, 8.2, 10.5, 13.0, 15.3),
            (5.2, 7.0, 9.0, 11.1, 13.1),
            (2.6, 3.5, 4.5, 5.6, 6.6),
            (0.7, 0.9, 1.2, 1.5, 1.7),
            (1.8, 2.4, 3.1, 3.8, 4.5),
        ),
    ),
    "investment-growth": (
        MONTHS,
        (
            (38.2, 31.5, 27.9, 24.6, 22.3),
            (29.7, 24.1, 20.8, 18.2, 16.9),
            (33.4, 28.8, 25.1, 21.7, 19.8),
            (26.5, 22.3, 18.7, 16.4, 15.2),
            (31.0, 26.2, 22.6, 19.5, 17.6),
            (24.2, 20.6, 17.3, 15.1, 13.8),
            (27.8, 23.0, 19.9, 17.3, 16.1),
        ),
    ),
}
"""Indicator: its periods, and the values of each district in the order of `DISTRICTS`."""


def code(district: str) -> str:
    return f"indicators-{district}"


def undertakings() -> list[UndertakingRow]:
    """One a district: what its statistics say."""
    return [
        UndertakingRow(code(district), "city-indicators", f"{name}主要经济指标", f"Main indicators of {english}", "indicator", district)
        for district, name, english in bodies.DISTRICTS
    ]


def lines() -> list[Line]:
    """Statistics that the city sends some three weeks after a period's end."""
    book = Book()
    for measure, (days, values) in VALUES.items():
        for district, course in zip(DISTRICTS, values, strict=True):
            for period, value in zip(days, course, strict=True):
                at = sent("huangshan", period, 20)
                book.write(code(district), measure, "report", period, Decimal(str(value)), body="huangshan", at=at)
    return book.lines
