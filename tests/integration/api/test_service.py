"""The service as a whole: who may ask what, what it says of itself, what it does when too much is asked."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import psutil
import pytest

from stack import process
from tests.integration.api.running import Running
from tests.integration.api.sample import EVERYTHING, LAST_MIDNIGHT, METRICS, READ
from trainer.api.tokens import Tokens

pytestmark = pytest.mark.integration

ORDER = {"region": "KR", "as_of": LAST_MIDNIGHT.isoformat()}
READS = [
    "/api/regions",
    "/api/predictions/latest?region=KR",
    "/api/predictions/components?region=KR&date=2023-10-31",
    "/api/metrics/performance?region=KR",
    "/api/data-quality?region=KR",
    "/api/delivery?region=KR",
    "/api/size?region=KR",
    "/api/actual-vs-forecast?region=KR&start=2023-10-30&end=2023-10-31",
    "/api/models?region=KR",
    "/api/shadows?region=KR",
    "/api/summary?region=KR",
    "/api/openapi.json",
]
GUARDED = [
    *(("GET", path, METRICS) for path in READS),
    ("GET", "/metrics", READ),
    ("POST", "/api/predict", READ),
]


def ask(api: Running, method: str, path: str, token: str | None) -> httpx.Response:
    headers = {} if token is None else {"Authorization": f"Bearer {token}"}
    body = ORDER if method == "POST" else None
    return httpx.request(method, api.url + path, headers=headers, json=body, timeout=60)


@pytest.mark.parametrize(("method", "path", "wrong_scope"), GUARDED)
def test_every_route_but_health_asks_for_a_token_with_its_scope(
    api: Running, method: str, path: str, wrong_scope: str
) -> None:
    without, unknown = ask(api, method, path, None), ask(api, method, path, "another-0123456789")
    assert (without.status_code, unknown.status_code) == (401, 401)
    assert without.headers["www-authenticate"].startswith("Bearer")
    assert without.json()["type"].endswith(":unauthenticated")
    forbidden = ask(api, method, path, wrong_scope)
    assert forbidden.status_code == 403
    assert "scope" in forbidden.json()["mend"]
    assert ask(api, method, path, EVERYTHING).status_code in {200, 404}


def test_the_routes_tested_are_all_that_the_description_names(api: Running) -> None:
    described = {
        (method.upper(), path)
        for path, methods in api.client.get("/api/openapi.json").json()["paths"].items()
        for method in methods
    }
    tested = {(method, path.partition("?")[0]) for method, path, _ in GUARDED}
    assert described == tested | {("GET", "/api/health")}


def test_health_is_open_and_tells_what_serves_each_region(api: Running) -> None:
    answer = httpx.get(f"{api.url}/api/health")
    assert answer.status_code == 200
    assert answer.json() == {
        "status": "ok",
        "database": "ok",
        "store": "ok",
        "models": {"KR": "champion", "GR": "none"},
    }


def test_a_path_that_does_not_exist_is_a_problem_too(api: Running) -> None:
    answer = api.client.get("/api/nothing")
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"


def test_a_method_that_a_route_does_not_know_names_those_it_does(api: Running) -> None:
    answer = api.client.delete("/api/models")
    assert answer.status_code == 405
    assert answer.headers["allow"] == "GET"
    assert answer.json()["type"].endswith(":method-not-allowed")


def test_metrics_count_requests_and_forecasts_by_route_not_by_path(api: Running) -> None:
    assert api.client.post("/api/predict", json=ORDER).status_code == 200
    api.client.get("/api/predictions/latest?region=XX")
    api.client.get("/somewhere/else")
    text = api.client.get("/metrics").text
    assert 'demand_forecast_api_forecasts_total{fallback="none",region="KR"}' in text
    assert 'route="/api/predictions/latest",status="404"' in text
    assert 'method="any",route="unmatched",status="404"' in text
    assert "somewhere" not in text
    assert 'demand_forecast_api_model{fallback="none",region="KR",version="KR-v1"} 1.0' in text


def test_a_database_that_is_away_makes_the_service_unready_and_its_answers_say_so(
    start: Callable[..., Running],
) -> None:
    api = start(champion=None, database_url=f"postgresql://x:y@127.0.0.1:{process.free_port()}/none")
    body = api.wait_for(lambda body: body["status"] == "down")
    assert (body["database"], body["store"]) == ("unreachable", "ok")
    assert api.client.get("/api/health").status_code == 503
    answer = api.client.post("/api/predict", json=ORDER)
    assert answer.status_code == 503
    assert answer.json()["type"].endswith(":database-unavailable")


def test_more_forecasts_than_places_are_sent_away_at_once_with_a_time_to_return(
    start: Callable[..., Running],
) -> None:
    api = start(waiting=1)
    api.client.post("/api/predict", json=ORDER)  # the process has what it needs from here on
    together = threading.Barrier(12)

    def order(_: int) -> httpx.Response:
        with httpx.Client(headers=api.client.headers, timeout=60) as client:
            together.wait()
            return client.post(f"{api.url}/api/predict", json={**ORDER, "horizon_hours": 168})

    with ThreadPoolExecutor(12) as threads:
        answers = list(threads.map(order, range(12)))
    statuses = [answer.status_code for answer in answers]
    assert set(statuses) == {200, 503}
    refused = answers[statuses.index(503)]
    assert refused.json()["type"].endswith(":overloaded")
    assert refused.headers["retry-after"] == "1"
    assert api.client.post("/api/predict", json=ORDER).status_code == 200


def test_a_forecasting_process_that_dies_is_replaced(start: Callable[..., Running]) -> None:
    api = start()
    assert api.client.post("/api/predict", json=ORDER).status_code == 200
    os.kill(_youngest_worker(), signal.SIGKILL)
    statuses = [api.client.post("/api/predict", json=ORDER).status_code for _ in range(3)]
    assert statuses[-1] == 200
    assert set(statuses) <= {200, 503}


def test_where_a_read_and_a_forecast_want_the_same_core_the_read_goes_first(
    start: Callable[..., Running],
) -> None:
    assert start().client.post("/api/predict", json=ORDER).status_code == 200
    assert psutil.Process(_youngest_worker()).nice() >= psutil.Process().nice() + 1


def _youngest_worker() -> int:
    """The forkserver's last child: the process of the service that was started last."""
    workers = [
        child
        for child in psutil.Process().children(recursive=True)
        if "forkserver" in " ".join(child.cmdline()) and not child.children()
    ]
    return max(workers, key=lambda child: child.create_time()).pid


def test_a_token_added_to_the_file_is_accepted_without_a_restart(
    start: Callable[..., Running], tmp_path: Path
) -> None:
    file = tmp_path / "tokens"
    file.write_text(f"{EVERYTHING}\n")
    api = start(champion=None, tokens=Tokens(file=file))
    fresh = "fresh-0123456789ab"
    assert ask(api, "GET", "/api/regions", fresh).status_code == 401
    file.write_text(f"{EVERYTHING}\nread:{fresh}\n")
    assert ask(api, "GET", "/api/regions", fresh).status_code == 200
    assert ask(api, "POST", "/api/predict", fresh).status_code == 403
