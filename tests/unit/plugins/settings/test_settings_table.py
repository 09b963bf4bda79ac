"""docs/configuration.md says what the settings say."""

from __future__ import annotations

from pathlib import Path

from demand_forecast.settings import environment_names
from demand_forecast.settings.settings_table import page, rows
from trainer.contract import Env

PAGE = Path(__file__).parents[4] / "docs/configuration.md"


def test_the_page_is_what_the_settings_generate() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run: make docs"


def test_every_variable_that_is_read_is_described() -> None:
    described = {variable: text for variable, _, text in rows()}
    leaves = [name for name in environment_names() if name in described]
    groups = [name for name in environment_names() if name not in described]
    assert all(described[name] for name in leaves)
    assert all(any(leaf.startswith(f"{group}__") for leaf in leaves) for group in groups)


def test_credentials_that_are_no_settings_are_named_above_the_table() -> None:
    head = page().partition("| Variable |")[0]
    named = (Env.INFLUXDB_TOKEN, Env.POSTGRES_URL, "MLFLOW_TRACKING_USERNAME", "MLFLOW_TRACKING_PASSWORD")
    assert [name for name in named if f"`{name}`" not in head] == []
