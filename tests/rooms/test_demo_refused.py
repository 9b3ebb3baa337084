"""Where the example does not go."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone

from duban.core.refusals import Refusal
from duban.demo.load import load
from duban.people.models import User


@pytest.mark.parametrize("mode", ["development", "production"])
def test_outside_the_demo_mode_nothing_is_created(mode: str, db: None, settings: Any):
    settings.MODE = mode
    with pytest.raises(Refusal, match="demo-outside-demo-mode"):
        load(now=timezone.now())


def test_a_ledger_in_use_is_left_alone(db: None, settings: Any):
    settings.MODE = "demo"
    User.objects.create(username="somebody")
    with pytest.raises(Refusal, match="demo-needs-empty-database"):
        load(now=timezone.now())
