"""The model as a Python user meets it: fit, predict, backtest, save and load, on pandas frames."""

from __future__ import annotations

import importlib.util
import logging
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Self

import pandas as pd
from sklearn.base import BaseEstimator

from trainer.contract import Region, load_regions
from trainer.contract.products import asked_for, market_product
from trainer.contract.quantiles import quantile_column, stated_quantiles
from trainer.data.validation import canonical, last_actual
from trainer.errors import UsageError, WeatherUnknownError
from trainer.model.artifact import load_artifact, load_twin, save_artifact
from trainer.model.forecasting.forecast_with_twin import ForecastWithTwin
from trainer.model.forecasting.forecaster import Forecaster

if TYPE_CHECKING:
    from trainer.model.backtest import BacktestResult
    from trainer.model.config import ModelConfig

log = logging.getLogger(__name__)

_HOUR = pd.Timedelta(hours=1)


class DemandForecaster(BaseEstimator):  # type: ignore[misc]  # scikit-learn ships no types
    """Forecasts the hourly demand of one region; parameters as scikit-learn has them.

    region: a configured region's name (`regions.toml`), or a `Region`. trials: configurations that a search
    tries, each for `epochs`; 0 takes the defaults. seed: the same seed, data and device give the same model.
    device: `auto`, `cpu` or `cuda`. origin_hours: local hours of the day that forecasts will be made at; None
    for all 24, which takes longer.

    `fit` and `backtest` need PyTorch (the extra `train`); a loaded model predicts without it.
    """

    def __init__(
        self,
        region: str | Region,
        *,
        trials: int = 0,
        epochs: int = 10,
        seed: int = 42,
        device: str = "auto",
        origin_hours: tuple[int, ...] | None = None,
    ) -> None:
        self.region = region
        self.trials = trials
        self.epochs = epochs
        self.seed = seed
        self.device = device
        self.origin_hours = origin_hours

    def fit(self, frame: pd.DataFrame | pd.Series[float]) -> Self:
        """From hourly (or finer) rows with a zoned index: demand in MW, or as the region's settings say, and
        the region's weather where the frame has it. Faults of the metering are masked and told in the log.

        Sets `model_`, `twin_` (the same without weather; None in a region without), `history_` and
        `config_`. Raises DataError where nothing can be said of the demand, or under 70 days of it,
        UsageError for a frame without zoned times, and origin_hours that are none.
        """
        _require_pytorch()
        from trainer.model.training.fitting import fit  # noqa: PLC0415  predicting does without PyTorch
        from trainer.model.training.twin import fit_twin  # noqa: PLC0415

        if self.origin_hours is not None and not set() < {*self.origin_hours} <= {*range(24)}:
            raise UsageError(f"origin_hours {self.origin_hours} are no hours of the day; name some of 0..23")
        region, history = self._read(frame)
        until = last_actual(history) + _HOUR
        self.config_ = self._config(history, region, until)
        self.model_: Forecaster = fit(
            history,
            region,
            self.config_,
            train_until=until,
            device=self.device,
            origin_hours=self.origin_hours,
        )
        self.twin_: Forecaster | None = fit_twin(
            history, region, self.config_, train_until=until, device=self.device
        )
        self.history_ = history
        return self

    def predict(
        self,
        horizon: int = 24,
        *,
        frame: pd.DataFrame | pd.Series[float] | None = None,
        origin: pd.Timestamp | None = None,
    ) -> pd.DataFrame:
        """`horizon` hours (1..168) from `origin`, which is the hour after the last known demand.

        `frame`: demand and weather up to now, and the weather ahead, as for `fit`; what that was given where
        there is none. From the day on for which weather is unknown the weatherless twin forecasts, and the
        log says so. The index is local time; forecast, q5, q10 and the region's other quantiles, trend,
        seasonality, residual (which add up to the forecast) in MW; lead_time in hours. One of 0.2.0 or before
        has q10, q50 and q90 alone.
        Raises UsageError before `fit`, for a horizon out of range, and an origin that is no whole hour or has
        no zone; DataError where too little is known.
        """
        model = self._fitted()
        history = self._read(frame)[1] if frame is not None else getattr(self, "history_", None)
        if history is None:
            raise UsageError("a loaded model has no history of its own: give predict a frame")
        start = _hour(origin) if origin is not None else last_actual(history) + _HOUR
        found = ForecastWithTwin.of(model, self._twin, history, start, horizon).frame()
        quantiles = {quantile_column(level): name for name, level in stated_quantiles(found.columns).items()}
        found = found.assign(**{own: found[name] for own, name in quantiles.items()})
        columns = ["forecast", *quantiles, "trend", "seasonality", "residual", "lead_time"]
        return found[columns].tz_convert(model.region.zone)

    def backtest(
        self,
        frame: pd.DataFrame | pd.Series[float],
        start: date | str,
        end: date | str,
        *,
        refit: Literal["weekly"] | None = None,
        origin_hour: int | None = None,
    ) -> BacktestResult:
        """How good such a model would have been: each local day from `start` to `end`, both included,
        forecast at its midnight, or at `origin_hour` (local) of the day before, by a model fitted before
        the first of these. Leaves this forecaster as it is.

        `.metrics` has MAE, RMSE, MAPE, CRPS, what the quantiles held and more, `.hourly` the hours. Raises
        DataError where the frame does not cover the window, UsageError for an `origin_hour` that is none of
        0..23.
        """
        _require_pytorch()
        from trainer.model.backtest import backtest  # noqa: PLC0415  predicting does without PyTorch

        if origin_hour is not None and not 0 <= origin_hour < 24:
            raise UsageError(f"an origin at {origin_hour} is not within 0..23 of the day before")
        region, history = self._read(frame)
        first, last = pd.Timestamp(start).date(), pd.Timestamp(end).date()
        product = None if origin_hour is None else market_product(origin_hour)
        begin, _ = asked_for(first, product, region)[0]
        config = self._config(history, region, pd.Timestamp(begin))
        return backtest(
            history,
            region,
            config,
            test_start=first,
            test_end=last,
            refit=refit,
            product=product,
            device=self.device,
        )

    def save(self, folder: str | Path) -> str:
        """Writes the model and its twin as JSON and safetensors into the new `folder`; its checksum. Raises
        UsageError where `folder` exists, or before `fit`."""
        return save_artifact(self._fitted(), Path(folder), {}, twin=self.twin_)

    @classmethod
    def load(cls, folder: str | Path, *, checksum: str | None = None) -> Self:
        """A saved model, checksums verified; nothing in it is code. Raises ArtifactError."""
        place = Path(folder)
        model = load_artifact(place, checksum=checksum)
        hours = model.origin_hours
        loaded = cls(
            model.region,
            epochs=model.config.epochs,
            seed=model.config.seed,
            origin_hours=None if len(hours) == 24 else hours,
        )
        loaded.model_, loaded.twin_ = model, load_twin(place, checksum=checksum)
        loaded.config_ = model.config
        return loaded

    def _twin(self, error: WeatherUnknownError) -> Forecaster | None:
        if self.twin_ is not None:
            log.warning("%s; the weatherless twin forecasts those", error)
        return self.twin_

    def _fitted(self) -> Forecaster:
        if not hasattr(self, "model_"):
            raise UsageError("this forecaster is not fitted yet; call fit first, or load a saved one")
        return self.model_

    def _read(self, frame: pd.DataFrame | pd.Series[float]) -> tuple[Region, pd.DataFrame]:
        region = self.region if isinstance(self.region, Region) else _configured(self.region)
        index = getattr(frame, "index", None)
        if not isinstance(index, pd.DatetimeIndex) or index.tz is None:
            raise UsageError("the frame's index has to be times with a zone: frame.tz_localize(...)")
        rows = frame.to_frame("demand") if isinstance(frame, pd.Series) else frame
        if isinstance(frame, pd.Series):
            region = replace(region, weather=(), columns={})
        read = canonical(rows.rename_axis("time"), region)
        for line in read.report.lines():
            log.info("%s", line)
        return region, read.frame

    def _config(self, history: pd.DataFrame, region: Region, until: pd.Timestamp) -> ModelConfig:
        from trainer.model.config import ModelConfig  # noqa: PLC0415

        base = ModelConfig(epochs=self.epochs, seed=self.seed)
        if not self.trials:
            return base
        from trainer.model.training.search.search import search  # noqa: PLC0415  needs PyTorch and Optuna

        return search(
            history,
            region,
            trials=self.trials,
            epochs=self.epochs,
            seed=self.seed,
            train_until=until,
            device=self.device,
            base=base,
        ).best


def _configured(name: str) -> Region:
    regions = load_regions()
    if name not in regions:
        raise UsageError(f"region {name} is not configured; there are {', '.join(sorted(regions))}")
    return regions[name]


def _require_pytorch() -> None:
    if importlib.util.find_spec("torch") is None:
        raise UsageError("fitting a model needs PyTorch: pip install 'demand-forecast[train]'")


def _hour(origin: pd.Timestamp) -> pd.Timestamp:
    moment = pd.Timestamp(origin)
    if moment.tz is None or (start := moment.tz_convert("UTC")) != start.floor("h"):
        raise UsageError(
            f"origin {moment} has to be a whole hour of UTC, with its zone: 2024-05-01 00:00+03:00"
        )
    return start
