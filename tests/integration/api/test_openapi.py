"""The API against its own description: what fits it is answered as it says, what does not is refused."""

from __future__ import annotations

from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode
from schemathesis.specs.openapi import checks

from tests.integration.api.running import Running

pytestmark = pytest.mark.integration


ROUTES = [
    ("GET", "/api/health"),
    ("GET", "/api/regions"),
    ("GET", "/api/summary"),
    ("GET", "/api/predictions/latest"),
    ("GET", "/api/predictions/components"),
    ("GET", "/api/metrics/performance"),
    ("GET", "/api/data-quality"),
    ("GET", "/api/delivery"),
    ("GET", "/api/size"),
    ("GET", "/api/actual-vs-forecast"),
    ("GET", "/api/models"),
    ("GET", "/api/shadows"),
    ("GET", "/metrics"),
    ("POST", "/api/predict"),
]


WITH_MOMENTS = {"/api/predictions/components", "/api/actual-vs-forecast", "/api/predict"}
"""Moments that a schema allows may still be out of reach, or in the wrong order: 422 is right for them."""


@pytest.fixture(scope="module")
def schema(api: Running) -> Any:
    return schemathesis.openapi.from_url(
        f"{api.url}/api/openapi.json", headers=dict(api.client.headers), timeout=30
    )


@pytest.mark.parametrize("mode", list(GenerationMode), ids=lambda mode: mode.value)
@pytest.mark.parametrize(("method", "path"), ROUTES)
def test_a_route_keeps_to_its_description(
    api: Running, schema: Any, method: str, path: str, mode: GenerationMode
) -> None:
    operation = schema[path][method]
    # Each route's 401 and 403 have a test of their own; this check's own request keeps our header.
    excluded = [checks.ignored_auth]
    if path in WITH_MOMENTS:
        excluded.append(checks.positive_data_acceptance)
    if mode is GenerationMode.NEGATIVE and not (operation.query or operation.body):
        return  # nothing of it can be wrong

    @given(case=operation.as_strategy(generation_mode=mode))
    @settings(
        max_examples=15,
        derandomize=True,  # the same requests on every machine
        database=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    def keeps(case: schemathesis.Case) -> None:
        case.call_and_validate(
            headers={"Authorization": api.client.headers["Authorization"]},
            excluded_checks=excluded,
            timeout=30,
        )

    keeps()


def test_examples_of_the_description_are_requests_that_work(api: Running) -> None:
    document = api.client.get("/api/openapi.json").json()
    examples = document["components"]["schemas"]["Order"]["examples"]
    assert examples
    for example in examples:
        answer = api.client.post("/api/predict", json=example)
        # They speak for other moments than this database; what they say is understood.
        assert answer.status_code in {200, 409}, answer.text


def test_every_reference_of_the_description_leads_somewhere(api: Running) -> None:
    document = api.client.get("/api/openapi.json").json()

    def references(part: Any) -> list[str]:
        if isinstance(part, dict):
            own = [part["$ref"]] if "$ref" in part else []
            return own + [found for value in part.values() for found in references(value)]
        return [found for value in part for found in references(value)] if isinstance(part, list) else []

    known = {f"#/components/schemas/{name}" for name in document["components"]["schemas"]}
    assert set(references(document)) <= known
    assert "#/components/schemas/ProblemBody" in references(document)
