"""Airflow's plugin: the page "Power demand" in the navigation, and as a tab of each DAG."""

from __future__ import annotations

from typing import Any, Final

from airflow.plugins_manager import AirflowPlugin

from demand_forecast.page.lazy_app import LazyApp

URL_PREFIX: Final = "/demand-forecast"
# Relative, so that they hold under Airflow's base path too.
_PAGE: Final = "demand-forecast/"
_ICONS: Final = {
    "icon": f"{_PAGE}static/icon.svg",
    "icon_dark_mode": f"{_PAGE}static/icon-dark.svg",
}


def _app() -> Any:
    from demand_forecast.page.app import create_app  # noqa: PLC0415 - only the api-server needs it

    return create_app()


class ForecastPage(AirflowPlugin):
    """The app guards each of its routes itself: Airflow authenticates nothing that is mounted."""

    name = "demand_forecast_page"
    fastapi_apps = [{"app": LazyApp(_app), "url_prefix": URL_PREFIX, "name": "Power demand"}]  # noqa: RUF012
    external_views = [  # noqa: RUF012
        {
            "name": "Demand",  # two words would be cut off under the icon
            "href": _PAGE,
            "destination": "nav",
            "nav_top_level": True,
            "url_route": "power-demand",
            **_ICONS,
        },
        {
            "name": "Power demand",
            "href": f"{_PAGE}?dag_id={{DAG_ID}}",
            "destination": "dag",
            "url_route": "power-demand-of-dag",
            **_ICONS,
        },
    ]
