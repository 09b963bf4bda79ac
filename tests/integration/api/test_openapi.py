"""The API against its own description: whatever fits it is answered as it says, whatever does not is refused."""

from __future__ import annotations

from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, settings

from tests.integration.api.running import Running

pytestmark = pytest.mark.integration


@pytest.fixture(scope="module")
def described(api: Running) -> Any:
    return schemathesis.openapi.from_url(
        f"{api.url}/api/openapi.json", headers=dict(api.client.headers), timeout=30
    )


schema = schemathesis.pytest.from_fixture("described")


@schema.parametrize()
@settings(
    max_examples=20,
    deadline=None,
    derandomize=True,  # the same requests on every machine; without a database of earlier ones
    database=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
def test_every_route_keeps_to_its_description(case: schemathesis.Case, api: Running) -> None:
    case.call_and_validate(headers=dict(api.client.headers))


def test_examples_of_the_description_are_requests_that_work(api: Running) -> None:
    document = api.client.get("/api/openapi.json").json()
    for example in document["components"]["schemas"]["Order"]["examples"]:
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
