"""Where the verbs run, and the systems that they and the DAGs reach. Part of the one settings object."""

from __future__ import annotations

import sys
from typing import Literal

from pydantic import BaseModel, Field

from trainer.contract import Env


class SystemSettings(BaseModel):
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

    @property
    def store_url_of_verbs(self) -> str:
        """The model store as the process of a verb sees it."""
        return (self.pod_store_url or self.store_url) if self.runtime == "kubernetes" else self.store_url
