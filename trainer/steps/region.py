"""region: its entry from a file and a few answers, and what is understood of the file. Part of no run."""

from __future__ import annotations

import logging
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pandas as pd

from trainer.contract import Region
from trainer.contract.region_table import region_table
from trainer.data.calendars import calendar_features
from trainer.data.proposal import proposal
from trainer.data.sources import read_source
from trainer.data.validation import Canonical, canonical
from trainer.data.zone_places import place_of
from trainer.errors import UsageError
from trainer.store import write_whole

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Understanding:
    """An entry that was not written yet, and what its file holds when it is read by it."""

    region: Region
    held: Canonical


def understand(name: str, source: str, answers: Mapping[str, Any]) -> Understanding:
    """Reads `source` (path or URL) as the region `name` would. `answers`: keys of a region as in a regions
    file, of which country or timezone is needed.

    Raises UsageError for answers that are missing or no such things, DataError for a file that cannot be
    read, or leaves a question open, naming what answers it.
    """
    place = place_of(answers.get("country"), answers.get("timezone"))
    values = {
        "title": name,
        "timezone": place.timezone,
        "country": place.country,
        "latitude": place.latitude,
        "longitude": place.longitude,
        "source": source if "://" in source else str(Path(source).expanduser().resolve()),
        **{key: value for key, value in answers.items() if value is not None},
    }
    region = Region.parse(name, values)
    raw = read_source(region)
    found = proposal(raw, region)
    weather = region.weather or found.weather
    files = replace(region.files, date_columns=found.date_columns or region.files.date_columns)
    region = replace(region, columns={**region.columns, **found.columns}, weather=weather, files=files)
    held = canonical(raw, region)
    calendar_features(pd.DatetimeIndex(held.frame.index[:1]), region)
    return Understanding(region, held)


def entry(region: Region) -> str:
    """The region's table in a regions file (TOML), ending in a new line."""
    # An empty ensemble says something: without the key there are boosted trees.
    said = region.to_dict().items()
    values = {key: value for key, value in said if value not in ([], {}) or key == "ensemble"}
    return region_table(region.name, values)


def add(region: Region, path: Path) -> None:
    """Writes the region's entry behind those that the regions file `path` has, which is made where it is not
    there; nothing of it is changed.

    Raises UsageError for a file that has the region, or that is none of regions.
    """
    check(region.name, path)
    before = path.read_text(encoding="utf-8-sig") if path.exists() else ""
    gap = "" if not before or before.endswith("\n\n") else "\n" if before.endswith("\n") else "\n\n"
    content = before + gap + entry(region)
    tomllib.loads(content)
    write_whole(path, content.encode())
    log.info("region %s is in %s now", region.name, path)


def check(name: str, path: Path) -> None:
    """Raises UsageError where `add` would."""
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8-sig")) if path.exists() else {}
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise UsageError(f"{path} is not a regions file: {error}") from error
    if name in table:
        raise UsageError(f"region {name} is in {path} already; change it there, or take another name")
