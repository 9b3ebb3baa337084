"""Columns that hold whole numbers and speak in decimals and days."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.db import models

from duban.core import fixed, periods


class FixedField(models.BigIntegerField):
    """A decimal amount, stored as whole ten-thousandths. Raises `Refusal` for what does not fit."""

    def from_db_value(self, value: int | None, *_: Any) -> Decimal | None:
        return None if value is None else fixed.from_fixed(value)

    def to_python(self, value: Any) -> Decimal | None:
        return None if value is None or value == "" else Decimal(str(value))

    def get_prep_value(self, value: Any) -> int | None:
        return None if value is None else fixed.to_fixed(value)

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> int | None:
        return value if prepared else self.get_prep_value(value)

    def formfield(self, **kwargs: Any) -> Any:
        return forms.DecimalField(**{"required": not self.blank, "label": self.verbose_name, "decimal_places": fixed.PLACES, **kwargs})


class DayField(models.IntegerField):
    """A day, stored as the number 20210831."""

    def from_db_value(self, value: int | None, *_: Any) -> date | None:
        return None if value is None else periods.from_number(value)

    def to_python(self, value: Any) -> date | None:
        if value is None or value == "" or isinstance(value, date):
            return value or None
        if isinstance(value, int):
            return periods.from_number(value)
        return date.fromisoformat(value)

    def get_prep_value(self, value: Any) -> int | None:
        day = self.to_python(value)
        return None if day is None else periods.to_number(day)

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> int | None:
        return value if prepared else self.get_prep_value(value)

    def formfield(self, **kwargs: Any) -> Any:
        return forms.DateField(**{"required": not self.blank, "label": self.verbose_name, **kwargs})
