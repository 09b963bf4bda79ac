"""What the demo ends with, read back from PostgreSQL, InfluxDB and the store, not from what tasks said."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

import httpx
import psycopg
from psycopg.rows import dict_row
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from stack import airflow, influxdb, mlflow, postgres
from stack.state import Service, State
from trainer.contract import Manifest, Region, Verb, manifest_path
from trainer.errors import InfrastructureError

METRICS: Final = {
    "mae": "MAE (MW)",
    "mse": "MSE (MW²)",
    "rmse": "RMSE (MW)",
    "r2": "R²",
    "mape": "MAPE (%)",
    "smape": "SMAPE (%)",
}

MODELS: Final = {"challenger": "challenger", "champion": "champion", "baseline": "seasonal naive"}
"""Key in the manifest of evaluate -> heading."""


class Summary:
    """Reads the results of one retrain and one forecast run of `region`."""

    def __init__(self, state: State, region: Region, *, retrain: str, forecast: str) -> None:
        """`retrain` and `forecast` are the trainer's run ids (DAG id/run id)."""
        self._state = state
        self._store = state.folder / "store"
        self._region = region
        self._retrain = retrain
        self._forecast = forecast

    def show(self, console: Console, database_url: str, influx: Service | str) -> None:
        """influx: the server, or why there is none. Raises InfrastructureError when a result is not where it
        must be."""
        evaluation = self._manifest(self._retrain, Verb.EVALUATE)
        forecast = self._manifest(self._forecast, Verb.FORECAST)
        with psycopg.connect(database_url, row_factory=dict_row) as connection:
            decided = self._row(connection, "run_id = %s", self._retrain)
            active = self._row(connection, "status = %s", "active")
            rows = self._predictions(connection)
        outcome = "promoted" if decided["status"] in ("active", "archived") else "kept"
        console.print()
        say(console, f"Decision: {outcome}. {decided['reason']}")
        _show_metrics(evaluation, console)
        _show_deployment(active, console)
        say(console, _made_with(forecast))
        hours = f"for {forecast.facts['horizon']} h from {forecast.facts['origin']}"
        say(console, f"PostgreSQL: {rows} rows of predictions read back, {hours}")
        if isinstance(influx, str):
            say(console, influx)
        else:
            count, bucket = self._points(influx, forecast.facts), influx.details["bucket"]
            points = f"{count} points of power_demand_forecast read back from bucket {bucket}"
            say(console, f"InfluxDB: {points}, {hours}")
        for kind in ("csv", "png"):
            if made := forecast.outputs.get(f"forecast.{kind}"):  # a picture may not have been drawn
                say(console, f"Forecast {kind.upper()}: {self._store / made.path}")

    def _manifest(self, run_id: str, step: str) -> Manifest:
        path = self._store / manifest_path(self._region.name, run_id, step)
        try:
            return Manifest.from_json(path.read_text(encoding="utf-8"), place=str(path), run_id=run_id)
        except OSError as error:
            raise InfrastructureError(f"the manifest of {step} is missing: {path}") from error

    def _row(self, connection: psycopg.Connection[dict[str, Any]], where: str, value: str) -> dict[str, Any]:
        columns = (
            "id, region, version, status, reason, run_id, trained_from, trained_to, decided_at, artifact_path"
        )
        row = connection.execute(
            f"SELECT {columns} FROM model_deployments WHERE region = %s AND {where} ORDER BY id DESC LIMIT 1",
            (self._region.name, value),
        ).fetchone()
        if row is None:
            raise InfrastructureError(
                f"model_deployments has no row of region {self._region.name} for {value!r}: "
                "start `make demo` again"
            )
        return row

    def _predictions(self, connection: psycopg.Connection[dict[str, Any]]) -> int:
        """How many hours of the forecast PostgreSQL gives back."""
        query = "SELECT count(*) AS hours FROM predictions WHERE region = %s AND run_id = %s"
        row = connection.execute(query, (self._region.name, self._forecast)).fetchone()
        return int(row["hours"]) if row else 0

    def _points(self, influx: Service, facts: Mapping[str, Any]) -> int:
        """How many hours of the forecast InfluxDB gives back."""
        start = datetime.fromisoformat(facts["origin"])
        stop = start + timedelta(hours=facts["horizon"])
        version = facts["version"]
        query = f"""
            from(bucket: "{influx.details["bucket"]}")
              |> range(start: {start.isoformat()}, stop: {stop.isoformat()})
              |> filter(fn: (r) => r._measurement == "power_demand_forecast" and r._field == "forecast")
              |> filter(fn: (r) => r.region == "{self._region.name}" and r.model_version == "{version}")
              |> group() |> count()"""
        answer = httpx.post(
            f"{influx.url}/api/v2/query",
            params={"org": influx.details["org"]},
            headers={
                "Authorization": f"Token {influx.details['token']}",
                "Content-Type": "application/vnd.flux",
                "Accept": "application/csv",
            },
            content=query,
            timeout=30,
        )
        if answer.status_code != httpx.codes.OK:
            raise InfrastructureError(f"InfluxDB at {influx.url} refused the count: {answer.text}")
        rows = [line.split(",") for line in answer.text.splitlines() if line.strip()]
        return int(rows[1][rows[0].index("_value")]) if len(rows) > 1 else 0


def show_urls(state: State, console: Console) -> None:
    """One line for each service on record that people can open, with its log-in."""
    titles = {airflow.API_SERVER: "Airflow", mlflow.NAME: "MLflow", influxdb.NAME: "InfluxDB"}
    for name, title in titles.items():
        if service := state.service(name):
            details = service.details
            log_in = (
                f"   log in as {details['user']} / {details['password']}" if "password" in details else ""
            )
            say(console, f"{title:<10} {service.url}{log_in}")
    if service := state.service(postgres.NAME):
        say(console, f"PostgreSQL {service.details['url']}")


def _made_with(forecast: Manifest) -> str:
    facts = forecast.facts
    made = f"Forecast of {facts['horizon']} h made with {facts['version']}"
    if facts["fallback"] == "none":
        return made
    return f"{made}, a fallback ({facts['fallback']}), because {'; '.join(facts['fallback_reasons'])}"


def _show_metrics(evaluation: Manifest, console: Console) -> None:
    facts = evaluation.facts
    window = f"{facts['window_start']} to {facts['window_end']}"
    say(console, f"Day-ahead on {facts['hours']} held-out hours, {window}:")
    table = Table()
    table.add_column("")
    models = [(name, values) for name in MODELS if (values := evaluation.metrics.get(name))]
    for name, _ in models:
        table.add_column(MODELS[name], justify="right")
    for key, label in METRICS.items():
        cells = [values.get(key) for _, values in models]
        table.add_row(label, *("-" if cell is None else f"{cell:,.3f}" for cell in cells))
    console.print(table)


def _show_deployment(row: Mapping[str, Any], console: Console) -> None:
    say(console, "Champion, as the table model_deployments has it:")
    table = Table(show_header=False)
    table.add_column("")
    table.add_column("", overflow="fold")
    for name, value in row.items():
        table.add_row(name, escape(str(value)))
    console.print(table)


def say(console: Console, text: str) -> None:
    """One line, however long: paths and URLs must be copied whole."""
    console.print(escape(text), soft_wrap=True, highlight=False)
