"""How models are trained, judged, at work and brought up to date. Part of the one settings object."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, Field

from trainer.contract import (
    DEFAULT_MAX_SHADOWS,
    MAX_DAYS,
    MAX_EPOCHS,
    MAX_HOLDOUT_DAYS,
    MAX_HORIZON,
    MAX_SEARCH_PODS,
    MAX_SEED,
    MAX_SHADOW_DAYS,
    MAX_TRIALS,
    ORIGIN_HOURS,
    Region,
)

RefitPolicy = Literal["daily", "weekly", "never"]


class ModelSettings(BaseModel):
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
    search_every_days: int = Field(
        default=90,
        ge=0,
        le=MAX_DAYS,
        description="Days after a region's last search of as many trials and epochs or more, whoever won, in "
        "which trainings keep the champion's parameters instead of searching; 0: every training searches",
    )
    search_pods: int = Field(
        default=1,
        ge=1,
        le=MAX_SEARCH_PODS,
        description="Pods, or processes, that share the trials of a scheduled training",
    )
    search_with_train: bool = Field(
        default=False,
        description="Whether a search of one pod is made by the pod of train: one start and one wait for a "
        "GPU less, and train is handed what reaches the studies in PostgreSQL",
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
        description="Probability of so large an improvement by chance, by a test on daily errors, which a "
        "promoted challenger may not exceed; 1: the margin alone decides",
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
    intraday_ingest_seconds: int = Field(
        default=60,
        ge=1,
        le=600,
        description="Seconds that a product with `every` gives ingest before it forecasts from the actuals "
        "that are there",
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

    def refit_of(self, region: Region) -> RefitPolicy:
        return self.refit_by_region.get(region.name, self.refit)
