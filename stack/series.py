"""Which series the demo runs on: its region, its source, and the moment that the runs speak for."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

from stack.state import State
from trainer.contract import RAW_DEMAND_SOURCE, SAMPLE_SOURCE, Region, load_regions
from trainer.contract.region_table import region_table
from trainer.errors import DataError, UsageError
from trainer.redaction import redacted

DEFAULT_REGION: Final = "GR"
REGIONS_FILE: Final = "regions.toml"
_FORECAST_HOURS: Final = 24


@dataclass(frozen=True)
class Series:
    """A region whose source can be read, and the midnight after the last local day that it covers whole; a
    day earlier where the model wants weather and none is known ahead of that."""

    region: Region
    as_of: datetime
    """With the region's offset."""


def choose(csv: str | None, region_name: str | None) -> Series:
    """The series of `csv`, or the sample. Reads and validates it, so that bad data stops the demo at once.

    Raises UsageError for an unknown region or one that has no source, DataError for data that is unfit.
    """
    if csv and not region_name:
        raise UsageError("CSV=... needs the region that it is of, such as REGION=KR")
    regions = load_regions()
    name = region_name or DEFAULT_REGION
    if name not in regions:
        raise UsageError(
            f"region {name!r} is not configured; configured are {', '.join(sorted(regions))}. Make it from "
            f"its file: python -m trainer region --region {name} --csv {csv or 'data.csv'} --country DE"
        )
    region = regions[name]
    if csv:
        region = replace(region, source=csv if "://" in csv else str(Path(csv).expanduser().resolve()))
    if region.source == RAW_DEMAND_SOURCE:
        raise UsageError(f"region {name} brings no data of its own: make demo CSV=path REGION={name}")
    return Series(region, _last_midnight(region))


def _last_midnight(region: Region) -> datetime:
    # These load pandas; `status` and `down` do without.
    from trainer.data.hours import origin_of  # noqa: PLC0415
    from trainer.data.sources import read_source  # noqa: PLC0415
    from trainer.data.validation import canonical, last_actual  # noqa: PLC0415
    from trainer.data.weather.gaps import require_weather  # noqa: PLC0415

    history = canonical(read_source(region), region).frame
    end = last_actual(history).to_pydatetime().timestamp() + 3600
    local = datetime.fromtimestamp(end, tz=region.zone)
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
    if (midnight - timedelta(days=1)).timestamp() < history.index[0].timestamp():  # local, DST included
        raise DataError(f"{redacted(region.source)} covers no whole local day of region {region.name}")
    try:
        require_weather(history, region, origin_of(midnight), _FORECAST_HOURS)
    except DataError:
        return midnight - timedelta(days=1)
    return midnight


def write_regions(state: State, region: Region) -> tuple[Path, bool]:
    """Puts the region into the stack's regions file beside those of earlier demos; the file, and whether it
    changed."""
    path = state.folder / REGIONS_FILE
    tables: dict[str, dict[str, Any]] = {}
    if path.exists():
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
    tables[region.name] = {key: value for key, value in region.to_dict().items() if value != {}}
    text = "\n".join(region_table(name, table) for name, table in sorted(tables.items()))
    changed = not path.exists() or path.read_text(encoding="utf-8") != text
    if changed:
        state.write(REGIONS_FILE, text)
    return path, changed


def describe(region: Region) -> str:
    return "the sample series" if region.source == SAMPLE_SOURCE else redacted(region.source)
