"""The one settings object of the DAGs: environment variables DEMAND_FORECAST_*, nested ones with `__`."""

from __future__ import annotations

import difflib
import os
import sys
from collections.abc import Iterator
from datetime import timedelta
from functools import cache
from typing import Final, Literal, Self
from urllib.parse import urlsplit

from pydantic import BaseModel, Field, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from demand_forecast.settings.pod_settings import MODEL_CONFIG, PodSettings
from trainer.contract import (
    DEFAULT_MAX_SHADOWS,
    GPU_VERBS,
    MAX_DAYS,
    MAX_EPOCHS,
    MAX_HOLDOUT_DAYS,
    MAX_HORIZON,
    MAX_SEARCH_PODS,
    MAX_SEED,
    MAX_SHADOW_DAYS,
    MAX_TRIALS,
    MIN_KEPT_CHAMPIONS,
    MIN_KEPT_DAYS,
    ORIGIN_HOURS,
    Env,
    Region,
    Verb,
    load_regions,
)

PREFIX: Final = "DEMAND_FORECAST_"
FOREIGN_PREFIXES: Final = (f"{PREFIX}API_", f"{PREFIX}STACK_", f"{PREFIX}TEST_")
"""Families of variables that the REST API, the one-machine stack and the test suite read for themselves."""


RefitPolicy = Literal["daily", "weekly", "never"]


class SettingsError(ValueError):
    """The environment names a setting that does not exist; the message names it and the nearest one."""


class Timeouts(BaseModel):
    """Minutes of work that one try of a verb may take; a pod's wait for its node comes on top."""

    model_config = MODEL_CONFIG

    ingest: int = Field(default=30, ge=1, description="Minutes for ingest")
    snapshot: int = Field(default=30, ge=1, description="Minutes for snapshot")
    search: int = Field(default=720, ge=1, description="Minutes for search")
    train: int = Field(default=360, ge=1, description="Minutes for train")
    evaluate: int = Field(default=120, ge=1, description="Minutes for evaluate")
    promote: int = Field(default=30, ge=1, description="Minutes for promote")
    announce: int = Field(default=15, ge=1, description="Minutes for announce")
    forecast: int = Field(default=30, ge=1, description="Minutes for forecast")
    refit: int = Field(default=60, ge=1, description="Minutes for refit")
    publish: int = Field(default=30, ge=1, description="Minutes for publish")
    score: int = Field(default=30, ge=1, description="Minutes for score")
    housekeeping: int = Field(default=60, ge=1, description="Minutes for housekeeping")
    shadow: int = Field(default=30, ge=1, description="Minutes for shadow")

    def of(self, verb: Verb) -> timedelta:
        return timedelta(minutes=getattr(self, verb.value))


class Settings(BaseSettings):
    """Read once per process. Regions have variables of their own (trainer.contract.load_regions)."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_nested_delimiter="__",
        frozen=True,
        extra="forbid",
        hide_input_in_errors=True,
    )

    runtime: Literal["local", "kubernetes"] = Field(
        default="local", description="Where trainer verbs run: as processes of the worker, or as pods"
    )
    store_url: str = Field(
        default="file:///var/lib/demand-forecast",
        description="Model store as Airflow reads it: file:// or s3://; every worker must reach it",
    )
    pod_store_url: str | None = Field(
        default=None, description="Model store as pods see it, where that differs from store_url"
    )
    postgres_conn_id: str = Field(
        default="demand_forecast_postgres", description="Airflow connection to the PostgreSQL database"
    )
    study_conn_id: str | None = Field(
        default=None,
        description="Airflow connection that search gets instead, as a local process: of a role that owns "
        "the schema `optuna` and nothing else",
    )
    influxdb_url: str | None = Field(
        default=None,
        validation_alias=Env.INFLUXDB_URL,
        description="InfluxDB's address; none: forecasts and scores go to PostgreSQL alone",
    )
    influxdb_org: str | None = Field(
        default=None, validation_alias=Env.INFLUXDB_ORG, description="InfluxDB's organisation"
    )
    influxdb_bucket: str | None = Field(
        default=None, validation_alias=Env.INFLUXDB_BUCKET, description="InfluxDB's bucket"
    )
    mlflow_tracking_uri: str | None = Field(
        default=None,
        validation_alias=Env.MLFLOW_TRACKING_URI,
        description="MLflow's address; none: no MLflow. Pods take its user and password from mlflow_secret",
    )
    mlflow_public_url: str | None = Field(
        default=None,
        pattern=r"^https?://",
        description="MLflow's address in a browser, for the page's links; none: MLFLOW_TRACKING_URI",
    )
    python: str = Field(
        default=sys.executable,
        description="Python of the local runtime, with trainer/requirements.txt installed; "
        "by default the one that runs Airflow",
    )
    device: Literal["auto", "cpu", "cuda"] = Field(default="auto", description="What training runs on")

    retries: int = Field(
        default=2, ge=1, description="Further tries after infrastructure failed; durable pods need one"
    )
    retry_delay_seconds: int = Field(default=300, ge=0, description="Seconds between two tries")
    training_pool: str = Field(
        default="default_pool",
        min_length=1,
        description="Airflow pool of search, train and what else is in pod.gpu_verbs: its slots are how many "
        "run at once, of all regions. It must exist, else tasks wait for ever, and count deferred ones, else "
        "these give their slot back",
    )
    timeout_minutes: Timeouts = Field(default=Timeouts(), description="Minutes one try may take, by verb")
    owner: str = Field(default="demand-forecast", description="Owner that Airflow shows for the DAGs")

    lookback_days: int = Field(
        default=1826, ge=60, le=MAX_DAYS, description="Days of history a training run uses"
    )
    forecast_lookback_days: int = Field(
        default=60, ge=15, le=MAX_DAYS, description="Days of history a forecast run uses"
    )
    holdout_days: int = Field(
        default=28,
        ge=7,
        le=MAX_HOLDOUT_DAYS,
        description="Days that champion and challenger are compared on, trained on by neither",
    )
    trials: int = Field(
        default=20, ge=1, le=MAX_TRIALS, description="Hyperparameter trials of a scheduled training"
    )
    epochs: int = Field(
        default=50, ge=1, le=MAX_EPOCHS, description="Epochs at most, of a scheduled training"
    )
    search_pods: int = Field(
        default=1,
        ge=1,
        le=MAX_SEARCH_PODS,
        description="Pods, or processes, that share the trials of a scheduled training",
    )
    seed: int = Field(default=42, ge=0, le=MAX_SEED, description="Seed of a scheduled training")
    origin_hours: str = Field(
        default=",".join(map(str, ORIGIN_HOURS)),
        pattern=r"^(all|(1?\d|2[0-3])(,(1?\d|2[0-3]))*)$",
        description="Local hours at which forecasts of a trained model begin, with commas between, or `all`: "
        "from any other hour they begin at the last of these, which docs/ablation.md has the price of",
    )
    margin: float = Field(
        default=0.01, ge=0, lt=1, description="Share of the champion's MAPE that a challenger must win by"
    )
    significance: float = Field(
        default=0.05,
        gt=0,
        le=1,
        description="Chance must give the challenger's improvement, day by day, more rarely than this, for a "
        "promotion; 1: the margin alone decides",
    )
    max_shadows: int = Field(
        default=DEFAULT_MAX_SHADOWS,
        ge=1,
        le=20,
        description="Models of a region that may forecast in shadow at a time; each takes every forecast "
        "a fraction of a second",
    )
    shadow_days: int = Field(
        default=14,
        ge=5,
        le=MAX_SHADOW_DAYS,
        description="Days on which champion and shadow can be compared that the promotion of a shadow asks",
    )
    horizon: int = Field(default=24, ge=1, le=MAX_HORIZON, description="Hours that the daily forecast covers")
    plot_forecasts: bool = Field(
        default=False,
        description="Whether the daily forecast draws forecast.png too: it takes as much processor time "
        "as the forecast, for a picture that the page in Airflow does without",
    )
    forecast_ingest_minutes: int = Field(
        default=10,
        ge=1,
        description="Minutes, a pod's wait included, that the daily forecast gives each of two tries of "
        "ingest before it begins from the actuals that are there",
    )
    stale_hours: int = Field(
        default=24,
        ge=0,
        description="Hours: a forecast made from actuals that end earlier than this before its moment alerts",
    )
    drift_mape: float = Field(
        default=5.0, gt=0, description="Percent: rolling 7-day MAPE above this alerts and retrains"
    )
    retrain_cooldown_days: int = Field(
        default=3, ge=0, description="Days after a decision in which drift does not retrain again"
    )
    refit: RefitPolicy = Field(
        default="weekly",
        description="When the champion is brought up to date with all measured demand: `daily` after ingest, "
        "`weekly` after the decision on a candidate, whichever way it fell, or `never`",
    )
    refit_by_region: dict[str, RefitPolicy] = Field(
        default_factory=dict, description='The same where a region differs, JSON: {"KR": "daily"}'
    )

    keep_champions: int = Field(
        default=8,
        ge=MIN_KEPT_CHAMPIONS,
        le=1000,
        description="The last champions whose files housekeeping leaves, to roll back to, beside their "
        "parents and what was judged; as many of those that a rollback turned away",
    )
    keep_training_days: int = Field(
        default=28,
        ge=MIN_KEPT_DAYS,
        le=MAX_DAYS,
        description="Days after which housekeeping removes a training that made none of these: its "
        "candidate, its snapshot, its run in MLflow, its search's trials",
    )
    keep_run_days: int = Field(
        default=28,
        ge=MIN_KEPT_DAYS,
        le=MAX_DAYS,
        description="Days after which it removes the files of other runs; what they forecast stays in the "
        "tables",
    )

    forecast_deadline_minutes: int | None = Field(
        default=None,
        ge=1,
        description="Minutes after which a daily forecast that is not done raises an alert, such as 90; "
        "while set, Airflow 3.3.2 cannot `dags test` that DAG, by a fault of its own",
    )
    retrain_deadline_hours: int | None = Field(
        default=None, ge=1, description="Hours after which a weekly retraining does, such as 24; likewise"
    )

    notify_urls: tuple[str, ...] = Field(
        default=(), description="Where alerts go, as Apprise URLs, a JSON list; none: the log only"
    )
    airflow_url: str | None = Field(
        default=None, description="Airflow's address for links in alerts; none: Airflow's own [api] base_url"
    )

    language: Literal["en", "ko"] = Field(
        default="en", description="Language of the page in Airflow and of the plots"
    )

    pod: PodSettings = Field(default=PodSettings(), description="The trainer's pods")

    @model_validator(mode="after")
    def _kubernetes_needs_an_image(self) -> Self:
        if self.runtime == "kubernetes" and not self.pod.image:
            raise ValueError(f"runtime kubernetes needs {PREFIX}POD__IMAGE, by version or digest")
        return self

    @model_validator(mode="after")
    def _pods_show_no_password(self) -> Self:
        if self.runtime == "kubernetes" and "@" in urlsplit(self.mlflow_tracking_uri or "").netloc:
            raise ValueError(
                f"{Env.MLFLOW_TRACKING_URI} holds a user, which Airflow shows with the pod that it asks for: "
                "name the server alone, and put MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD into "
                f"the Secret that {PREFIX}POD__MLFLOW_SECRET names"
            )
        return self

    @property
    def forecast_deadline(self) -> timedelta | None:
        minutes = self.forecast_deadline_minutes
        return timedelta(minutes=minutes) if minutes else None

    @property
    def retrain_deadline(self) -> timedelta | None:
        hours = self.retrain_deadline_hours
        return timedelta(hours=hours) if hours else None

    def refit_of(self, region: Region) -> RefitPolicy:
        return self.refit_by_region.get(region.name, self.refit)

    def pool_of(self, verb: Verb) -> str | None:
        """The Airflow pool that bounds how many run at once; None for a verb that needs no bound."""
        return self.training_pool if verb in GPU_VERBS or verb in self.pod.gpu_verbs else None

    @property
    def store_url_of_verbs(self) -> str:
        """The model store as the process of a verb sees it."""
        return (self.pod_store_url or self.store_url) if self.runtime == "kubernetes" else self.store_url


def environment_names(model: type[BaseModel] = Settings, prefix: str = PREFIX) -> Iterator[str]:
    """Every variable that the settings read, in the order of their declaration."""
    for name, field in model.model_fields.items():
        alias = field.validation_alias
        variable = str(alias) if alias else f"{prefix}{name.upper()}"
        yield variable
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            yield from environment_names(field.annotation, f"{variable}__")


def load_settings() -> Settings:
    """The settings of this process's environment.

    Raises SettingsError for a DEMAND_FORECAST_ variable that nothing reads, and pydantic's
    ValidationError, which names the field, for a value that does not fit.
    """
    known = {*environment_names(), *Env}
    for name in os.environ:
        if name.startswith(PREFIX) and name not in known and not name.startswith(FOREIGN_PREFIXES):
            near = difflib.get_close_matches(name, known, n=1)
            raise SettingsError(
                f"{name} is no setting" + (f"; did you mean {near[0]}?" if near else "; docs list them all")
            )
    return Settings()


@cache
def settings() -> Settings:
    """This process's settings, read once."""
    return load_settings()


@cache
def regions() -> dict[str, Region]:
    """This process's regions, read once."""
    return load_regions()
