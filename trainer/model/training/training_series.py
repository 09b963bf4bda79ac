"""The hours that a model learns from: those measured, with weather as uncertain as it will be ahead."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import numpy as np
import pandas as pd

from trainer.contract import Region
from trainer.data.weather.columns import place_columns
from trainer.errors import DataError
from trainer.model.covariates.issued_errors import weighted_by_place, with_issued_errors
from trainer.model.covariates.weather import weather_filled
from trainer.model.covariates.weather_as_issued import DAY_AHEAD
from trainer.model.covariates.weather_error import with_errors
from trainer.model.decomposition import Series
from trainer.model.target_transform import TargetTransform
from trainer.model.training.place_weights import learnt_weights

SHORTEST_DAYS: Final = 70
"""Of measured hours: two weeks to look back on, some to learn from, some to be judged on."""


def training_series(
    history: pd.DataFrame,
    region: Region,
    train_until: pd.Timestamp,
    transform: TargetTransform | None = None,
) -> Series:
    """The hours before `train_until` from the first of which demand and weather are known to the last, their
    temperature weighted by place as they teach it (`learnt_weights`), their weather as uncertain as what was
    issued of it (`with_issued_errors`), else as the region says. Demand is NaN wherever one of the two is
    unknown. `transform`: the scale of the model to be brought up to date; found anew where None.

    Raises DataError when under 70 days of hours are left, or demand never changes.
    """
    past = history.loc[history.index < train_until]
    frame = past.reindex(columns=["demand", *region.weather])
    whole = frame.notna().all(axis=1).to_numpy()
    known = np.flatnonzero(whole)
    if known.size < 24 * SHORTEST_DAYS:
        held_out = history["demand"].loc[train_until:].notna().sum() / 24
        raise DataError(_too_little(frame, region, train_until, float(held_out)))
    # An hour without weather teaches nothing to a model that reads weather: left out as one without demand.
    frame["demand"] = frame["demand"].where(whole)
    frame = frame.iloc[known[0] : known[-1] + 1].copy()
    for name in region.weather:
        frame[name] = weather_filled(frame[name].to_numpy(dtype=np.float64))
    of_places = past.loc[frame.index, place_columns(list(past.columns), region)]
    places = learnt_weights(frame.join(of_places), region)
    issued = past.loc[frame.index, [name for name in past.columns if name.startswith(DAY_AHEAD)]]
    whole_frame = weighted_by_place(frame.join(of_places).join(issued), places)
    frame = whole_frame[frame.columns]
    if (uncertain := with_issued_errors(whole_frame, region)) is not None:
        frame = uncertain[frame.columns]
    elif region.weather_error:
        # A model that only ever saw true weather leans on it too much, and its band is too narrow.
        frame = with_errors(frame, region, frame.index[0], np.random.default_rng(0), region.weather_error)
    return replace(Series.of(frame, region, transform), places=places)


def _too_little(frame: pd.DataFrame, region: Region, train_until: pd.Timestamp, held_out: float) -> str:
    """`held_out`: days of measured demand from `train_until` on, which a training leaves for its scores."""
    there = {name: int(hours) for name, hours in frame.notna().sum().items()}
    told = ", ".join(f"{name} in {hours / 24:.0f}" for name, hours in there.items())
    mends = ["ingest an earlier start", "train later"]
    if there["demand"] / 24 + held_out - 1 >= SHORTEST_DAYS:
        mends.append("hold fewer days out for the scores (--holdout-days)")
    if region.weather:
        mends.append("take what is missing out of the region's `weather`")
    return (
        f"region {region.name}: a model needs {SHORTEST_DAYS} days of measured hours before "
        f"{train_until.isoformat()}{', demand and weather together' if region.weather else ''}; there are "
        f"{told} days{f', and {held_out:.0f} held out after them' if held_out >= 1 else ''}; "
        f"{', '.join(mends[:-1])}, or {mends[-1]}"
    )
