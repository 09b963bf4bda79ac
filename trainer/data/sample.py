"""Greece's hourly load 2017-01 to 2020-11 from the package power-markets, for people without data yet."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

import pandas as pd

from trainer.errors import UsageError

_ZONE: Final = ZoneInfo("Europe/Athens")
_FILE: Final = Path("datasets") / "load" / "EL" / "load.csv"


def read_sample() -> pd.DataFrame:
    """Columns `time` (UTC) and `Total load [MW]`, one row per hour, 33,620 rows.

    The file's stamps number the hours of a day in Athens from 00, so an hour's moment is the day's local
    midnight plus its number. On the days when clocks go forward this is certain: they have 23 rows, 00 to
    22, with the evening peak one row early. When clocks go back they have 24 rows for 25 hours. The load
    itself does not tell which is left out (the evening ramp lies between both readings); by the same
    numbering it is the last, and the gap filling reports these 4 hours.

    Raises UsageError when the package is not installed.
    """
    # Found without importing the package, which would load a data catalogue framework.
    found = importlib.util.find_spec("power_markets")
    if found is None or not found.submodule_search_locations:
        raise UsageError("the sample series needs the package power-markets: pip install power-markets")
    frame = pd.read_csv(Path(found.submodule_search_locations[0]) / _FILE)
    stamps = pd.to_datetime(frame["ds"], format="%Y-%m-%d %H:%M:%S")
    midnight = stamps.dt.normalize().dt.tz_localize(_ZONE).dt.tz_convert("UTC")
    frame["ds"] = midnight + pd.to_timedelta(stamps.dt.hour, unit="h")
    return frame.rename(columns={"ds": "time"})
