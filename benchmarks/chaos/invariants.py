"""What has to hold of a site once a fault has passed: read from its tables, its files and its InfluxDB."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

import psycopg
from influxdb_client.client.influxdb_client import InfluxDBClient

from benchmarks.chaos.told_secrets import told_secrets
from benchmarks.year.site import Site
from trainer.errors import ArtifactError
from trainer.model.artifact import load_artifact

_DAYS_OF_DEMAND: Final = timedelta(days=7)


@dataclass
class Found:
    """What is wrong, by kind; nothing in a sound site."""

    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    half_done: list[str] = field(default_factory=list)
    told_secrets: list[str] = field(default_factory=list)

    @property
    def sound(self) -> bool:
        return not (self.lost or self.doubled or self.half_done or self.told_secrets)


def look(here: Site, origin: datetime, hours: int) -> Found:
    """`origin`: of the daily forecast that the last run made, of `hours` hours."""
    found = Found()
    with psycopg.connect(here.database) as connection:
        _forecasts(connection, here, origin, hours, found)
        _demand(connection, here, origin, found)
        _deployments(connection, here, found)
        owed = connection.execute("SELECT kind, starts, last_error FROM influx_deliveries").fetchall()
    if here.influx:
        found.lost += [f"InfluxDB is owed {kind} of {starts}: {error}" for kind, starts, error in owed]
        points = _points(here, origin, hours)
        if points != hours:
            kind = found.lost if points < hours else found.doubled
            kind.append(f"InfluxDB has {points} of {hours} hours from {origin}")
    found.half_done += _unfinished(here)
    found.told_secrets += told_secrets(here)
    return found


def _forecasts(
    connection: psycopg.Connection[tuple[object, ...]],
    here: Site,
    origin: datetime,
    hours: int,
    found: Found,
) -> None:
    row = connection.execute(
        "SELECT count(*), count(DISTINCT time) FROM predictions WHERE region = %s AND product = '' "
        "AND origin = %s",
        (here.region.name, origin),
    ).fetchone()
    assert row is not None  # counts are a row
    rows, distinct = int(str(row[0])), int(str(row[1]))
    if distinct < hours:
        found.lost.append(f"{hours - distinct} hours of the forecast from {origin}")
    if rows > hours:
        found.doubled.append(f"{rows} rows for {hours} hours from {origin}")


def _demand(
    connection: psycopg.Connection[tuple[object, ...]], here: Site, origin: datetime, found: Found
) -> None:
    """Of the days before the origin, which the source has had in full since."""
    first = origin - _DAYS_OF_DEMAND
    row = connection.execute(
        "SELECT count(demand_mw) FROM raw_demand WHERE region = %s AND time >= %s AND time < %s",
        (here.region.name, first, origin),
    ).fetchone()
    assert row is not None  # counts are a row
    known = here.history["demand"].loc[first : origin - timedelta(hours=1)].count()
    if missing := known - int(str(row[0])):
        found.lost.append(f"{missing} hours of demand before {origin}")


def _deployments(connection: psycopg.Connection[tuple[object, ...]], here: Site, found: Found) -> None:
    rows = connection.execute(
        "SELECT status, version, artifact_path, artifact_checksum, metrics FROM model_deployments "
        "WHERE region = %s AND status <> 'rejected' AND files_removed_at IS NULL",
        (here.region.name,),
    ).fetchall()
    active = [row for row in rows if row[0] == "active"]
    if len(active) != 1:
        found.doubled.append(f"{len(active)} active models")
    for _, version, path, checksum, metrics in rows:
        if not metrics:
            found.half_done.append(f"{version} has no metrics")
        folder = here.store / str(path)
        if not folder.is_dir():
            found.lost.append(f"{version} has no files")
            continue
        try:
            load_artifact(folder, checksum=str(checksum))
        except ArtifactError as error:
            found.half_done.append(f"{version} does not load: {error}")


def _points(here: Site, origin: datetime, hours: int) -> int:
    """Hours of the forecast that InfluxDB has, as many times as it has them."""
    assert here.influx is not None  # asked for above
    details = here.influx.details
    query = """
        from(bucket: params_bucket) |> range(start: params_start, stop: params_stop)
        |> filter(fn: (r) => r._measurement == "power_demand_forecast" and r._field == "forecast"
            and r.region == params_region and not exists r.product)
        |> group() |> count()
    """
    values = {
        "params_bucket": details["bucket"],
        "params_region": here.region.name,
        "params_start": origin,
        "params_stop": origin + timedelta(hours=hours),
    }
    with InfluxDBClient(here.influx.url, details["token"], org=details["org"]) as client:
        tables = client.query_api().query(query, params=values)
    return sum(int(record.get_value()) for table in tables for record in table.records)


def _unfinished(here: Site) -> Iterator[str]:
    """Manifests whose files are not as they say, and files that a write left behind."""
    for path in (here.store / here.region.name).rglob("*"):
        if not path.is_file():
            continue
        if path.name.endswith((".tmp", ".part")) or path.name.startswith(".tmp"):
            yield f"{path.relative_to(here.store)} was left behind"
        if path.suffix == ".json" and path.parent.parent.name == "runs":
            manifest = json.loads(path.read_text(encoding="utf-8"))
            for output in manifest.get("outputs", {}).values():
                file = here.store / output["path"]
                if not file.exists() or hashlib.sha256(file.read_bytes()).hexdigest() != output["sha256"]:
                    yield f"{output['path']} is not what {path.name} says"
