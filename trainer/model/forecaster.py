"""The model as the rest of the system knows it: fit, forecast, and what it was made from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from trainer.contract import MAX_HORIZON, Region
from trainer.errors import DataError, UsageError
from trainer.model.arrays import Matrix, Vector
from trainer.model.band import stretched
from trainer.model.config import ModelConfig
from trainer.model.day_inputs import DayInputs
from trainer.model.decomposition import Decomposition
from trainer.model.features import WARM_UP_DAYS, Surroundings
from trainer.model.hourly import LEARNT_DAYS
from trainer.model.outlook import DAY, Outlook, Rows
from trainer.model.progress import Progress
from trainer.model.residual import Residual, Situation, reach
from trainer.model.weather import carried_on
from trainer.model.windows import TAIL, bridged

if TYPE_CHECKING:
    from trainer.model.checkpoint import Checkpoints

COLUMNS: Final = ("forecast", "trend", "seasonality", "residual", "lower", "upper", "lead_time")
_HOUR: Final = pd.Timedelta(hours=1)
_MOST_UNKNOWN: Final = 48
"""Hours without demand that the two weeks before an origin may have."""


@dataclass(frozen=True)
class Training:
    """What a model was made from; kept in its artifact."""

    train_from: pd.Timestamp
    """The first hour whose demand was used."""
    train_until: pd.Timestamp
    """The first hour whose demand was not."""
    data_checksum: str
    """sha256 over the hours used: times, demand, weather."""
    validation: dict[str, float] = field(default_factory=dict)
    """Scores on the validation days by the model that had not seen them."""


@dataclass
class Forecaster:
    """A fitted model of one region. Make one with `fit` or `artifact.load_artifact`."""

    region: Region
    config: ModelConfig
    decomposition: Decomposition
    residual: Residual
    stretch: Vector
    """(168,): by how much the band is widened at each lead time."""
    training: Training

    @classmethod
    def fit(
        cls,
        history: pd.DataFrame,
        region: Region,
        config: ModelConfig,
        *,
        train_until: pd.Timestamp,
        device: str = "auto",
        progress: Progress | None = None,
        checkpoints: Checkpoints | None = None,
    ) -> Forecaster:
        """From the demand before `train_until` (UTC) alone; later rows are not looked at. With the
        `checkpoints` of a call with the same arguments that was cut off, to the same end as that.

        Less than two years are fitted with fewer yearly harmonics than `config` may ask for (its `told_by`).
        Raises DataError for too little history or holes in the weather, InfrastructureError when the device
        is missing or its memory does not suffice.
        """
        from trainer.model.fitting import fit  # noqa: PLC0415  forecasting does without it

        return fit(
            history,
            region,
            config,
            train_until=train_until,
            device=device,
            progress=progress,
            checkpoints=checkpoints,
        )

    def forecast(self, history: pd.DataFrame, origin: pd.Timestamp, horizon: int) -> pd.DataFrame:
        """`horizon` hours from `origin` (UTC), demand known before it.

        Index `time` (UTC); forecast, trend, seasonality, residual, lower, upper in MW (the three components
        add up to the forecast), lead_time 1..horizon. Demand at or after `origin` is masked; hours right
        before it whose demand is not known yet are forecast too, and the band is as wide as that makes it.
        Raises UsageError for a horizon outside 1..168, DataError when demand before the origin or weather
        is missing.
        """
        columns = self._columns(history, [origin], horizon)
        del columns["origin"]
        return pd.DataFrame(columns, index=columns.pop("time"))

    def forecast_many(
        self, history: pd.DataFrame, origins: Sequence[pd.Timestamp] | pd.DatetimeIndex, horizon: int
    ) -> pd.DataFrame:
        """As `forecast` for each origin, demand masked for each: columns origin, time, then as there."""
        return pd.DataFrame(self._columns(history, origins, horizon))

    def _columns(
        self, history: pd.DataFrame, origins: Sequence[pd.Timestamp] | pd.DatetimeIndex, horizon: int
    ) -> dict[str, Any]:
        if not 1 <= horizon <= MAX_HORIZON:
            raise UsageError(f"horizon {horizon} is not within 1..{MAX_HORIZON} hours")
        at = pd.DatetimeIndex(list(origins))
        if at.empty:
            raise UsageError("no origin to forecast from")
        frame, rows, late = self._frame(history, at, horizon)
        facts = Surroundings.of(frame, self.region)
        trend, seasonality, known = self.decomposition.apply(facts)
        here = self._situation(frame, facts, trend + seasonality, seasonality, known)
        residual = np.empty((len(rows), horizon, len(self.config.quantiles)))
        for hours_late in np.unique(late):
            alike = late == hours_late
            quantiles = self.residual.quantiles(here, rows[alike] - hours_late, int(hours_late) + horizon)
            residual[alike] = stretched(quantiles, self.stretch)[:, hours_late:]
        residual *= self.decomposition.deviation
        hours = rows[:, None] + np.arange(horizon)  # (origins, horizon)
        return _in_megawatts(facts.index, hours, trend[hours], seasonality[hours], residual)

    def _situation(
        self, frame: pd.DataFrame, facts: Surroundings, base: Vector, seasonality: Vector, known: Matrix
    ) -> Situation:
        deviation, epoch = self.decomposition.deviation, self.decomposition.plan.epoch
        log_demand = bridged(np.log(frame["demand"].to_numpy(dtype=np.float64)), base)
        outlook = Outlook.of(facts, seasonality, self.region.weather, epoch)
        return Situation(
            known=known.astype(np.float32),
            residual=((log_demand - base) / deviation).astype(np.float32),
            log_demand=log_demand,
            base=base,
            deviation=deviation,
            outlook=outlook,
            days=DayInputs.of(facts, outlook, epoch),
        )

    def _frame(
        self, history: pd.DataFrame, origins: pd.DatetimeIndex, horizon: int
    ) -> tuple[pd.DataFrame, Rows, Rows]:
        """The hours that the forecasts depend on, the origins' rows in them, by how many hours each is late.

        It reaches to the end of the last local day, since signs of cloud are read over whole days.
        """
        first, last = origins.min(), origins.max()
        looked_back = pd.Timedelta(days=WARM_UP_DAYS + LEARNT_DAYS) + TAIL * _HOUR
        start = max(first - looked_back, history.index[0])
        rows = np.asarray((origins - start) // _HOUR, dtype=np.int64)
        before = pd.date_range(start, last, freq="h", inclusive="left")
        past = history["demand"].reindex(before).to_numpy(dtype=np.float64)
        self._require_demand(past, origins, rows)
        late = self._late(past, rows)
        end = last + max(reach(n + horizon, self.config.horizon) - n for n in set(late.tolist())) * _HOUR
        day_end = end.tz_convert(self.region.zone).ceil("D", ambiguous=True, nonexistent="shift_forward")
        end = max(end, day_end.tz_convert("UTC"))
        index = pd.date_range(start, end, freq="h", inclusive="left", name="time")
        frame = history.reindex(index)
        frame["demand"] = np.concatenate([past, np.full(len(index) - len(past), np.nan)])
        frame = self._with_weather(frame, int(rows.max()) + horizon)
        return frame, rows, late

    def _late(self, demand: Vector, rows: Rows) -> Rows:
        """By how many hours the forecast of each of `rows` has to begin before it: as many as are unknown.

        Where only some hours of the day have a regression of their own, as in a backtest, it begins whole
        days before, at the origin's hour: another hour's regression costs more than a day without demand.
        """
        known = np.where(np.isnan(demand), -1, np.arange(len(demand)))
        late = rows - 1 - np.maximum.accumulate(known)[rows - 1]
        if not self.residual.regression.complete:
            late = -(-late // DAY) * DAY
        return np.minimum(late, rows - TAIL)  # as far back as the demand goes

    def _require_demand(self, demand: Vector, origins: pd.DatetimeIndex, rows: Rows) -> None:
        unknown = np.concatenate([[0], np.cumsum(np.isnan(demand))])
        for origin, row in zip(origins, rows, strict=True):
            missing = TAIL if row < TAIL else int(unknown[row] - unknown[row - TAIL])
            if missing > _MOST_UNKNOWN:
                raise DataError(
                    f"region {self.region.name}: a forecast from {origin.isoformat()} needs the demand of "
                    f"the {TAIL} hours before it, but {missing} of them are unknown; ingest them first"
                )

    def _with_weather(self, frame: pd.DataFrame, needed: int) -> pd.DataFrame:
        """Refuses holes among the hours forecast; beyond them, the weather is carried on."""
        if not self.region.weather:
            return frame
        columns = list(self.region.weather)
        absent = [name for name in columns if name not in frame]
        holes = [] if absent else [n for n in columns if frame[n].iloc[:needed].isna().any()]
        if absent or holes:
            name = (absent or holes)[0]
            hours = frame.index[:needed] if absent else frame.index[:needed][frame[name].iloc[:needed].isna()]
            raise DataError(
                f"region {self.region.name}: the model was trained with {name}, which is missing for "
                f"{len(hours)} hours from {hours[0].isoformat()} to {hours[-1].isoformat()}; "
                "load a weather forecast that reaches the horizon, or train the region without it"
            )
        for name in columns:
            frame[name] = carried_on(frame[name].to_numpy(dtype=np.float64))
        return frame


def _in_megawatts(
    index: pd.DatetimeIndex,
    hours: np.ndarray,
    trend: np.ndarray,
    seasonality: np.ndarray,
    residual: np.ndarray,
) -> dict[str, Any]:
    """Log components (origins, horizon) and quantiles (origins, horizon, 3) -> columns, one row per hour."""
    count, horizon = hours.shape
    base = trend + seasonality
    level, usual = np.exp(trend), np.exp(base)
    lower, forecast, upper = (np.exp(base + residual[..., k]) for k in range(3))
    return {
        "origin": index[hours[:, 0]].repeat(horizon),
        "time": index[hours.ravel()],
        "lead_time": np.tile(np.arange(1, horizon + 1), count),
        "forecast": forecast.ravel(),
        "trend": level.ravel(),
        "seasonality": (usual - level).ravel(),
        "residual": (forecast - usual).ravel(),
        "lower": lower.ravel(),
        "upper": upper.ravel(),
    }
