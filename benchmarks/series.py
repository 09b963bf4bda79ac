"""The series that the benchmarks run on: a CSV of the user's, or the sample that a package carries."""

from __future__ import annotations

import argparse
from dataclasses import dataclass

import pandas as pd

from trainer.contract import Region, load_regions
from trainer.data.sources import read_source
from trainer.data.validation import canonical
from trainer.errors import UsageError

FIVE_YEARS = 24 * 1826


@dataclass(frozen=True)
class Source:
    """Small enough to be handed to another process, which reads the series itself."""

    csv: str
    region: str

    @classmethod
    def of(cls, options: argparse.Namespace) -> Source:
        return cls(options.csv, options.region)

    def read(self) -> tuple[pd.DataFrame, Region]:
        """The canonical history and its region. Raises DataError and UsageError as the command line does."""
        regions = load_regions()
        if self.region not in regions:
            raise UsageError(f"region {self.region} is not configured; configured: {', '.join(regions)}")
        region = regions[self.region]
        history = canonical(read_source(region, source=self.csv), region).frame
        # Peers cannot read holes; the sample has four hours of them, the same for everybody.
        history["demand"] = history["demand"].interpolate(limit_area="inside")
        return history, region


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--csv", default="sample:greece", help="the series (default: Greece's sample)")
    parser.add_argument("--region", default="GR", help="a configured region (default GR)")


def five_years(history: pd.DataFrame) -> pd.DataFrame:
    """The last 1,826 days of 24 hours. A shorter history is preceded by copies of itself, moved by weeks.

    Good enough to measure time and memory with, and for nothing else.
    """
    known = history.loc[: history["demand"].last_valid_index()]
    parts = [known]
    weeks = pd.Timedelta(hours=168 * (len(known) // 168))
    while sum(map(len, parts)) < FIVE_YEARS:
        earlier = parts[0].iloc[-(weeks // pd.Timedelta(hours=1)) :]
        parts.insert(0, earlier.set_axis(pd.DatetimeIndex(earlier.index) - weeks))
    whole = pd.concat(parts)
    whole = whole[~whole.index.duplicated(keep="last")].sort_index().asfreq("h")
    return whole.iloc[-FIVE_YEARS:].rename_axis("time")
