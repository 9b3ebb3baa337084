"""Amounts as whole numbers of ten-thousandths, so that every engine adds the same digits.

A decimal amount of 12.5 is stored as 125000. Stored amounts stay below 2**53: they are exact in
a double, in an int64 and in JSON alike.
"""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Final

from duban.core.refusals import Refusal

PLACES: Final = 4
SCALE: Final = 10**PLACES
LIMIT: Final = 2**53
LARGEST: Final = LIMIT // SCALE
"""Amounts go up to this many whole units, on either side of zero, as the ledger's own constraint has it."""

LEAST: Final = Decimal(1).scaleb(-PLACES)
"""The smallest amount that there is."""


def to_fixed(amount: Decimal | int | str) -> int:
    """Whole ten-thousandths of `amount`.

    Raises `Refusal` "amount-unreadable" for what is no finite number, "amount-too-fine" for more
    than four decimal places and "amount-too-large" beyond `LARGEST` (some 900 billion).
    """
    try:
        number = Decimal(amount)
    except (InvalidOperation, TypeError, ValueError):
        raise Refusal("amount-unreadable", amount=str(amount)) from None
    if not number.is_finite():
        raise Refusal("amount-unreadable", amount=str(amount))
    if abs(number) > LARGEST:
        raise Refusal("amount-too-large", amount=str(amount), limit=LARGEST)
    scaled = number * SCALE
    if scaled != scaled.to_integral_value():
        raise Refusal("amount-too-fine", amount=str(amount), places=PLACES)
    return int(scaled)


def from_fixed(stored: int) -> Decimal:
    """The decimal amount behind `stored` ten-thousandths, without trailing zeros: 125000 → 12.5."""
    number = Decimal(stored) / SCALE
    return number.quantize(Decimal(1)) if number == number.to_integral_value() else number.normalize()
