"""The page's web app, as Airflow's api-server mounts it. Nothing in it changes anything: GET only."""

from __future__ import annotations

from airflow.api_fastapi.core_api.security import GetUserDep, get_user
from airflow.sdk import BaseHook
from fastapi import Depends, FastAPI, HTTPException, Request, Response

from demand_forecast.page.access import may_read_dags, may_read_region, readable
from demand_forecast.page.assets import read_assets
from demand_forecast.page.headers import SecurityHeaders
from demand_forecast.page.setup import Language, Setup, setup
from demand_forecast.settings import regions, settings
from demand_forecast.tasks.local import postgres_url
from trainer.api.read import ROUTES, Database, add_problem_handlers, read_router

_INDEX = "index.html"


def create_app() -> FastAPI:
    """Every route asks who the user is and whether they may read the DAGs that its data come from."""
    app = FastAPI(
        title="Power demand",
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        dependencies=[Depends(get_user)],
    )
    app.add_middleware(SecurityHeaders)
    add_problem_handlers(app)
    assets = read_assets()
    seeing_dags = [Depends(may_read_dags)]

    @app.get("/", dependencies=seeing_dags)
    def page(request: Request) -> Response:
        return assets[_INDEX].answer(request)

    @app.get("/static/{path:path}", dependencies=seeing_dags)
    def static(path: str, request: Request) -> Response:
        if path not in assets:
            raise HTTPException(404, f"the page has no file {path!r}")
        return assets[path].answer(request)

    @app.get("/api/setup", dependencies=seeing_dags)
    def page_setup(request: Request, user: GetUserDep, language: Language | None = None) -> Setup:
        config = settings()
        return setup(config, readable(regions().values(), request, user), language or config.language)

    database = Database(lambda: postgres_url(BaseHook.get_connection(settings().postgres_conn_id)))
    of_region = {name: [Depends(may_read_region)] for name in ROUTES}
    # Not asked by the page, which tells a user of those regions only that they may see.
    guards = {**of_region, "regions": [Depends(_may_read_all)]}
    app.include_router(read_router(connect=database.connect, regions=regions, guards=guards))
    return app


def _may_read_all(request: Request, user: GetUserDep) -> None:
    for name in regions():
        may_read_region(request, user, name)
