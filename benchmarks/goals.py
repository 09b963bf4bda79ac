"""What the benchmarks measured against what was set: python -m benchmarks.goals FOLDER

Reads accuracy.json, training.json, latency.json and threads.json of a folder, as far as they are there, and
the accuracy-REGION.json of further series.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from rich.console import Console
from rich.table import Table

from benchmarks.contenders import QUICK, STATIC, WEEKLY
from benchmarks.goal import Goal
from benchmarks.gpu.rows import gpu_goals, read_rows

NAMES: Final = ("accuracy", "training", "latency", "threads")
FURTHER: Final = "accuracy-"
"""Before the region, where a series beside the main one was measured."""
Results = dict[str, dict[str, Any]]
"""By name of the benchmark."""

_OF_KOREA: Final = ("KR", ["2022-11-01", "2023-10-31"])
"""Region and window for which MAPE goals were set; another series is easier or harder by nature."""
_KOREA_LEAD: Final = 30.0
"""Percent by which the best peer's MAPE is to be undercut at midnight."""
_LEAD: Final = 25.0
"""Likewise on other series, and where tomorrow is forecast at an hour of the day before."""
_MAPE_GOALS: Final = (
    (STATIC, "perfect", "mape", "MAPE, trained once, perfect weather", 1.15),
    (WEEKLY, "perfect", "mape", "MAPE, weekly refit, perfect weather", 1.05),
    (STATIC, "perfect", "mape_holidays", "MAPE on holidays, trained once, perfect weather", 2.0),
    (STATIC, "none", "mape", "MAPE, trained once, no weather", 1.9),
    (QUICK, "perfect", "mape", "MAPE, quick training, perfect weather", 1.45),
)
_SECONDS_GOALS: Final = {
    "grid": 5.0,
    "quick": 60.0,
    "fit_all_hours": 20.0,
    "fit_one_hour": 9.0,
    "production": 60.0,
}
_MEMORY_GOAL: Final = 1200
_MOST_PROCESSOR_TIME: Final = 1.3
"""Times that of two threads, which a fit with many allowed may take."""
_MOST_BESIDE_OTHERS: Final = 2.2
"""Times as long as alone."""
_LATENCY_GOALS: Final = {"warm": 0.030, "cold": 5.0}
_PROCESSOR_GOALS: Final = {"cold": 0.8}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    results = read_results(parser.parse_args().folder)
    table = Table(title="goals")
    for name in ("figure", "measured", "goal", ""):
        table.add_column(name, justify="right" if name in ("measured", "goal") else "left")
    for goal in [*goals(results), *gpu_goals(read_rows())]:
        colour = {True: "green", False: "red", None: "dim"}[goal.met]
        table.add_row(goal.figure, goal.measured, goal.goal, f"[{colour}]{goal.verdict}[/]")
    Console(width=150).print(table)
    return 0


def read_results(folder: Path) -> Results:
    """Raises FileNotFoundError when no benchmark has left anything in `folder`."""
    found = {name: folder / f"{name}.json" for name in NAMES if (folder / f"{name}.json").exists()}
    found |= {path.stem: path for path in sorted(folder.glob(f"{FURTHER}*.json"))}
    if not found:
        raise FileNotFoundError(f"{folder} holds no benchmark's results; run make bench-quick or make bench")
    return {name: json.loads(path.read_text(encoding="utf-8")) for name, path in found.items()}


def further(results: Results) -> list[str]:
    """The names of the results of `make bench-accuracy`, of one series each."""
    return [name for name in results if name.startswith(FURTHER)]


def goals(results: Results) -> list[Goal]:
    """Those of the benchmarks that are there, in a lasting order."""
    found: list[Goal] = []
    if "accuracy" in results:
        found += _accuracy(results["accuracy"])
    for name in further(results):
        place = results[name]["region"]
        found += [replace(goal, figure=f"{place}: {goal.figure}") for goal in _accuracy(results[name])]
    if "training" in results:
        found += _training(results["training"])
    if "latency" in results:
        found += _latency(results["latency"])
    if "threads" in results:
        found += _threads(results["threads"])
    return found


def _accuracy(result: dict[str, Any]) -> Iterator[Goal]:
    rows = [row for row in result["rows"] if row.get("origin_hour") is None]
    figures = {(row["model"], row["weather"]): row["metrics"] for row in rows}
    of_korea = (result["region"], result["window"]) == _OF_KOREA
    if of_korea:
        for model, weather, key, text, most in _MAPE_GOALS:
            if (model, weather) in figures:
                value = figures[model, weather][key]
                yield Goal(text, f"{value:.3f} %", f"at most {most:g} %", value <= most)
    for weather in ("perfect", "none", "forecast-like"):
        ours = figures.get((STATIC, weather))
        if ours is None:
            continue
        yield from _beside_peers(rows, weather, ours, _KOREA_LEAD if of_korea else _LEAD)
        if weather != "forecast-like":
            coverage = ours["coverage"]
            text = f"80 % band holds, {_weather(weather)}"
            yield Goal(text, f"{coverage:.1f} %", "78 to 82 %", 78 <= coverage <= 82)
    yield from _for_the_market([row for row in result["rows"] if row.get("origin_hour") is not None])


def _for_the_market(rows: list[dict[str, Any]]) -> Iterator[Goal]:
    """The lead over the best peer that forecasts tomorrow at the same hour of the day before."""
    ours = [row for row in rows if row["group"] == "ours"]
    peers = [row for row in rows if row["group"] == "peer"]
    if ours and peers:
        best = min(peers, key=lambda row: row["metrics"]["mape"])
        lead = 100 * (1 - ours[0]["metrics"]["mape"] / best["metrics"]["mape"])
        text = f"below the best peer ({best['model']}), {_weather(best['weather'])}"
        yield Goal(text, f"{lead:.1f} %", f"at least {_LEAD:g} %", lead >= _LEAD)


def _beside_peers(
    rows: list[dict[str, Any]], weather: str, ours: dict[str, Any], least: float
) -> Iterator[Goal]:
    """The lead over the best peer with features of its own, and over the best that has ours; at least so many
    percent with perfect weather."""
    for group in ("peer", "peer with our features"):
        peers = [row for row in rows if row["weather"] == weather and row["group"] == group]
        if not peers:
            continue
        best = min(peers, key=lambda row: row["metrics"]["mape"])
        lead = 100 * (1 - ours["mape"] / best["metrics"]["mape"])
        text = f"below the best {group} ({best['model']}), {_weather(weather)}"
        # The margin was set for perfect weather; elsewhere to lead is the goal.
        if group == "peer" and weather == "perfect":
            yield Goal(text, f"{lead:.1f} %", f"at least {least:g} %", lead >= least)
        else:
            yield Goal(text, f"{lead:.1f} %", "above 0 %", lead > 0)


def _weather(kind: str) -> str:
    return {"perfect": "perfect weather", "none": "no weather"}.get(kind, f"{kind} weather")


def _training(result: dict[str, Any]) -> Iterator[Goal]:
    for row in result["rows"]:
        most = _SECONDS_GOALS[row["key"]]
        seconds = row["ours"]
        measured = row["note"] if seconds is None else f"{seconds:.1f} s"
        yield Goal(row["what"], measured, f"below {most:g} s", None if seconds is None else seconds < most)
        if row["ratio"] is not None:
            yield Goal(
                f"{row['what']}, against the original", f"{row['ratio']:.0f} x", "above 1 x", row["ratio"] > 1
            )
    if memory := result["peak_memory_mb"]:
        text = "peak memory of the quick training on five years"
        yield Goal(text, f"{memory:,} MB", f"below {_MEMORY_GOAL:,} MB", memory < _MEMORY_GOAL)


def _latency(result: dict[str, Any]) -> Iterator[Goal]:
    for row in result["rows"]:
        if row["key"] not in _LATENCY_GOALS:
            continue
        most = _LATENCY_GOALS[row["key"]]
        scale, unit = (1000, "ms") if most < 1 else (1, "s")
        measured = f"{scale * row['median']:.1f} {unit} (processor {scale * row['cpu']:.1f} {unit})"
        yield Goal(row["what"], measured, f"below {scale * most:g} {unit}", row["median"] < most)
        if processor := _PROCESSOR_GOALS.get(row["key"]):
            text = f"{row['what']}, processor time"
            yield Goal(text, f"{row['cpu']:.2f} s", f"below {processor:g} s", row["cpu"] < processor)


def _threads(result: dict[str, Any]) -> Iterator[Goal]:
    rows = {row["key"]: row for row in result["rows"]}
    for key, unit, most, of in (
        ("many", "times_cpu_seconds", _MOST_PROCESSOR_TIME, "processor time of a fit"),
        ("quota", "times_cpu_seconds", _MOST_PROCESSOR_TIME, "processor time of a fit"),
        ("beside", "times_seconds", _MOST_BESIDE_OTHERS, "time of a fit"),
    ):
        if key in rows:
            times = rows[key][unit]
            yield Goal(f"{of}, {rows[key]['what']}", f"{times:.2f} x", f"at most {most:g} x", times <= most)


if __name__ == "__main__":
    sys.exit(main())
