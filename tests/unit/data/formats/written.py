"""Files written for the tests, read by settings of their region."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd

from tests.unit.data.formats.published import region_in
from tests.unit.data.series import NOW
from trainer.contract import FileSettings, Region
from trainer.data.hours import SourceHours, hours_of
from trainer.data.sources import read_source

BERLIN = region_in("Europe/Berlin", "DE")
CHICAGO = region_in("America/Chicago", "US")
SPRING, AUTUMN, SUMMER = "2022-03-20", "2021-10-25", "2022-06-06"
"""First days of sixteen, in Berlin."""

Rows = list[tuple[Any, ...]]


def text(header: str, rows: Rows, delimiter: str = ",") -> bytes:
    lines = [delimiter.join(str(cell) for cell in row) for row in rows]
    return "\n".join([header.replace(",", delimiter), *lines, ""]).encode()


def packed(files: Mapping[str, bytes]) -> bytes:
    """A zip file, by the names of its files."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as file:
        for name, each in files.items():
            file.writestr(name, each)
    return content.getvalue()


def read(content: bytes, folder: Path, region: Region = BERLIN, **said: Any) -> SourceHours:
    path = folder / "a.csv"
    path.write_bytes(content)
    columns = said.pop("columns", {})
    changed = replace(region, columns=columns, files=FileSettings.parse(region.name, said))
    return hours_of(read_source(changed, source=str(path)), changed, as_of=None, now=NOW)


def same(found: SourceHours, demand: pd.Series[float]) -> None:
    pd.testing.assert_series_equal(
        found.frame["demand"], demand, check_freq=False, check_index_type=False, atol=1e-6, rtol=0
    )


def local(demand: pd.Series[float], zone: str = "Europe/Berlin") -> pd.DatetimeIndex:
    return pd.DatetimeIndex(demand.index).tz_convert(zone)


def naive(demand: pd.Series[float], zone: str = "Europe/Berlin", *, ends: bool = False) -> Rows:
    stamps = local(demand, zone) + (demand.index[1] - demand.index[0] if ends else pd.Timedelta(0))
    return [(f"{stamp:%Y-%m-%d %H:%M}", value) for stamp, value in zip(stamps, demand, strict=True)]
