"""Findings are returned, refusals are raised; both carry a code and facts, never a sentence."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


class Refusal(Exception):
    """Something forbidden. `code` names the rule, `facts` are what a reader needs to understand it.

    `duban.web.wording` turns it into a sentence in the reader's language.
    """

    def __init__(self, code: str, /, **facts: Any) -> None:
        super().__init__(code, facts)
        self.code = code
        self.facts = facts

    def __str__(self) -> str:
        told = ", ".join(f"{name}={value}" for name, value in self.facts.items())
        return f"{self.code}({told})" if told else self.code


@dataclass(frozen=True, slots=True)
class Finding:
    """Something wrong in what was sent, with its place: `row` counts from 1 and includes the header; `sheet` is a workbook's."""

    code: str
    row: int | None = None
    column: str | None = None
    facts: dict[str, Any] = field(default_factory=dict)
    sheet: str | None = None

    @property
    def place(self) -> dict[str, Any]:
        """Sheet, row and column, those that are known."""
        told = {"sheet": self.sheet, "row": self.row, "column": self.column}
        return {name: value for name, value in told.items() if value is not None}
