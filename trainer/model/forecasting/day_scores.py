"""How good the figures of forecast days were."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from trainer.contract import Region
from trainer.contract.local_days import day_of
from trainer.model.forecasting.day_figures import DayFigures
from trainer.model.metrics import coverage, finite_or_none, mape


def day_scores(days: Sequence[DayFigures], demand: pd.Series[float], region: Region) -> dict[str, Any] | None:
    """Scores of the forecast `days` whose hours were all measured; None without such a day.

    `days`: their number. `peak_mape`, `energy_mape`, and the share of days that the bands held,
    `peak_coverage` and `energy_coverage`, in percent. `demand`: MW by UTC hour, NaN where unknown."""
    known = demand.dropna()
    measured = known.groupby([day_of(hour, region).isoformat() for hour in known.index])
    actual = measured.agg(["size", "max", "sum"])
    whole = [day for day in days if day.date in actual.index and actual.at[day.date, "size"] == day.hours]
    if not whole:
        return None
    said = pd.DataFrame([vars(day) for day in whole])
    came = actual.loc[said["date"]]
    peak, energy = came["max"].to_numpy(), came["sum"].to_numpy()
    scores = {
        "peak_mape": mape(peak, said["peak_mw"]),
        "peak_coverage": coverage(peak, said["peak_lower_mw"], said["peak_upper_mw"]),
        "energy_mape": mape(energy, said["energy_mwh"]),
        "energy_coverage": coverage(energy, said["energy_lower_mwh"], said["energy_upper_mwh"]),
    }
    return {"days": len(whole), **finite_or_none(scores)}
