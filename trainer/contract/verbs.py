"""How a verb is called: its name and limits, the environment that it reads, its exit code."""

from __future__ import annotations

from enum import IntEnum, StrEnum
from typing import Final

MAX_HORIZON: Final = 168
"""Hours: the longest forecast that any verb, DAG or route accepts."""
MAX_ISSUE_AGE_HOURS: Final = 36
"""An older issue of the weather gives way to what the source itself has of an hour, and people are told."""
MAX_ISSUE_DAYS: Final = 30
"""How far ahead of its time of issue a forecast of the weather may lie: no weather model reaches farther."""
FIRST_YEAR: Final = 1970
LAST_YEAR: Final = 2199
"""Of the moments and days that any verb, DAG or route accepts."""
MAX_DAYS: Final = 36_525
"""The longest stretch of days, such as of history, that any verb or DAG accepts: a hundred years."""
MAX_HOLDOUT_DAYS: Final = 366
MAX_TRIALS: Final = 1000
MAX_EPOCHS: Final = 1000
"""The most that a DAG's training keeps to compare on, tries, and fits."""
MAX_SEED: Final = 2**32 - 1
"""The seeds drawn from it, a thousand times as large, fit the 64 bits that torch takes."""
MAX_SEARCH_PODS: Final = 16
"""The most parts that a DAG run's search is cut into."""

MIN_KEPT_CHAMPIONS: Final = 3
MIN_KEPT_DAYS: Final = 7
"""The least that housekeeping leaves: a run in progress, and what was champion when it began, are younger."""

ORIGIN_HOURS: Final = (0, 6, 12, 18)
"""Local hours at which a model's forecasts begin, unless it is told others: from any other hour they begin at
the last of these. A regression is solved, and kept, for each."""

LANGUAGES: Final = ("en", "ko")


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
    REFIT = "refit"
    FORECAST = "forecast"
    PUBLISH = "publish"
    INTRADAY = "intraday"
    SCORE = "score"
    HOUSEKEEPING = "housekeeping"
    SHADOW = "shadow"


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
    LANGUAGE = "DEMAND_FORECAST_LANGUAGE"
    MAX_SHADOWS = "DEMAND_FORECAST_MAX_SHADOWS"
    INFLUXDB_URL = "INFLUXDB_URL"
    INFLUXDB_TOKEN = "INFLUXDB_TOKEN"
    INFLUXDB_ORG = "INFLUXDB_ORG"
    INFLUXDB_BUCKET = "INFLUXDB_BUCKET"
    MLFLOW_TRACKING_URI = "MLFLOW_TRACKING_URI"


DATABASE_VERBS: Final = frozenset(
    {
        Verb.INGEST,
        Verb.SNAPSHOT,
        Verb.SEARCH,
        Verb.PUBLISH,
        Verb.INTRADAY,
        Verb.SCORE,
        Verb.HOUSEKEEPING,
        Verb.SHADOW,
    }
)
"""Verbs that are handed the PostgreSQL URL; no other verb sees it, but a train that makes the search."""
PLOTTING_VERBS: Final = frozenset({Verb.EVALUATE, Verb.FORECAST})
"""Verbs that draw for people, in the language that is set."""
INFLUXDB_VERBS: Final = frozenset({Verb.INGEST, Verb.PUBLISH, Verb.INTRADAY, Verb.SCORE})
MLFLOW_VERBS: Final = frozenset({Verb.TRAIN, Verb.EVALUATE, Verb.PROMOTE, Verb.ANNOUNCE, Verb.HOUSEKEEPING})
TRAINING_VERBS: Final = frozenset({Verb.SEARCH, Verb.TRAIN})
"""Verbs that need the resources and the pool of a training, on a GPU or not."""
