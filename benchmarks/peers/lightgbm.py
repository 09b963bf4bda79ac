"""LightGBM with lags, rolling means, calendar and weather: one model for all hours of the day ahead."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Final

import lightgbm
import numpy as np
import numpy.typing as npt
import optuna
import pandas as pd

from benchmarks.peers.known import known_columns, weather_columns
from benchmarks.protocol import Day, origin_for
from trainer.contract import Region
from trainer.contract.local_days import day_of, midnights
from trainer.model.arrays import Matrix, Vector

Rows = npt.NDArray[np.int64]

_LAG_DAYS: Final = (1, 2, 3, 4, 5, 6, 7, 14, 21, 28)
_LAST_HOURS: Final = (1, 2, 3, 6, 12)
_WARM_UP_DAYS: Final = 35
_TUNED_ON_DAYS: Final = 365
"""The last days before the window, on which settings and the number of trees are chosen."""
_MOST_TREES: Final = 3000
_PATIENCE: Final = 60


class LightGBM:
    """Trees on log demand against its mean of the last week at the same hour.

    Settings are searched on the last year before the window; the chosen ones are then fitted to all of it.
    Fitted for days that are forecast at their midnight, or at `origin_hour` (local) of the day before: no
    feature of an hour takes demand from that origin on.
    """

    def __init__(
        self,
        region: Region,
        *,
        derived: bool,
        trials: int,
        seed: int = 0,
        origin_hour: int | None = None,
    ) -> None:
        self._region, self._derived, self._trials = region, derived, trials
        self._origin_hour = origin_hour
        self._fixed = {
            "objective": "l1",
            "verbosity": -1,
            "num_threads": 1,
            "seed": seed,
            "feature_pre_filter": False,
        }
        self._seed = seed
        self._epoch: pd.Timestamp | None = None
        self.booster: lightgbm.Booster | None = None
        self._tuned: lightgbm.Booster | None = None
        """The best of the search, which has not seen the hours from `_unseen_from` on."""
        self._unseen_from: pd.Timestamp | None = None
        self.settings: dict[str, Any] = {}

    def fit(self, history: pd.DataFrame) -> None:
        self._epoch = history.index[0]
        features, level = self._features(history)
        target = np.log(history["demand"].to_numpy(dtype=np.float64)) - level
        rows = np.flatnonzero(np.isfinite(target))
        rows = rows[rows >= 24 * _WARM_UP_DAYS]
        split = len(rows) - min(24 * _TUNED_ON_DAYS, len(rows) // 3)
        past, later = rows[:split], rows[split:]
        train = lightgbm.Dataset(features.iloc[past], target[past], free_raw_data=False)
        judge = lightgbm.Dataset(features.iloc[later], target[later], reference=train, free_raw_data=False)
        self._unseen_from = history.index[later[0]]
        trees: dict[int, int] = {}
        least = np.inf

        def error(trial: optuna.Trial) -> float:
            booster = lightgbm.train(
                {**self._fixed, **_settings(trial)},
                train,
                num_boost_round=_MOST_TREES,
                valid_sets=[judge],
                callbacks=[lightgbm.early_stopping(_PATIENCE, verbose=False)],
            )
            trees[trial.number] = booster.best_iteration
            nonlocal least
            found = float(booster.best_score["valid_0"]["l1"])
            if found < least:
                least, self._tuned = found, booster
            return found

        optuna.logging.set_verbosity(optuna.logging.WARNING)
        study = optuna.create_study(sampler=optuna.samplers.TPESampler(seed=self._seed))
        study.enqueue_trial(_START)
        study.optimize(error, n_trials=self._trials)
        best = study.best_trial
        # More data bears more trees: by the share of hours that the search did without.
        rounds = round(trees[best.number] * len(rows) / len(past))
        self.settings = {**best.params, "trees": rounds}
        whole = lightgbm.Dataset(features.iloc[rows], target[rows])
        self.booster = lightgbm.train(
            {**self._fixed, **_FIXED_SAMPLING, **best.params}, whole, num_boost_round=rounds
        )

    def forecast(self, days: Sequence[Day]) -> Vector:
        return self._said(self.booster, days)

    def hindcast(self, days: Sequence[Day]) -> Vector:
        """Of the year that the settings were chosen on, by the trees that were fitted before it."""
        said = self._said(self._tuned, days)
        assert self._unseen_from is not None  # fitted together
        unseen = np.repeat([day.midnight >= self._unseen_from for day in days], [day.hours for day in days])
        return np.where(unseen, said, np.nan)

    def _said(self, booster: lightgbm.Booster | None, days: Sequence[Day]) -> Vector:
        if booster is None:
            raise RuntimeError("fit comes before forecast")
        parts, levels = [], []
        for day in days:
            features, level = self._features(day.frame)
            parts.append(features.iloc[-day.hours :])
            levels.append(level[-day.hours :])
        ratio = np.asarray(booster.predict(pd.concat(parts)))
        return np.asarray(np.exp(ratio + np.concatenate(levels)))

    def _features(self, frame: pd.DataFrame) -> tuple[pd.DataFrame, Vector]:
        """Of every hour as its day's origin knows it, and the level (log MW) that the trees start from."""
        log_demand = np.log(frame["demand"].to_numpy(dtype=np.float64))
        start, origin = _rows_of_days(pd.DatetimeIndex(frame.index), self._region, self._origin_hour)
        hour = np.arange(len(frame)) - start
        same_hour = _take(log_demand, start + hour % 24, [24 * days for days in range(1, 29)], origin)
        with np.errstate(invalid="ignore"):
            level = _mean(same_hour[:, :7])
        columns = {f"lag_{24 * days}": same_hour[:, days - 1] - level for days in _LAG_DAYS}
        columns |= {f"mean_{days}_days": _mean(same_hour[:, :days]) - level for days in (3, 14, 28)}
        last = _take(log_demand, origin, _LAST_HOURS, origin)
        usual = _take(log_demand, origin, [hours + 168 for hours in _LAST_HOURS], origin)
        columns |= {f"last_{n}": last[:, k] - level for k, n in enumerate(_LAST_HOURS)}
        columns |= {f"last_{n}_against_week": (last - usual)[:, k] for k, n in enumerate(_LAST_HOURS)}
        by_day = _mean_by_day(log_demand, origin)
        columns |= {f"day_{n}": by_day[:, n - 1] - level for n in (1, 2, 7)}
        columns["level"] = level
        known = known_columns(frame, self._region, derived=self._derived, epoch=self._epoch or frame.index[0])
        for name in ("is_day_off", "is_holiday"):
            columns |= {f"{name}_lag_{24 * d}": _shifted(known[name].to_numpy(), 24 * d) for d in (1, 7)}
        for name in weather_columns(list(frame.columns), self._region):
            columns |= {f"{name}_lag_{24 * d}": _shifted(known[name].to_numpy(), 24 * d) for d in (1, 7)}
            usual_weather = known[f"{name}_last_24"].rolling(24 * 7, min_periods=1).mean()
            columns[f"{name}_against_week"] = (known[name] - usual_weather).to_numpy()
        return pd.concat([pd.DataFrame(columns, index=frame.index), known], axis=1), level


_START: Final = {
    "learning_rate": 0.03,
    "num_leaves": 63,
    "min_data_in_leaf": 40,
    "feature_fraction": 0.5,
    "lambda_l2": 1.0,
}
_FIXED_SAMPLING: Final = {"bagging_freq": 1, "bagging_fraction": 0.8}


def _settings(trial: optuna.Trial) -> dict[str, Any]:
    return {
        **_FIXED_SAMPLING,
        "learning_rate": trial.suggest_float("learning_rate", 0.02, 0.1, log=True),
        "num_leaves": trial.suggest_int("num_leaves", 15, 127, log=True),
        "min_data_in_leaf": trial.suggest_int("min_data_in_leaf", 10, 160, log=True),
        "feature_fraction": trial.suggest_float("feature_fraction", 0.2, 0.9),
        "lambda_l2": trial.suggest_float("lambda_l2", 0.01, 30.0, log=True),
    }


def _rows_of_days(hours: pd.DatetimeIndex, region: Region, origin_hour: int | None) -> tuple[Rows, Rows]:
    """For each hour the row at which its local day begins, and the one from which that day is forecast;
    before the frame for a day that is cut off."""
    first, last = day_of(hours[0], region), day_of(hours[-1], region)
    starts = pd.DatetimeIndex(midnights(first, last + timedelta(days=1), region), tz="UTC")
    origins = pd.DatetimeIndex([origin_for(day_of(start, region), region, origin_hour) for start in starts])
    day = starts.searchsorted(hours, side="right") - 1
    hour = pd.Timedelta(hours=1)
    rows = [((moments - hours[0]) // hour).to_numpy(dtype=np.int64)[day] for moments in (starts, origins)]
    return rows[0], rows[1]


def _take(values: Vector, rows: Rows, back: Sequence[int], before: Rows) -> Matrix:
    """(hours, lags): the values `back` hours before each of `rows`; NaN before the beginning, and where that
    is not before `before`."""
    at = rows[:, None] - np.asarray(back)
    return np.where((at >= 0) & (at < before[:, None]), values[np.maximum(at, 0)], np.nan)


def _mean(values: Matrix) -> Vector:
    """By row, over what is known; NaN where nothing is."""
    known = np.isfinite(values)
    count = known.sum(axis=1)
    return np.asarray(np.where(known, values, 0.0).sum(axis=1) / np.where(count > 0, count, np.nan))


def _mean_by_day(values: Vector, origin: Rows) -> Matrix:
    """(hours, 7): means of the 24 hours that end 0, 24 .. 144 hours before each row's origin."""
    days = [_mean(_take(values, origin, range(1 + 24 * d, 25 + 24 * d), origin)) for d in range(7)]
    return np.column_stack(days)


def _shifted(values: Vector, hours: int) -> Vector:
    return np.concatenate([np.full(min(hours, len(values)), np.nan), values[:-hours]])
