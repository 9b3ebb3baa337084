"""What the commands ask for, read from text: kinds of arguments that several of them share."""

from __future__ import annotations

from datetime import date
from typing import Any

import click

from duban.core import periods
from duban.core.refusals import Refusal


class Month(click.ParamType):
    """A month, as its last day."""

    name = "YYYY-MM"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        try:
            return value if isinstance(value, date) else periods.read_period(value)
        except Refusal:
            self.fail(f"{value!r} is no period such as 2021-08", param, ctx)
