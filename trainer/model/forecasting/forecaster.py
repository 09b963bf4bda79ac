"""The model as the rest of the system knows it: it forecasts, and says what it was made from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Final, Self

import numpy as np
import numpy.typing as npt
import pandas as pd

from trainer.contract import MAX_HORIZON, Region
from trainer.errors import UsageError
from trainer.model.arrays import Matrix, Vector
from trainer.model.config import ModelConfig
from trainer.model.covariates.issued_errors import (
    day_ahead_where_known,
    has_day_ahead,
    weighted_by_place,
)
from trainer.model.covariates.places import PlaceWeights
from trainer.model.covariates.weather_error import with_daily_errors
from trainer.model.covariates.windows import TAIL
from trainer.model.decomposition import Decomposition
from trainer.model.forecasting.adaptation import Adaptation
from trainer.model.forecasting.band import wider_where_carried_on, with_band_scale
from trainer.model.forecasting.error_distribution import ErrorDistribution
from trainer.model.forecasting.forecast_context import ForecastContext, forecast_context
from trainer.model.forecasting.forecasts import Forecasts
from trainer.model.forecasting.hindcasts import Hindcasts
from trainer.model.forecasting.imputation import cost_of_unknown, imputed
from trainer.model.forecasting.members import MemberHours
from trainer.model.forecasting.needed_hours import NeededHours
from trainer.model.forecasting.residual import Residual
from trainer.model.forecasting.training_record import TrainingRecord
from trainer.model.forecasting.weighted_members import Averaged, WeightedMembers, quarter
from trainer.model.regressions.origin_features import DAY, Rows

_HOUR: Final = pd.Timedelta(hours=1)


@dataclass
class Forecaster:
    """A fitted model of one region, as `training.fitting.fit` or `artifact.load_artifact` make it."""

    region: Region
    config: ModelConfig
    decomposition: Decomposition
    residual: Residual
    band_scale: Vector
    """(168,): the factor on the band's half-widths at each lead time, as calibrated in training."""
    training: TrainingRecord
    places: PlaceWeights = field(default_factory=PlaceWeights)
    """The weight of each place's temperature in the region's."""
    errors: ErrorDistribution | None = None
    """How errors are spread within the band and beyond; None for 0.2.0 and before, which knows the band."""
    members: WeightedMembers | None = None
    """What it is averaged with; None of a model that stands alone."""
    carried_weather: Vector | None = None
    """(24,): the half-widths, on the model's scale, that weather carried on adds to the band, by the hours
    since the last known one; None where they are not known."""

    @property
    def origin_hours(self) -> tuple[int, ...]:
        """Local hours of the day that have regressions of their own. A forecast from another hour begins at
        the last of these before it."""
        return tuple(self.residual.regression.own.tolist())

    def as_configured(self, region: Region) -> Self:
        """The same model for its region as `region` is configured now (`Region.as_configured`)."""
        return replace(self, region=self.region.as_configured(region))

    def forecast(self, history: pd.DataFrame, origin: pd.Timestamp, horizon: int) -> pd.DataFrame:
        """Forecasts the `horizon` hours from `origin` (UTC).

        `history`: demand in MW (NaN where unknown) and the region's weather, by UTC hour, with temperatures
        of places where the region has several; weather reaches over the horizon. Demand at or after `origin`
        is masked. Hours right before it whose demand is not known yet are forecast too, and the band is as
        wide as that makes it.

        Returns one row per hour, index `time` (UTC): forecast, trend, seasonality, residual, lower, upper in
        MW (the three components add up to the forecast), lead_time, 1..horizon, and a `quantile_column` of
        each of the region's quantiles beside the band and the median, in MW, where the model knows them.
        Raises UsageError for a horizon outside 1..168, DataError when demand before the origin or weather is
        missing.
        """
        return self.forecasts(history, [origin], horizon).frame()

    def forecast_many(
        self, history: pd.DataFrame, origins: Sequence[pd.Timestamp] | pd.DatetimeIndex, horizon: int
    ) -> pd.DataFrame:
        """The rows of `forecast` for each of `origins`, demand masked for each by itself, with the columns
        `origin` and `time` before the others."""
        return pd.DataFrame(self.forecasts(history, origins, horizon).columns())

    def paths(
        self, history: pd.DataFrame, origin: pd.Timestamp, horizon: int, *, count: int = 100, seed: int = 0
    ) -> Matrix | None:
        """(count, horizon): equally likely courses of demand (MW) over the hours of `forecast`, whose
        quantiles at each hour are the forecast's and which rise and fall together as past errors did; the
        same seed gives the same. None of a model of an earlier release, or of one validated on too few days.
        Raises as `forecast` does, and UsageError for a count below 1.
        """
        return self.forecasts(history, [origin], horizon).paths(0, count, seed)

    def calibrated_at(
        self, history: pd.DataFrame, origin: pd.Timestamp
    ) -> tuple[Vector, ErrorDistribution | None]:
        """The band scale, (168,), and the distribution of errors that a forecast from `origin` (UTC) has:
        those of training, made wider or narrower by what they held on the days since. Raises DataError when
        demand or weather before the origin is missing."""
        needed = self._needed(history, pd.DatetimeIndex([origin]), 0)
        here = self._known(needed)[0]
        asked = self._ahead(needed.frame, here, needed.rows - needed.late, needed.rows, DAY).adaptation
        errors = self.errors and self.errors.adapted(asked.levels[0], asked.days[0])
        return self.band_scale * asked.wider, errors

    def members_at(self, history: pd.DataFrame, until: pd.Timestamp) -> WeightedMembers | None:
        """The members with what is known of them after the days up to `until` (UTC), for each quarter of the
        day that this model forecasts from; None where it stands alone. Where `until` lies before the end of
        its training data they are as training left them: what was learnt since would be hindsight. Raises
        DataError as `calibrated_at`."""
        if self.members is None:
            return None
        if until < self.training.train_until:
            return replace(self.members, learnt=self.members.trained)
        moments = pd.date_range(until - pd.Timedelta(hours=DAY - 1), until, freq="h")
        moments = moments[np.isin(moments.tz_convert(self.region.zone).hour, self.origin_hours)]
        if moments.empty:  # its only hour was left out when clocks were put forward
            return self.members
        needed = self._needed(history, moments, 0)
        here = self._known(needed)[0]
        begun = needed.rows - needed.late
        averaged = self._ahead(needed.frame, here, begun, needed.rows, DAY).averaged
        assert averaged is not None
        learnt = self.members.learnt
        for one, number in enumerate(quarter(here, begun)):
            learnt = learnt.with_one(number, averaged.known.of(np.array([one])))
        return replace(self.members, learnt=learnt)

    def forecasts(
        self, history: pd.DataFrame, origins: Sequence[pd.Timestamp] | pd.DatetimeIndex, horizon: int
    ) -> Forecasts:
        """All that `forecast` and `paths` say, for each of `origins`. Raises as they do."""
        if not 1 <= horizon <= MAX_HORIZON:
            raise UsageError(f"horizon {horizon} is not within 1..{MAX_HORIZON} hours")
        at = pd.DatetimeIndex(list(origins))
        if at.empty:
            raise UsageError("no origin to forecast from")
        needed = self._needed(history, at, horizon)
        frame, rows, late = needed.frame, needed.rows, needed.late
        here, trend, seasonality = self._known(needed)
        residual = np.empty((len(rows), horizon, len(self.config.quantiles)))
        weights = np.zeros((len(rows), horizon, 1 + len(self.members.names))) if self.members else None
        adaptation = Adaptation.none(len(rows))
        for hours_late in np.unique(late):
            same_delay = late == hours_late
            begun = rows[same_delay] - hours_late
            ahead = self._ahead(frame, here, begun, rows[same_delay], int(hours_late) + horizon)
            asked = ahead.adaptation
            if weights is not None and ahead.averaged is not None:
                weights[same_delay] = ahead.averaged.weights[:, hours_late:]
            wider = asked.wider * cost_of_unknown(here.known_demand, begun)
            adaptation.wider[same_delay] = wider
            adaptation.levels[same_delay], adaptation.days[same_delay] = asked.levels, asked.days
            residual[same_delay] = with_band_scale(ahead.quantiles, self.band_scale, wider)[:, hours_late:]
        residual += here.level_shift[rows][:, None, None]
        residual *= self.decomposition.deviation
        hours = rows[:, None] + np.arange(horizon)  # (origins, horizon)
        residual = wider_where_carried_on(residual, needed.carried[hours], self.carried_weather)
        return Forecasts(
            region=self.region,
            transform=self.decomposition.transform,
            time=pd.DatetimeIndex(frame.index),
            hours=hours,
            trend=trend[hours],
            seasonality=seasonality[hours],
            residual=residual,
            late=late,
            errors=self.errors,
            adaptation=adaptation,
            members=self.members.names if self.members else None,
            weights=weights,
        )

    def _needed(self, history: pd.DataFrame, origins: pd.DatetimeIndex, horizon: int) -> NeededHours:
        block, own = self.config.horizon, self.residual.regression.own
        needed = NeededHours.of(history, self.region, origins, horizon, block=block, own=own)
        return replace(needed, frame=weighted_by_place(needed.frame, self.places))

    def _ahead(
        self, frame: pd.DataFrame, here: ForecastContext, origins: Rows, moments: Rows, hours: int
    ) -> _Ahead:
        """The scaled residual of the `hours` from each row of `origins` on. `moments`: the row of each
        forecast's own origin, which lies later where demand is late. `here` is the context of `frame`."""
        hindcasts = Hindcasts.before(origins, self._tells(frame, here))
        there, uncertain, transform = here, frame, self.decomposition.transform
        # Trained for the weather of forecasts, it is judged by that, though the true one is known by now.
        if hindcasts.origins.size and self.region.weather_error:
            uncertain = with_daily_errors(frame, self.region)
        if hindcasts.origins.size and has_day_ahead(frame, self.region):
            uncertain = day_ahead_where_known(uncertain, self.region)
        if uncertain is not frame:
            there = forecast_context(uncertain, self.region, self.decomposition)[0]
        if not hindcasts.origins.size:
            now = self.residual.quantiles(here, origins, hours)
            then = np.empty((0, DAY, now.shape[-1]))
        elif there is here and hours <= DAY:  # the usual call, at once
            every, place = np.unique(np.concatenate([origins, hindcasts.origins]), return_inverse=True)
            now, then = np.split(self.residual.quantiles(here, every, DAY)[place], [len(origins)])
            now = now[:, :hours]
        else:
            now = self.residual.quantiles(here, origins, hours)
            then = self.residual.quantiles(there, hindcasts.origins, DAY)
        then = with_band_scale(then, self.band_scale)
        averaged = None
        if self.members:
            said = MemberHours.of(self.members.names, frame, self.region, transform)
            averaged = self.members.averaged(said, here, there, origins, moments, now, hindcasts, then)
            now, hindcasts, then = averaged.now, averaged.hindcasts, averaged.then
        if not hindcasts.origins.size:
            return _Ahead(now, Adaptation.none(len(origins)), averaged)
        asked = hindcasts.adaptation(there, then, self.config.coverage, self.errors, transform)
        return _Ahead(now, asked, averaged)

    def _known(self, needed: NeededHours) -> tuple[ForecastContext, Vector, Vector]:
        """`forecast_context` of the hours needed, hours without demand imputed."""
        here, trend, seasonality = forecast_context(needed.frame, self.region, self.decomposition)
        last = int(needed.rows.max())
        return imputed(here, self.residual, self.config.horizon, last), trend, seasonality

    def _tells(self, frame: pd.DataFrame, here: ForecastContext) -> npt.NDArray[np.bool_]:
        """(hours,): whether a hindcast from that hour counts for the band: training has not seen its
        day, four weeks lie before it to correct it by, and its local hour has a regression of its own."""
        seen = int((self.training.train_until - frame.index[0]) // _HOUR)
        own = np.isin(here.origin_features.local_hour, self.residual.regression.own)
        return np.asarray(own & (np.arange(len(own)) >= max(seen, 2 * TAIL)))


@dataclass(frozen=True)
class _Ahead:
    """What the model says of the hours ahead of several origins, and its last days ask of that."""

    quantiles: Matrix
    """(origins, hours, 3): of the scaled residual, before the band scale."""
    adaptation: Adaptation
    """What the days since training ask of the band and of the other quantiles."""
    averaged: Averaged | None
    """None of a model that stands alone."""
