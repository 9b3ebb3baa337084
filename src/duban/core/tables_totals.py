"""Rows of a table that are no undertakings: totals, checked against their parts; notes; the head once more."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from duban.core.tables_heads import Cell, Head, words

Whole = NDArray[np.int64]
Truth = NDArray[np.bool_]

_MAYBE: Final = re.compile(
    r"[合总小共][^\S\n]*计|总[^\S\n]*和|[Tt]otal|TOTAL|^[^\S\n]*(?:备|注|说|填|制|审|复|负责|联系|单位负|数据来源|[Nn]ote|[Ss]ource|\*)",
    re.MULTILINE,
)
_TOTAL: Final = re.compile(
    r".{0,12}(?:合计|总计|小计|共计|总和)(?:[(].*[)])?[::]?|(?:sub-?|grand ?)?totals?(?: .{0,20})?[::]?", re.IGNORECASE
)
_NOTE: Final = re.compile(
    r"(?:(?:备注|注|说明|数据来源|notes?|source)\s*[\d一二三]?\s*[::.、]|\*+\s*\S"
    r"|(?:填[表报]|制表|审核|复核|负责|联系|单位负责)(?:人|单位|日期|时间|电话)?\s*(?:[(].*[)])?\s*(?:[::]|$))",
    re.IGNORECASE,
)


def says_total(text: str) -> bool:
    """Whether a row's label is that of a total: 合计, 全区合计, 工程类小计, 总计（33项）, Total."""
    return bool(_TOTAL.fullmatch(text))


def marked(labels: Sequence[Cell]) -> tuple[list[int], list[int]]:
    """The places of a column of labels that say total, and those that begin a note below the table."""
    totals, notes = [], []
    for place in _maybe(labels):
        text = words(labels[place])
        if says_total(text):
            totals.append(place)
        elif _NOTE.match(text):
            notes.append(place)
    return totals, notes


def _maybe(labels: Sequence[Cell]) -> list[int]:
    """The places that are worth a closer look, found in one search through all labels."""
    if str not in set(map(type, labels)):
        return []
    texts = [label if type(label) is str else "" for label in labels]
    joined = "\n".join(texts)
    if joined.count("\n") >= len(texts):
        texts = [text.replace("\n", " ") for text in texts]
        joined = "\n".join(texts)
    ends = np.cumsum(np.fromiter(map(len, texts), dtype=np.int64, count=len(texts)) + 1)
    starts = [found.start() for found in _MAYBE.finditer(joined)]
    places: list[int] = np.unique(np.searchsorted(ends, starts, side="right")).tolist()
    return places


def repeats(head: Head, cells: Sequence[Cell]) -> bool:
    """Whether a row is one of the head's rows again, as at the top of a printed page."""
    return any(any(shown) and tuple(cells) == shown[: len(cells)] for shown in head.shown)


@dataclass(frozen=True, slots=True)
class Total:
    """A total and what its parts come to, by column, in ten-thousandths; `differs` names the columns in which they part ways."""

    row: int
    parts: int
    said: tuple[int, ...]
    summed: tuple[int, ...]
    differs: tuple[int, ...]


class Sums:
    """Amounts by row and column, and which rows are totals already (`totals`, any order); tells what a total's parts come to.

    `amounts` and `told` are rows × columns; what is not told adds nothing. `parts` are the rows that are added up at all.
    """

    def __init__(self, amounts: Whole, told: Truth, parts: Truth, totals: Sequence[int]) -> None:
        self.amounts, self.told, self.parts = amounts, told, parts
        self.totals = sorted(totals)
        counted = np.where(told & parts[:, None], amounts, 0)
        zero = np.zeros((1, amounts.shape[1]), dtype=np.int64)
        self.running = np.concatenate([zero, np.cumsum(counted, axis=0)])
        self.counts = np.concatenate([[0], np.cumsum(parts)])

    def _between(self, start: int, end: int, row: int) -> tuple[Whole, int]:
        """What the parts from `start` up to `end` come to, and how many they are; `row` itself is none of them."""
        summed, parts = self.running[end] - self.running[start], int(self.counts[end] - self.counts[start])
        if start <= row < end and self.parts[row]:
            return summed - np.where(self.told[row], self.amounts[row], 0), parts - 1
        return summed, parts

    def _spans(self, row: int) -> list[tuple[int, int]]:
        """What a total may stand for, most likely first: its group above, all above, its group below, all below, all."""
        before = max((one for one in self.totals if one < row), default=-1)
        after = min((one for one in self.totals if one > row), default=len(self.amounts))
        spans = [(before + 1, row), (0, row), (row + 1, after), (row + 1, len(self.amounts)), (0, len(self.amounts))]
        return spans if row else spans[2:]

    def total(self, row: int) -> Total | None:
        """A total beside the rows that it fits best; None where nothing was told or nothing could be added up."""
        said = self.amounts[row]
        columns = np.flatnonzero(self.told[row])
        best: Total | None = None
        for start, end in self._spans(row):
            summed, parts = self._between(start, end, row)
            if not parts or not len(columns):
                continue
            differs = tuple(int(column) for column in columns if summed[column] != said[column])
            if best is None or len(differs) < len(best.differs):
                best = Total(row, parts, tuple(map(int, said)), tuple(map(int, summed)), differs)
        return best

    def is_total(self, row: int) -> bool:
        """Whether a row without a total's name is one nevertheless: it equals the sum of several rows in all that it says."""
        found = self.total(row)
        if found is None or found.differs or found.parts < 2:
            return False
        spoken = [column for column in range(len(found.said)) if self.told[row, column] and found.said[column]]
        return len(spoken) >= 2 or (len(spoken) == 1 and found.parts >= 3)
