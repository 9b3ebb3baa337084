"""What one cell of a spreadsheet says: an amount or a day, or a refusal that says why it says neither."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Final

from duban.core import numerals, periods, tables_amounts
from duban.core.refusals import Refusal
from duban.intake.files.sheets import Cell, CellError
from duban.registry.models import Measure

_SERIAL_ZERO: Final = date(1899, 12, 30)
_SERIALS: Final = range(61, 110_000)
"""Serial numbers of days from March 1900 on; before it, spreadsheets disagree about a day that never was."""
_COMPACT: Final = range(19_000_101, 22_000_000)
"""Days written as one number, 20210831."""


def amount_of(cell: Cell, measure: Measure, *, scale: Decimal | int = 1) -> tuple[Decimal, bool]:
    """The amount in the measure's unit, and whether the cell named its unit itself.

    Numbers are read at 15 significant digits, as spreadsheets show them (0.1 + 0.2 is 0.3), times `scale`: 100 where the column's
    cells are shown as percentages, since 82.77% is kept as 0.8277. Text stands as it is written; a bare text between 0 and 1 in a
    measure of % may be either, so it raises `Refusal` "amount-ambiguous". "amount-missing" for an empty cell, "cell-failed" for a
    formula that failed, and whatever `numerals.read_amount` raises.
    """
    _spoken(cell)
    if isinstance(cell, bool) or not isinstance(cell, str | int | float):
        raise Refusal("amount-unreadable", amount=str(cell))
    if isinstance(cell, str):
        amount, named = numerals.read_amount(cell, measure.unit)
        if measure.unit == "%" and not named and 0 < abs(amount) < 1:
            raise Refusal("amount-ambiguous", amount=cell, readings=share_readings(amount))
        return amount, named
    amount = shown(cell)
    if not amount.is_finite():
        raise Refusal("amount-unreadable", amount=str(cell))
    return amount * scale, False


def share_readings(amount: Decimal) -> str:
    """Both ways to read a number in %: as it stands, and as a share of one."""
    return f"{amount:f}% / {(amount * 100).normalize():f}%"


def shown(number: float) -> Decimal:
    """A number at the 15 significant digits that a spreadsheet shows: 0.1 + 0.2 → 0.3. Whole numbers stay whole."""
    return Decimal(number) if isinstance(number, int) else tables_amounts.shown(number)


def day_of(cell: Cell, *, order: periods.Order = "ymd", serial: bool = False) -> date:
    """The day that a cell says: a date, or a written day.

    A bare number is a day only where it is written out (20210831), or counts days as spreadsheets do and the caller says so with
    `serial`. Raises `Refusal` "day-missing", "cell-failed", "day-unreadable", "day-incomplete" or "day-ambiguous".
    """
    if cell is None or (isinstance(cell, str) and not cell.strip()):
        raise Refusal("day-missing")
    _spoken(cell)
    if isinstance(cell, datetime):
        if cell.time() != time():
            raise Refusal("day-unreadable", day=cell.isoformat(" "))
        return periods.speakable(cell.date())
    if isinstance(cell, date):
        return periods.speakable(cell)
    if isinstance(cell, str):
        return periods.read_written_day(cell, order)
    if not isinstance(cell, bool | time | timedelta) and float(cell).is_integer():
        if int(cell) in _COMPACT:
            return periods.read_written_day(str(int(cell)))
        if serial and int(cell) in _SERIALS:
            return periods.speakable(_SERIAL_ZERO + timedelta(days=int(cell)))
    raise Refusal("day-unreadable", day=str(cell))


def _spoken(cell: Cell) -> None:
    """Neither empty nor failed."""
    if isinstance(cell, CellError):
        raise Refusal("cell-failed", error=str(cell))
    if cell is None or (isinstance(cell, str) and not cell.strip()):
        raise Refusal("amount-missing")
