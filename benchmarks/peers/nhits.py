"""neuralforecast's NHITS (Challu et al., 2023) with the known future: several seeds, averaged in logs."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import pandas as pd

from benchmarks.peers.known import known_columns
from benchmarks.protocol import Day
from trainer.contract import Region
from trainer.model.arrays import Vector

_WINDOW: Final = 168
_WEEK: Final = 168
_WARM_UP: Final = 24 * 16
"""Hours at the beginning whose features look back on too little."""
_NOT_FOR_NETWORKS: Final = {"hour", "day_of_week"}
"""They have their sines and cosines."""


class NHITS:
    """Reads a week of log demand and the known columns of that week and of the day ahead."""

    def __init__(self, region: Region, *, derived: bool, steps: int, seeds: Sequence[int] = (1, 2)) -> None:
        self._region, self._derived, self._steps, self._seeds = region, derived, steps, seeds
        self._forecast: Any = None

    def fit(self, history: pd.DataFrame) -> None:
        self._epoch = history.index[0]
        log_demand = _filled(np.log(history["demand"].to_numpy(dtype=np.float64)))
        self._mean, self._deviation = float(log_demand.mean()), float(log_demand.std())
        known = self._known(history)
        self._means, self._deviations = known.mean(), known.std().replace(0.0, 1.0)
        self._names = list(known)
        self._longest_day = _longest_day(pd.DatetimeIndex(history.index), self._region)
        frame = self._long(history, "demand").iloc[_WARM_UP:]
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of lightning and ray, about themselves
            self._forecast = self._untrained()
            self._forecast.fit(frame)

    def _untrained(self) -> Any:
        from neuralforecast import NeuralForecast  # noqa: PLC0415  only this peer needs it
        from neuralforecast.losses.pytorch import MAE  # noqa: PLC0415
        from neuralforecast.models import NHITS as Network  # noqa: N811, PLC0415

        for noisy in ("pytorch_lightning", "lightning_fabric", "neuralforecast"):
            logging.getLogger(noisy).setLevel(logging.ERROR)
        networks = [
            Network(
                h=self._longest_day,
                input_size=_WINDOW,
                futr_exog_list=self._names,
                loss=MAE(),
                max_steps=self._steps,
                learning_rate=1e-3,
                num_lr_decays=3,
                windows_batch_size=128,
                dropout_prob_theta=0.1,
                scaler_type="identity",
                random_seed=seed,
                alias=f"seed{seed}",
                enable_progress_bar=False,
                enable_model_summary=False,
                enable_checkpointing=False,
                logger=False,
                accelerator="cpu",
            )
            for seed in self._seeds
        ]
        return NeuralForecast(models=networks, freq="h")

    def forecast(self, days: Sequence[Day]) -> Vector:
        pasts, futures = [], []
        for number, day in enumerate(days):
            long = self._long(day.frame, f"{number:05d}")
            split = len(long) - day.hours
            pasts.append(long.iloc[split - _WINDOW : split])
            futures.append(self._ahead(long.iloc[split:].drop(columns="y")))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            answer = self._forecast.predict(df=pd.concat(pasts), futr_df=pd.concat(futures))
        scaled = answer[[f"seed{seed}" for seed in self._seeds]].mean(axis=1).to_numpy()
        by_day = scaled.reshape(len(days), self._longest_day)
        log_demand = [row[: day.hours] for row, day in zip(by_day, days, strict=True)]
        return np.asarray(np.exp(self._mean + self._deviation * np.concatenate(log_demand)))

    def hindcast(self, days: Sequence[Day]) -> None:
        """It is fitted once, to all days: another fit without them would take as long again."""

    def _known(self, frame: pd.DataFrame) -> pd.DataFrame:
        known = known_columns(frame, self._region, derived=self._derived, epoch=self._epoch)
        return known.drop(columns=[name for name in known if name in _NOT_FOR_NETWORKS])

    def _long(self, frame: pd.DataFrame, series: str) -> pd.DataFrame:
        """unique_id, ds (naive UTC), y (scaled log demand), scaled columns: as neuralforecast wants them."""
        log_demand = _filled(np.log(frame["demand"].to_numpy(dtype=np.float64)))
        long = (self._known(frame) - self._means) / self._deviations
        long.insert(0, "unique_id", series)
        long.insert(1, "ds", pd.DatetimeIndex(frame.index).tz_localize(None))
        long.insert(2, "y", (log_demand - self._mean) / self._deviation)
        return long.reset_index(drop=True)

    def _ahead(self, future: pd.DataFrame) -> pd.DataFrame:
        """As many hours as the network speaks of: a shorter day is followed by copies of its last hour."""
        short = self._longest_day - len(future)
        future = pd.concat([future, *[future.iloc[-1:]] * short], ignore_index=True)
        hours = pd.to_timedelta(np.arange(len(future)), unit="h")
        return future.assign(ds=future["ds"].iloc[0] + hours)


def _longest_day(index: pd.DatetimeIndex, region: Region) -> int:
    local = index.tz_convert(region.zone)
    return int(pd.Series(1, index=local).groupby(local.date).sum().max())


def _filled(values: Vector) -> Vector:
    """Each unknown hour as it was a week before, else the mean of what is known."""
    values, mean = values.copy(), float(np.nanmean(values))
    for row in np.flatnonzero(np.isnan(values)):
        values[row] = values[row - _WEEK] if row >= _WEEK else mean
    return values
