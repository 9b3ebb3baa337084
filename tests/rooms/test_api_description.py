"""The interface keeps to its own description: schemathesis calls it as the description allows, and as it doesn't."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
import schemathesis
from django.conf import settings
from django.core.cache import cache
from django.core.handlers.wsgi import WSGIHandler
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from django.utils import timezone
from hypothesis import HealthCheck
from hypothesis import settings as effort
from schemathesis.specs.openapi.checks import ignored_auth, positive_data_acceptance
from stage import TODAY, district

from duban.api.urls import operations as written
from duban.people import tokens
from duban.people.models import Token

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
api = written.api
schema = schemathesis.openapi.from_dict(json.loads(json.dumps(api.get_openapi_schema(), default=str)))


def test_it_can_be_described_without_a_session(client: Any):
    described = client.get("/api/v1/openapi.json")
    assert described.status_code == 200
    paths = {path.removeprefix("/api/v1/") for path in described.json()["paths"]}
    assert paths == {
        "submissions", "submissions/{number}", "slots",
        "standings", "undertakings/{code}", "figures/{name}", "watch", "changes", "rates", "forecasts",
    }  # fmt: skip


def test_every_operation_asks_for_a_token(client: Any):
    for path, operations in api.get_openapi_schema()["paths"].items():
        for method, operation in operations.items():
            assert operation["security"] == [{"Bearer": []}]
            assert getattr(client, method)(re.sub(r"{\w+}", "1", path)).status_code in (401, 422)


@pytest.fixture
def secret() -> str:
    cache.clear()
    town = district()
    town.promise("roofs")
    settings.SET["today"] = TODAY
    return tokens.make(
        user=town.people["reporter"], body=town.bodies["works"], name="x", scopes=Token.Scope.values, days=30,
        now=timezone.now(),
    )[1]  # fmt: skip


@pytest.fixture(autouse=True)
def _as_it_was() -> Any:
    """The day stands again, and the server's way of closing connections, which would close the test's own."""
    before = settings.SET["today"]
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)
    settings.SET["today"] = before


@schema.parametrize()
@effort(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
def test_every_answer_is_one_that_the_description_knows(case: Any, secret: str):
    cache.clear()
    answer = case.call(app=WSGIHandler(), headers={"Authorization": f"Bearer {secret}"}, base_url="http://localhost")
    # What has the right shape may still name an undertaking that nobody knows; the token that was sent takes the place of a made-up one.
    case.validate_response(answer, excluded_checks=[positive_data_acceptance, ignored_auth])
