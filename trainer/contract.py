"""What the trainer and its callers agree on: verbs, exit codes, environment, regions, manifests.

Standard library only, since Airflow's side imports it while it parses DAG files.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from datetime import UTC, datetime
from enum import IntEnum, StrEnum
from pathlib import Path
from typing import Any, Final, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

SCHEMA_VERSION: Final = 1
MAX_HORIZON: Final = 168
"""Hours: the longest forecast that any verb, DAG or route accepts."""
MAX_SEED: Final = 2**32 - 1
"""The seeds drawn from it, a thousand times as large, fit the 64 bits that torch takes."""
MAX_SEARCH_PODS: Final = 16
"""The most parts that a DAG run's search is cut into."""


class ExitCode(IntEnum):
    """How a verb's process ends; Airflow retries INFRASTRUCTURE only."""

    DONE = 0
    USAGE = 2
    DATA = 3
    INFRASTRUCTURE = 4


class Verb(StrEnum):
    """The trainer's verbs that a DAG runs as a task."""

    INGEST = "ingest"
    SNAPSHOT = "snapshot"
    SEARCH = "search"
    TRAIN = "train"
    EVALUATE = "evaluate"
    PROMOTE = "promote"
    ANNOUNCE = "announce"
    FORECAST = "forecast"
    PUBLISH = "publish"
    SCORE = "score"


class Env(StrEnum):
    """The environment variables that the trainer reads. Vendors' own names where a vendor has one."""

    REGIONS = "DEMAND_FORECAST_REGIONS"
    REGIONS_FILE = "DEMAND_FORECAST_REGIONS_FILE"
    STORE_URL = "DEMAND_FORECAST_STORE_URL"
    POSTGRES_URL = "DEMAND_FORECAST_POSTGRES_URL"
    DEVICE = "DEMAND_FORECAST_DEVICE"
    API_TOKEN = "DEMAND_FORECAST_API_TOKEN"
    API_TOKEN_FILE = "DEMAND_FORECAST_API_TOKEN_FILE"
    RESULT_FILE = "DEMAND_FORECAST_RESULT_FILE"
    INFLUXDB_URL = "INFLUXDB_URL"
    INFLUXDB_TOKEN = "INFLUXDB_TOKEN"
    INFLUXDB_ORG = "INFLUXDB_ORG"
    INFLUXDB_BUCKET = "INFLUXDB_BUCKET"
    MLFLOW_TRACKING_URI = "MLFLOW_TRACKING_URI"


DATABASE_VERBS: Final = frozenset({Verb.INGEST, Verb.SNAPSHOT, Verb.SEARCH, Verb.PUBLISH, Verb.SCORE})
"""Verbs that are handed the PostgreSQL URL; no other verb sees it."""
INFLUXDB_VERBS: Final = frozenset({Verb.PUBLISH, Verb.SCORE})
MLFLOW_VERBS: Final = frozenset({Verb.TRAIN, Verb.EVALUATE, Verb.PROMOTE, Verb.ANNOUNCE})
GPU_VERBS: Final = frozenset({Verb.SEARCH, Verb.TRAIN})

RAW_DEMAND_SOURCE: Final = "raw_demand"
SAMPLE_SOURCE: Final = "sample:greece"


class ContractError(ValueError):
    """A region or a manifest that breaks the agreement; the message names the field."""


@dataclass(frozen=True, kw_only=True)
class Region:
    """One demand series. `source` is a path, an fsspec URL, `raw_demand` or `sample:greece`."""

    name: str
    title: str
    timezone: str
    country: str
    """Code of the holiday calendar, as the `holidays` library spells it, such as KR."""
    latitude: float
    """Degrees north; with longitude it tells the sun's height for solar power behind the meter."""
    longitude: float
    source: str = RAW_DEMAND_SOURCE
    subdivision: str | None = None
    weather: tuple[str, ...] = ()
    """Weather columns the model may use: temperature (C), humidity (%), and others by their own name."""
    weather_error: float = 0.0
    """How uncertain the weather of the hours to forecast is, in units of a usual day-ahead weather forecast's
    errors (1.3 C, 7 % humidity): models are trained on weather with as large errors. 0: it comes true."""
    columns: Mapping[str, str] = field(default_factory=dict, hash=False)
    """The source's header -> our column, beside the mappings that are known already."""

    def __post_init__(self) -> None:
        if not re.fullmatch(r"[A-Za-z0-9_]{1,32}", self.name):
            raise ContractError(f"region name {self.name!r}: use 1 to 32 letters, digits or '_'")
        try:
            ZoneInfo(self.timezone)
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise ContractError(
                f"region {self.name}: timezone {self.timezone!r} is unknown; "
                "use an IANA name such as Asia/Seoul"
            ) from error
        if not -90 <= self.latitude <= 90:
            raise ContractError(f"region {self.name}: latitude {self.latitude} is not within -90..90")
        if not -180 <= self.longitude <= 180:
            raise ContractError(f"region {self.name}: longitude {self.longitude} is not within -180..180")
        if not 0 <= self.weather_error <= 10:
            raise ContractError(
                f"region {self.name}: weather_error {self.weather_error} is not within 0..10; "
                "1 is a usual day-ahead weather forecast, 0 weather that comes true"
            )

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)

    @classmethod
    def parse(cls, name: str, values: Mapping[str, Any]) -> Self:
        """Raises ContractError naming unknown or missing keys."""
        known = {f.name for f in fields(cls)} - {"name"}
        if unknown := sorted(set(values) - known):
            raise ContractError(f"region {name}: unknown keys {unknown}; known are {sorted(known)}")
        required = {"title", "timezone", "country", "latitude", "longitude"}
        if missing := sorted(required - set(values)):
            raise ContractError(f"region {name}: missing keys {missing}")
        return cls(name=name, **{**values, "weather": tuple(values.get("weather", ()))})

    def to_dict(self) -> dict[str, Any]:
        """What `parse` reads back, without the name."""
        values = {**asdict(self), "weather": list(self.weather), "columns": dict(self.columns)}
        del values["name"]
        if not self.weather_error:
            del values["weather_error"]  # releases that do not know it go on reading these regions
        return {key: value for key, value in values.items() if value is not None}


def load_regions(environ: Mapping[str, str] | None = None) -> dict[str, Region]:
    """The configured regions: JSON in DEMAND_FORECAST_REGIONS, else the TOML file named by
    DEMAND_FORECAST_REGIONS_FILE, else the regions that ship with the package.

    Raises ContractError naming the place that is wrong.
    """
    environ = os.environ if environ is None else environ
    if text := environ.get(Env.REGIONS):
        place = str(Env.REGIONS)
        try:
            table = json.loads(text)
        except json.JSONDecodeError as error:
            raise ContractError(f"{place} is not JSON: {error}") from error
    else:
        path = Path(environ.get(Env.REGIONS_FILE) or Path(__file__).with_name("regions.toml"))
        place = str(path)
        try:
            table = tomllib.loads(path.read_text(encoding="utf-8"))
        except (OSError, tomllib.TOMLDecodeError) as error:
            raise ContractError(f"regions file {place} cannot be read: {error}") from error
    if not isinstance(table, dict) or not all(isinstance(v, dict) for v in table.values()):
        raise ContractError(f"{place}: expected one table per region")
    return {name: Region.parse(name, values) for name, values in table.items()}


def slug(run_id: str) -> str:
    """A folder name for a run id: readable, safe in file names and object keys, and collision-free."""
    readable = re.sub(r"[^A-Za-z0-9.-]+", "_", run_id).strip("_.")[:64]
    return f"{readable}-{hashlib.sha256(run_id.encode()).hexdigest()[:8]}"


def run_folder(region: str, run_id: str) -> str:
    """Relative to the store: where the steps of one run put their results."""
    return f"{region}/runs/{slug(run_id)}"


def manifest_path(region: str, run_id: str, step: str) -> str:
    """Relative to the store: the manifest that closes `step` of a run."""
    return f"{run_folder(region, run_id)}/{step}.json"


def search_step(index: int, count: int) -> str:
    """The step that closes part `index` (from 0) of a search of `count` parts."""
    return "search" if count == 1 else f"search-{index}of{count}"


def model_folder(region: str, version: str) -> str:
    """Relative to the store: the immutable files of one published model version."""
    return f"{region}/models/{version}"


def model_version(region: str, run_id: str, as_of: datetime) -> str:
    """The version that a run's candidate carries: the same run always makes the same version."""
    digest = hashlib.sha256(run_id.encode()).hexdigest()[:8]
    return f"{region}-{as_of.astimezone(UTC):%Y%m%dT%H%M}-{digest}"


@dataclass(frozen=True)
class FileRef:
    """A file by its path relative to the store, and what must be in it."""

    path: str
    sha256: str
    bytes: int


@dataclass(frozen=True, kw_only=True)
class Manifest:
    """The JSON that closes a step. No manifest, no result."""

    step: str
    region: str
    run_id: str
    as_of: str
    """ISO 8601, UTC."""
    parameters: Mapping[str, Any]
    inputs: Mapping[str, FileRef] = field(default_factory=dict)
    outputs: Mapping[str, FileRef] = field(default_factory=dict)
    metrics: Mapping[str, Any] = field(default_factory=dict)
    facts: Mapping[str, Any] = field(default_factory=dict)
    """What the step found or made that is no file and no metric; each step documents its own."""
    code: Mapping[str, str] = field(default_factory=dict)
    """git sha and library versions."""
    started_at: str = ""
    finished_at: str = ""
    schema: int = SCHEMA_VERSION

    @property
    def checksum(self) -> str:
        """SHA-256 over the content."""
        return _digest(asdict(self))

    def to_json(self) -> str:
        """JSON with the checksum over everything else, NaN and infinity refused (ValueError)."""
        body = asdict(self)
        return json.dumps({**body, "checksum": _digest(body)}, indent=1, ensure_ascii=False, allow_nan=False)

    @classmethod
    def from_json(cls, text: str, *, place: str, run_id: str | None = None) -> Self:
        """Raises ContractError when the text is damaged, of another schema, or of another run."""
        try:
            body = json.loads(text)
            checksum = body.pop("checksum")
        except (json.JSONDecodeError, AttributeError, KeyError, TypeError) as error:
            raise ContractError(f"manifest {place} is damaged: {error!r}; run the step again") from error
        if body.get("schema") != SCHEMA_VERSION:
            raise ContractError(
                f"manifest {place} has schema {body.get('schema')}, this code reads {SCHEMA_VERSION}"
            )
        if checksum != _digest(body):
            raise ContractError(f"manifest {place}: checksum does not fit its content; run the step again")
        if run_id is not None and body["run_id"] != run_id:
            raise ContractError(f"manifest {place} is of run {body['run_id']!r}, not of {run_id!r}")
        for name in ("inputs", "outputs"):
            body[name] = {key: FileRef(**ref) for key, ref in body[name].items()}
        return cls(**body)


def _digest(body: Mapping[str, Any]) -> str:
    text = json.dumps(body, sort_keys=True, ensure_ascii=False, allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()
