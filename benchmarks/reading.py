"""How long reading a file takes, beside pandas that parses its times alone: python -m benchmarks.reading

Files of hours, quarters and five minutes in three spellings are written and read to hours in UTC (columns,
clock and unit found, copies and changes of the clocks seen to, averaged), and by `pandas.read_csv` with
`parse_dates`, which does nothing of that. Processor time, the median of some rounds in turn, so that a busy
machine slows both.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd
from rich.console import Console
from rich.table import Table

from benchmarks.machine import machine
from benchmarks.report import add_json_option, keep, say
from trainer.contract import Region
from trainer.data.hours import hours_of
from trainer.data.sources import read_source

ROUNDS: Final = 7
_REGION: Final = Region(
    name="DE", title="Germany", timezone="Europe/Berlin", country="DE", latitude=51.0, longitude=10.0
)
_FILES: Final = ((60, 5), (15, 5), (5, 1))
"""Minutes between rows, and years."""
_SPELLINGS: Final[dict[str, Callable[[pd.DatetimeIndex], pd.Index]]] = {
    "2024-03-01 13:00": lambda times: times.strftime("%Y-%m-%d %H:%M"),
    "01.03.2024 13:00": lambda times: times.strftime("%d.%m.%Y %H:%M"),
    "2024-03-01T13:00:00+01:00": lambda times: pd.Index([time.isoformat() for time in times]),
}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    add_json_option(parser)
    options = parser.parse_args()
    result = {"machine": machine(), "rows": measure(options.rounds)}
    show(result)
    keep(result, options.json)
    return 0


def measure(rounds: int) -> list[dict[str, Any]]:
    """Processor time in seconds of both readers, by file."""
    rows = []
    with tempfile.TemporaryDirectory(prefix="demand-forecast-benchmark-") as folder:
        for minutes, years in _FILES:
            for name, spelling in _SPELLINGS.items():
                say(f"rows of {minutes} minutes, times as {name}")
                path = Path(folder) / "demand.csv"
                count = written(path, minutes, years, spelling)
                ours, pandas = in_turn(partial(read, path), partial(parse, path, name), rounds)
                rows.append(
                    {"minutes": minutes, "times": name, "count": count, "ours": ours, "pandas": pandas}
                )
    return rows


def written(path: Path, minutes: int, years: int, spelling: Callable[[pd.DatetimeIndex], pd.Index]) -> int:
    """Writes local times and MW; how many rows."""
    end = f"{2019 + years}-01-01"
    times = pd.date_range("2019-01-01", end, freq=f"{minutes}min", inclusive="left", tz=_REGION.timezone)
    noise = np.random.default_rng(0).normal(0, 1000, len(times))
    frame = pd.DataFrame({"time": spelling(times), "demand": np.round(45_000 + noise, 1)})
    frame.to_csv(path, index=False)
    return len(frame)


def read(path: Path) -> object:
    """As every verb reads a file."""
    return hours_of(read_source(_REGION, source=str(path)), _REGION, as_of=None, now=datetime.now(UTC))


def parse(path: Path, spelling: str) -> object:
    return pd.read_csv(path, parse_dates=["time"], dayfirst="." in spelling)


def in_turn(first: Callable[[], object], second: Callable[[], object], rounds: int) -> tuple[float, float]:
    """The median processor time of each, after a first call that counts for nothing."""
    spent: tuple[list[float], list[float]] = ([], [])
    for _ in range(rounds + 1):
        for call, seconds in zip((first, second), spent, strict=True):
            begun = time.process_time()
            call()
            seconds.append(time.process_time() - begun)
    return statistics.median(spent[0][1:]), statistics.median(spent[1][1:])


def show(result: dict[str, Any]) -> None:
    table = Table(title=f"reading a file, load average {result['machine']['load_average']}")
    for name in ("rows of", "times as", "rows", "read", "pandas parses", "ratio"):
        table.add_column(name, justify="left" if name == "times as" else "right")
    for row in result["rows"]:
        ours, pandas = row["ours"], row["pandas"]
        times = (f"{1000 * ours:.0f} ms", f"{1000 * pandas:.0f} ms", f"{ours / pandas:.1f}")
        table.add_row(f"{row['minutes']} min", row["times"], f"{row['count']:,}", *times)
    Console(width=110).print(table)


if __name__ == "__main__":
    sys.exit(main())
