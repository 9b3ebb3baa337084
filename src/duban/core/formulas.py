"""Text on its way into a spreadsheet, which takes some of it for formulas."""

from __future__ import annotations

from typing import Final

_BEGINNINGS: Final = (
    tuple("=+-@")
    + tuple("＝＋－＠")
    + ("\N{MINUS SIGN}", "\N{SMALL PLUS SIGN}", "\N{SMALL HYPHEN-MINUS}", "\N{SMALL EQUALS SIGN}", "\N{SMALL COMMERCIAL AT}")
)
"""Spreadsheets take the full-width forms, too."""
_PADDING: Final = "\t\r\n"


def harmless(text: str) -> str:
    """Free text that no spreadsheet takes for a formula: an apostrophe goes before what begins like one.

    Spaces and signs that show nothing before it do not hide a formula. For text only: a number is written as a number.
    """
    begins = text.lstrip().lstrip("\N{ZERO WIDTH SPACE}\N{ZERO WIDTH NO-BREAK SPACE}\x00").lstrip()
    return f"'{text}" if begins.startswith(_BEGINNINGS) or text.startswith(tuple(_PADDING)) else text
