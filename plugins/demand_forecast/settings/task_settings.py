"""How often and how long tasks are tried, and how many at once. Part of the one settings object."""

from __future__ import annotations

from datetime import timedelta

from pydantic import BaseModel, Field

from demand_forecast.settings.pod_settings import MODEL_CONFIG
from trainer.contract import Verb


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
    intraday: int = Field(default=15, ge=1, description="Minutes for intraday")
    score: int = Field(default=30, ge=1, description="Minutes for score")
    housekeeping: int = Field(default=60, ge=1, description="Minutes for housekeeping")
    shadow: int = Field(default=30, ge=1, description="Minutes for shadow")

    def of(self, verb: Verb) -> timedelta:
        return timedelta(minutes=getattr(self, verb.value))


class TaskSettings(BaseModel):
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
