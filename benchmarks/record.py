"""docs/benchmarks.md from the results of a run: python -m benchmarks.record FOLDER > docs/benchmarks.md"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from benchmarks import accuracy, latency, threads, training
from benchmarks.goals import Results, further, goals, read_results
from benchmarks.gpu.page import section
from benchmarks.gpu.rows import read_rows
from benchmarks.report import table

_HEAD = """# Benchmarks

The last measured run of `make {target}`, each section with its day. This page is made from its results by
`{remake}`; no figure is typed by hand.

<!-- not run by the suite: it takes 10 to 90 minutes -->
```sh
make bench-quick                                   # what is done in 10 minutes: one column, without NHITS
make bench CSV=path/to/demand.csv REGION=KR        # all of it, under 90 minutes on two cores
make bench-accuracy CSV=path/to.csv REGION=FR      # another series, whose tables stand beside the first one's
make bench-gpu CSV=path/to/demand.csv REGION=KR    # the part on GPUs, on a machine with one, in 8 minutes
make bench-docs                                    # this page, from the results of make bench
make bench-docs BENCH=out/benchmarks/quick         # from those of make bench-quick
```

Without `CSV=` all take the sample series of Greece.

Protocol: every local midnight of the window, all hours of that day, with the demand known up to then;
fitted once before the window unless a row says otherwise. *Made at 10:00 of the day before*: the same hours
with the demand known by then alone, 15 to 38 hours ahead, as a market asks; LightGBM is fitted for that, and
takes no lag from later. *Weekly refit*: every seven days all that is solved in closed form is made anew,
networks stay. *As produced*: each day by the model that production would
have served on it: a training every four weeks up to 28 held-out days before it, the gate with its margin of
1 %, a refit every week (`backtest --as-produced`). *Perfect weather*: the target day's as it came.
*No weather*: none at all, past or future. *Forecast-like*: AR(1) errors of 1.3 C and 7 % humidity on the
target day's weather, the same ones for everybody; ours is fitted on weather with such errors too
(`weather_error` of a region), peers on the true one. Peers are shown one masked frame per midnight, with the
weather of each place that ours reads, and are judged by the same function; a peer's band and quantiles are
its forecast and the quantiles, by hour ahead, of its own errors on the last year before the window, which
LightGBM's trees of the search have not seen (its settings were chosen on it); NHITS, fitted once to all days,
has none. *CRPS* is twice the mean pinball loss over the region's quantiles. Their features are *own* (lags,
rolling means, calendar with holidays and their neighbours, weather) or *with ours* (beside these the height
of the sun, signs of cloud, anomalies and kinds of day that our model derives). OpenSTEF is left out: its
releases for Python 3.11 need scikit-learn below 1.6, beside which this project cannot be installed, and its
version 4 needs Python 3.12.

*The grid operator's own forecast*, where the series has one, is judged at the hours that it speaks for.
More on what production serves stands in [ablation.md](ablation.md).
"""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    print(page(read_results(parser.parse_args().folder)), end="")
    return 0


def page(results: Results) -> str:
    """Markdown."""
    quick = any(result.get("quick") for result in results.values())
    head = _HEAD.format(
        target="bench-quick" if quick else "bench",
        remake="make bench-docs BENCH=out/benchmarks/quick" if quick else "make bench-docs",
    )
    parts = [head, "## Goals\n", _goals(results)]
    if "accuracy" in results:
        parts += _accuracy(results["accuracy"])
    for name in further(results):
        parts += _accuracy(results[name])
    if "training" in results:
        parts += [
            "## Training\n",
            _measured_on(results["training"]["machine"]),
            _training(results["training"]),
        ]
    if "latency" in results:
        parts += ["## Latency\n", _measured_on(results["latency"]["machine"]), _latency(results["latency"])]
    if "threads" in results:
        parts += _threads(results["threads"])
    parts.append(section(read_rows()))
    return "\n".join(parts)


def _goals(results: Results) -> str:
    rows = [(goal.figure, goal.measured, goal.goal, goal.verdict) for goal in goals(results)]
    return table(("figure", "measured", "goal", ""), rows)


def _accuracy(result: dict[str, Any]) -> Iterator[str]:
    first, last = result["window"]
    yield f"## Accuracy: {result['region']}, {first} to {last}\n"
    yield f"{_measured_on(result['machine'])}The series begins on {result['history_from'][:10]}.\n"
    yield from (f"{sentence}.\n" for sentence in result["left_out"])
    today = result["machine"]["date"]
    for day in sorted({row.get("measured", today) for row in result["rows"]} - {today}):
        models = dict.fromkeys(row["model"] for row in result["rows"] if row.get("measured", today) == day)
        yield f"Measured on {day}, on the same hours, and kept: {'; '.join(models)}.\n"
    for title, rows in accuracy.sections(result["rows"]):
        yield f"### {title.capitalize()}\n"
        header = ("model", "features", *accuracy.FIGURES.values(), "minutes of one core")
        yield table(header, map(accuracy.cells, rows))
        yield "MAPE % by hour ahead:\n"
        yield _by_horizon(rows)


def _by_horizon(rows: Sequence[dict[str, Any]]) -> str:
    leads = [str(n) for n in sorted({int(n) for row in rows for n in row["metrics"]["mape_by_horizon"]})]
    lines = []
    for row in rows:
        name, features, *_ = accuracy.cells(row)
        by_lead = row["metrics"]["mape_by_horizon"]
        figures = ["-" if by_lead.get(lead) is None else f"{by_lead[lead]:.1f}" for lead in leads]
        lines.append([name, features, *figures])
    return table(("model", "features", *leads), lines)


def _training(result: dict[str, Any]) -> str:
    lines = [training.cells(row) for row in result["rows"]]
    if result["peak_memory_mb"]:
        lines.append(
            [
                "peak memory of the quick training",
                f"{result['peak_memory_mb']:,} MB",
                "-",
                "-",
                "its whole process",
            ]
        )
    return table(("what", "ours", "original", "ratio", "note"), lines)


def _latency(result: dict[str, Any]) -> str:
    header = ("what", "median", "slowest", "processor time", "rounds")
    return table(header, map(latency.cells, result["rows"]))


def _threads(result: dict[str, Any]) -> Iterator[str]:
    yield "## Threads\n"
    yield _measured_on(result["machine"])
    yield "A fit of five years of hours, 10 epochs; *times* those of the first row.\n"
    yield from (f"{sentence}.\n" for sentence in result["left_out"])
    yield table(threads.HEADER, map(threads.cells, result["rows"]))


def _measured_on(facts: dict[str, Any]) -> str:
    device = facts["gpu"] or "no GPU"
    hardware = f"{facts['cores']} cores ({facts['processor']}), {facts['memory_gb']} GB of memory, {device}"
    software = f"Python {facts['python']}, torch {facts['torch']}"
    return f"Measured on {facts['date']}: {hardware}; {software}; load average {facts['load_average']}.\n"


if __name__ == "__main__":
    sys.exit(main())
