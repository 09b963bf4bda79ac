"""Who may see the page: asked of Airflow's api-server itself, route by route."""

from __future__ import annotations

import re
from collections.abc import Callable

import httpx
import pytest
from fastapi.routing import APIRoute

pytestmark = pytest.mark.integration

Ask = Callable[..., httpx.Response]

REGION_ROUTES = (
    "api/summary?region=KR",
    "api/models?region=KR",
    "api/shadows?region=KR",
    "api/predictions/latest?region=KR",
    "api/predictions/components?region=KR&date=2026-01-05",
    "api/metrics/performance?region=KR",
    "api/data-quality?region=KR",
    "api/delivery?region=KR",
    "api/size?region=KR",
    "api/actual-vs-forecast?region=KR&start=2026-01-05T00:00&end=2026-01-06T00:00",
)
ROUTES = (
    "",
    "static/js/main.js",
    "static/vendor/uPlot.iife.min.js",
    "api/setup",
    "api/regions",
    *REGION_ROUTES,
)


@pytest.mark.filterwarnings("ignore:Using `httpx` with `starlette.testclient`")  # Airflow's own import does
def test_the_routes_asked_here_are_all_that_there_are() -> None:
    from demand_forecast.page.app import create_app

    paths = {route.path for route in create_app().routes if isinstance(route, APIRoute)}
    asked = {re.sub(r"static/.*", "static/{path:path}", "/" + path.partition("?")[0]) for path in ROUTES}
    assert asked == paths
    assert len(create_app().routes) == len(paths)  # and no /docs, /openapi.json or mounted folder beside them


@pytest.mark.parametrize("path", ROUTES)
def test_nobody_is_let_in_without_a_log_in(ask: Ask, path: str) -> None:
    answer = ask(path, user=None)
    assert answer.status_code == 401
    assert "MW" not in answer.text


@pytest.mark.parametrize("path", ROUTES)
def test_a_forged_token_is_refused(ask: Ask, path: str) -> None:
    answer = ask(path, user=None, headers={"Authorization": "Bearer eyJhbGciOiJub25lIn0.e30."})
    assert answer.status_code in (401, 403)


@pytest.mark.parametrize("path", ROUTES)
def test_a_user_without_a_role_is_refused(ask: Ask, path: str) -> None:
    assert ask(path, user="nobody").status_code == 403


@pytest.mark.parametrize("path", ROUTES)
def test_an_operator_may_read(ask: Ask, path: str) -> None:
    assert ask(path).status_code == 200


@pytest.mark.parametrize("path", REGION_ROUTES)
def test_who_may_read_one_region_s_dags_reads_no_other_region(ask: Ask, path: str) -> None:
    assert ask(path, user="only_KR").status_code == 200
    assert ask(path.replace("region=KR", "region=GR"), user="only_KR").status_code == 403


def test_the_page_names_only_regions_that_the_user_may_read(ask: Ask) -> None:
    assert [region["name"] for region in ask("api/setup", user="only_KR").json()["regions"]] == ["KR"]
    assert {region["name"] for region in ask("api/setup").json()["regions"]} == {"GR", "KR"}
    assert ask("api/regions", user="only_KR").status_code == 403


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
@pytest.mark.parametrize("path", ["", "api/setup", "api/models?region=KR"])
def test_nothing_can_be_changed(ask: Ask, method: str, path: str) -> None:
    assert ask(path, method=method).status_code == 405


@pytest.mark.parametrize("path", ["docs", "redoc", "openapi.json", "metrics"])
def test_nothing_else_is_served(ask: Ask, path: str) -> None:
    assert ask(path, user=None).status_code == 404


@pytest.mark.parametrize(
    "path", ["static/../app.py", "static/%2e%2e/app.py", "static/..%2fapp.py", "static//etc/passwd"]
)
def test_no_path_leads_out_of_the_page_s_files(ask: Ask, path: str) -> None:
    assert ask(path).status_code == 404


@pytest.mark.parametrize("path", ["", "static/js/main.js", "api/setup", "api/models?region=KR", "nonsense"])
def test_every_answer_says_what_the_page_may_load_and_who_may_frame_it(ask: Ask, path: str) -> None:
    headers = ask(path).headers
    policy = dict(part.split(" ", 1) for part in headers["content-security-policy"].split("; "))
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == policy["connect-src"] == "'self'"
    assert policy["frame-ancestors"] == "'self'"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["cache-control"] in ("no-store", "private, no-cache")


def test_the_language_is_the_setting_s_unless_the_address_asks_for_another(ask: Ask) -> None:
    assert ask("api/setup").json()["language"] == "en"
    assert ask("api/setup?language=ko").json()["texts"]["title"] == "전력 수요"
    assert ask("api/setup?language=xx").status_code == 422


def test_an_unknown_region_is_named_with_those_that_are_known(ask: Ask) -> None:
    answer = ask("api/models?region=XX")
    assert answer.status_code == 404
    assert "GR, KR" in answer.json()["detail"]
