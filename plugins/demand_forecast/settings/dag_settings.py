"""The one settings object of the DAGs: environment variables DEMAND_FORECAST_*, nested ones with `__`."""

from __future__ import annotations

from datetime import timedelta
from typing import Final, Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from demand_forecast.settings.model_settings import ModelSettings
from demand_forecast.settings.pod_settings import PodSettings
from demand_forecast.settings.system_settings import SystemSettings
from demand_forecast.settings.task_settings import TaskSettings
from trainer.contract import (
    DATABASE_VERBS,
    MAX_DAYS,
    MIN_KEPT_CHAMPIONS,
    MIN_KEPT_DAYS,
    TRAINING_VERBS,
    Env,
    Verb,
)

PREFIX: Final = "DEMAND_FORECAST_"


class Settings(ModelSettings, TaskSettings, SystemSettings, BaseSettings):
    """Read once per process. Regions have variables of their own (trainer.contract.load_regions).

    The fields of the groups that it is made of come first, those of the last named ahead.
    """

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_nested_delimiter="__",
        frozen=True,
        extra="forbid",
        hide_input_in_errors=True,
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

    def searches(self, verb: Verb) -> bool:
        """Whether the verb may run trials, and so keeps a study."""
        return verb is Verb.SEARCH or (verb is Verb.TRAIN and self.search_with_train)

    def reads_database(self, verb: Verb) -> bool:
        """Whether the verb is handed PostgreSQL's URL; no other verb sees it."""
        return verb in DATABASE_VERBS or self.searches(verb)

    def timeout_of(self, verb: Verb) -> timedelta:
        """What one try of the verb may take, a search within train included."""
        work = {verb, Verb.SEARCH} if self.searches(verb) else {verb}
        return sum(map(self.timeout_minutes.of, work), timedelta())

    def pool_of(self, verb: Verb) -> str | None:
        """The Airflow pool that bounds how many run at once; None for a verb that needs no bound."""
        return self.training_pool if verb in TRAINING_VERBS or verb in self.pod.gpu_verbs else None
