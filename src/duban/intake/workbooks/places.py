"""Where a page's parts lie on a sheet that somebody has worked on: by the hidden codes, and by words where those are gone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from duban.intake.files.sheets import Cell, Sheet
from duban.intake.workbooks import passports
from duban.intake.workbooks.passports import KEY, Passport, Told
from duban.intake.workbooks.words import plain

TOP: Final = 200
"""Rows in which the hidden keys or the headings are looked for."""


def blank(cell: Cell) -> bool:
    return cell is None or (isinstance(cell, str) and not cell.strip())


def text(cell: Cell) -> str:
    """What a cell shows, as near as can be told."""
    if isinstance(cell, float):
        return f"{cell:.15g}"
    return "" if cell is None else str(cell).strip()


def letters(column: int) -> str:
    """0 → A, 26 → AA."""
    return (letters(column // 26 - 1) if column >= 26 else "") + chr(ord("A") + column % 26)


@dataclass(slots=True)
class Laid:
    """One page as it lies on a sheet; rows and columns count from 0.

    `columns` leads from a column to its key, `codes` is the column of the undertakings' codes (None: gone), `headings` the row of the
    headings. `twice` are keys that several columns carry.
    """

    sheet: Sheet
    programme: str
    told: Told
    columns: dict[int, str]
    codes: int | None
    headings: int
    twice: dict[str, list[int]] = field(default_factory=dict)

    def at(self, row: int, column: int | None) -> Cell:
        cells = self.sheet.rows[row]
        return cells[column] if column is not None and column < len(cells) else None

    def column(self, key: str) -> int | None:
        return next((column for column, found in self.columns.items() if found == key), None)

    def heading(self, column: int) -> str:
        """A column's heading as its reader sees it, else its letter."""
        words = " ".join(text(self.at(self.headings, column)).split()) if self.headings >= 0 else ""
        return words or letters(column)

    def rows(self) -> Iterator[int]:
        """The rows below the headings in which something stands where a page says something."""
        places = [*self.columns, *([] if self.codes is None else [self.codes])]
        numbered = self.column(passports.NUMBER)
        for row in range(self.headings + 1, len(self.sheet.rows)):
            if any(not blank(self.at(row, column)) for column in places if column != numbered):
                yield row

    def code(self, row: int) -> str:
        """The code of the undertaking that a row speaks of; empty where that cannot be told."""
        if self.codes is not None:
            return text(self.at(row, self.codes))
        name = plain(text(self.at(row, self.column(passports.NAME))))
        fitting = [code for code, told in self.told.rows.items() if plain(told) == name]
        return fitting[0] if len(fitting) == 1 else ""


def _keys(sheet: Sheet) -> tuple[int, dict[int, str]]:
    """The row of hidden keys with its columns; -1 where there is none."""
    for place, cells in enumerate(sheet.rows[:TOP]):
        found = {column: cell for column, cell in enumerate(cells) if isinstance(cell, str) and KEY.fullmatch(cell)}
        if any(":" in key for key in found.values()):
            return place, found
    return -1, {}


def _mark(sheet: Sheet) -> tuple[int | None, str]:
    """The column of a page's mark, and the mark."""
    for cells in sheet.rows[:TOP]:
        for column, cell in enumerate(cells):
            if isinstance(cell, str) and cell.startswith(f"{passports.PAGE}|"):
                return column, cell
    return None, ""


def _codes(sheet: Sheet, known: Mapping[str, str], but: int | None) -> tuple[int | None, str]:
    """The column in which most cells are codes of undertakings, and the programme that most of them belong to."""
    counts: Counter[int] = Counter()
    programmes: Counter[str] = Counter()
    for cells in sheet.rows:
        for column, cell in enumerate(cells):
            if column != but and isinstance(cell, str) and cell in known:
                counts[column] += 1
                programmes[known[cell]] += 1
    if not counts:
        return None, ""
    return min(counts, key=lambda column: (-counts[column], column)), programmes.most_common(1)[0][0]


def _by_words(sheet: Sheet, told: Told) -> tuple[int, dict[int, str]]:
    """The row that holds most of a page's headings, and the columns that it tells apart; -1 for none."""
    wanted: dict[str, list[str]] = {}
    for key, heading in told.headings.items():
        wanted.setdefault(plain(heading), []).append(key)
    best: tuple[int, dict[int, str]] = (-1, {})
    for place, cells in enumerate(sheet.rows[:TOP]):
        found = {column: wanted[plain(cell)] for column, cell in enumerate(cells) if isinstance(cell, str) and plain(cell) in wanted}
        single = {column: keys[0] for column, keys in found.items() if len(keys) == 1}
        if len(single) > len(best[1]):
            best = place, single
    return best


def _headings(sheet: Sheet, told: Told, below: int, columns: Mapping[int, str], codes: int | None, known: Mapping[str, str]) -> int:
    """The row of the headings: the one with most of their words, else the one above the first undertaking."""
    by_words, found = _by_words(sheet, told)
    if found:
        return by_words
    for row, cells in enumerate(sheet.rows[below + 1 :], below + 1):
        if codes is not None and codes < len(cells) and cells[codes] in known:
            return row - 1
    return below


def _mark_of(name: str, passport: Passport) -> str:
    return next((code for code, told in passport.pages.items() if told.name == name), "")


def lay(sheet: Sheet, passport: Passport) -> Laid | None:
    """Find a page on a sheet; None where there is nothing of one."""
    known = {code: programme for programme, told in passport.pages.items() for code in told.rows}
    keys, columns = _keys(sheet)
    marked, mark = _mark(sheet)
    named = next((column for column, key in columns.items() if key == passports.NAME), None)
    codes, most = _codes(sheet, known, named)
    if codes is not None and marked is not None and any(marked < len(cells) and cells[marked] in known for cells in sheet.rows):
        codes = marked
    programme = mark.split("|")[-1] or most or _mark_of(sheet.name, passport)
    told = passport.pages.get(programme) or Told()
    if not columns:
        keys, columns = _by_words(sheet, told)
        if codes is None and passports.NAME not in columns.values():
            return None
        if codes is not None and columns.get(codes) == passports.NAME:
            codes = None
    if not columns:
        return None
    carried = Counter(columns.values())
    twice = {key: [column for column, found in columns.items() if found == key] for key, count in carried.items() if count > 1}
    once = {column: key for column, key in columns.items() if key not in twice}
    return Laid(sheet, programme, told, once, codes, _headings(sheet, told, keys, once, codes, known), twice)
