"""The plugin as Airflow loads it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from demand_forecast.page.lazy_app import LazyApp, Message, Receive, Send

REPOSITORY = Path(__file__).parents[3]


def test_a_process_that_answers_no_requests_does_not_build_the_app() -> None:
    program = (
        "import sys, forecast_page; "
        "print(sorted({'demand_forecast.page.app', 'trainer.api.read', 'psycopg'} & set(sys.modules)))"
    )
    environ = {**os.environ, "PYTHONPATH": f"{REPOSITORY}:{REPOSITORY / 'plugins'}"}
    done = subprocess.run(
        [sys.executable, "-c", program], env=environ, capture_output=True, text=True, check=True, timeout=120
    )
    assert done.stdout.splitlines()[-1] == "[]"


async def _call(app: LazyApp) -> None:
    async def receive() -> Message:
        return {}

    async def send(message: Message) -> None:
        return None

    await app({"type": "http"}, receive, send)


def test_the_app_is_built_once_and_sees_every_request() -> None:
    import asyncio

    built: list[str] = []
    seen: list[Message] = []

    async def app(scope: Message, receive: Receive, send: Send) -> None:
        seen.append(scope)

    def build() -> object:
        built.append("app")
        return app

    lazy_app = LazyApp(build)  # type: ignore[arg-type]
    asyncio.run(_call(lazy_app))
    asyncio.run(_call(lazy_app))
    assert built == ["app"]
    assert seen == [{"type": "http"}] * 2


def test_there_is_an_entry_in_the_navigation_and_a_tab_for_dags() -> None:
    import forecast_page

    views = forecast_page.ForecastPage.external_views
    assert {view["destination"] for view in views} == {"nav", "dag"}
    assert len({view["url_route"] for view in views}) == len(views)
    # Relative: an absolute address would leave Airflow's base path.
    assert all(view["href"].startswith(f"{forecast_page.URL_PREFIX[1:]}/") for view in views)
