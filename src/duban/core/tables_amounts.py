"""A column of a spreadsheet's numbers as whole ten-thousandths, all at once, as the spreadsheet shows them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Final

import numpy as np
from numpy.typing import NDArray

from duban.core import fixed
from duban.core.refusals import Refusal

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]
Kinds = NDArray[np.int8]

SILENT, TOLD, TOO_FINE, TOO_LARGE, TEXT = range(5)
"""What became of a cell: nothing stands in it, an amount, too many decimal places, too large, something that is no number."""

_NUMBERS: Final = frozenset({int, float, type(None)})
_PLAIN: Final = re.compile(r"-?\d{1,11}(?:\.\d{1,4})?").fullmatch
_DIGITS: Final = 15
"""As many significant digits does a spreadsheet show; 0.1+0.2 reads as 0.3."""
_SURE: Final = 4e-16
_BEYOND: Final = 5.1e-15
_SAFE: Final = 1e15
_SHARE: Final = 1.2


def numbers(cells: Sequence[str | float | int | bool | date | datetime | time | timedelta | None]) -> tuple[Floats, Kinds]:
    """The cells that are numbers, and for every cell whether it is silent, a number (`TOLD`) or something else (`TEXT`)."""
    if set(map(type, cells)) <= _NUMBERS:
        read = np.array(cells, dtype=np.float64)
        return read, np.where(np.isnan(read), SILENT, TOLD).astype(np.int8)
    kinds = np.fromiter(map(_kind, cells), dtype=np.int8, count=len(cells))
    told = kinds == TOLD
    read = np.full(len(cells), np.nan)
    read[told] = np.fromiter((cell for cell, one in zip(cells, told.tolist(), strict=True) if one), dtype=np.float64, count=int(told.sum()))
    return read, kinds


def _kind(cell: object) -> int:
    """Text that is nothing but digits and a point, few enough to be exact, is a number: so are all numbers of a CSV file."""
    if type(cell) is str:
        return TOLD if _PLAIN(cell) else TEXT if cell.strip() else SILENT
    if type(cell) in (int, float):
        return TOLD
    return SILENT if cell is None else TEXT


def shown(number: float) -> Decimal:
    """A number with the digits that a spreadsheet shows."""
    return Decimal(f"{number:.{_DIGITS}g}")


def like_shares(read: Floats) -> bool:
    """Whether numbers look like shares of one, as spreadsheets keep percentages: none beyond 1.2, and not only whole ones."""
    told = read[~np.isnan(read)]
    return bool(len(told) and (np.abs(told) <= _SHARE).all() and (told % 1 != 0).any())


def whole(read: Floats, kinds: Kinds, factor: Decimal) -> tuple[Whole, Kinds]:
    """The numbers, each times `factor`, as whole ten-thousandths; of each cell what became of it.

    Where the float leaves no doubt, its nearest whole is taken; the few doubtful ones are read digit by digit. What is no
    `TOLD` cell stays as it is.
    """
    scale = factor * fixed.SCALE
    scaled = read * float(scale) if scale == scale.to_integral_value() else read / float(1 / scale)
    nearest = np.rint(scaled)
    apart, size = np.abs(scaled - nearest), np.abs(scaled)
    told = kinds == TOLD
    outside = told & ~(size <= fixed.LARGEST * fixed.SCALE)
    inside = told & ~outside
    sure = inside & (size < _SAFE) & (apart <= size * _SURE)
    fine = inside & (size < _SAFE) & (apart > size * _BEYOND)
    found = kinds.copy()
    found[fine], found[outside] = TOO_FINE, TOO_LARGE
    amounts = np.where(sure, nearest, 0).astype(np.int64)
    for place in np.flatnonzero(inside & ~sure & ~fine).tolist():
        try:
            amounts[place] = fixed.to_fixed(shown(float(read[place])) * factor)
        except Refusal as refusal:
            found[place] = TOO_FINE if refusal.code == "amount-too-fine" else TOO_LARGE
    return amounts, found
