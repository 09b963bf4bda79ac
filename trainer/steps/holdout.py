"""The held-out days: whole local days before as_of that no fit and no search may see."""

from __future__ import annotations

from datetime import datetime, timedelta

import pandas as pd

from trainer.contract import Region
from trainer.contract.local_days import day_of, midnight, midnights
from trainer.contract.products import asked_for
from trainer.errors import DataError
from trainer.model.forecasting.forecaster import Forecaster
from trainer.store import Run


def holdout_start(as_of: datetime, region: Region, days: int) -> pd.Timestamp:
    """The local midnight `days` local days before the day of as_of, in UTC; DST days count as one."""
    return pd.Timestamp(midnight(day_of(as_of, region) - timedelta(days=days), region))


def local_days(start: pd.Timestamp, end: pd.Timestamp, region: Region) -> pd.DatetimeIndex:
    """The local midnights, in UTC, of the whole local days within [start, end)."""
    first = day_of(start, region)
    if midnight(first, region) < start:
        first += timedelta(days=1)
    return pd.DatetimeIndex(midnights(first, day_of(end, region), region), tz="UTC")


def asked_in_holdout(
    run: Run, holdout_days: int, last: pd.Timestamp, models: list[Forecaster]
) -> list[tuple[datetime, range]]:
    """Origins (UTC) and lead times of the forecasts that speak for the whole local days between the models'
    training and the last actual, none of them made before that training's end."""
    region = run.region
    start = max([holdout_start(run.as_of, region, holdout_days), *(m.training.judged_until for m in models)])
    days = [day_of(day, region) for day in local_days(start, last + pd.Timedelta(hours=1), region)]
    of_each = [one for day in days for one in asked_for(day, region.main_product, region)]
    asked = [(origin, lead_times) for origin, lead_times in of_each if origin >= start]
    if not asked:
        raise DataError(
            f"no whole local day lies between the end of training ({start.isoformat()}) and the last actual "
            f"({last.isoformat()}): nothing can be scored; ingest later actuals or hold out more days"
        )
    return asked
