"""docs/year.md and its picture, from what a year's replay found; no figure is typed by hand."""

from __future__ import annotations

import argparse
import json
import statistics
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import matplotlib as mpl

from benchmarks.year.sizes import MB, Sample, Units, store_by_formula

_HEAD: Final = """# A year of production

`make year CSV=path/to/demand.csv REGION=KR` replays a year of one region in about an hour: each day
`daily_forecast`, each Sunday `weekly_retrain` and the refit that follows it, each Saturday `housekeeping`,
their own tasks one after the other in one process, against a PostgreSQL, an InfluxDB and an MLflow of its
own. The source's file grows day by day, and nobody knows tomorrow. Models are small (one trial, one epoch,
400 days of history), so the errors below are not the product's best; what the runs leave behind is of the
usual size. `python -m benchmarks.year.page out/year/year.json` remakes this page.
"""

_COLOURS: Final = {"store": "#1f77b4", "tables": "#d98c21", "influxdb": "#2a9d8f", "mlflow": "#777777"}


def page(found: Mapping[str, Any]) -> str:
    """Markdown, from the JSON that the replay wrote."""
    samples = [Sample(**sample) for sample in found["samples"]]
    settled, last = samples[len(samples) // 4], samples[-1]
    units, weeks = Units(**found["units"]), max(1, found["trainings"] - 1)
    formula = store_by_formula(units, found["kept"], weeks=weeks, promotions=found["promotions"])
    days = max(1, last.day - samples[0].day)
    errors = list(found["mape_by_week"].values())
    machine = found["machine"]

    def a_day(name: str) -> str:
        return f"{(getattr(last, name) - getattr(samples[0], name)) / days / 1024:.1f}"

    lines = [
        _HEAD,
        "![MAPE by week, and what the region takes](images/year.png)\n",
        f"{found['region']}, {found['days']} days from {found['first']}, on {machine['processor']} with "
        f"{machine['cores']} cores ({machine['date']}): {found['trainings']} trainings, "
        f"{found['promotions']} promotions, {found['refits']} refits, {len(found['failures'])} runs with a "
        f"failed task. MAPE by week {min(errors):.2f} to {max(errors):.2f} %, median "
        f"{statistics.median(errors):.2f} %.\n",
        "| Of the one process | After a quarter of the year | At its end |",
        "|---|---|---|",
        f"| Resident memory, MB | {settled.resident / MB:.0f} | {last.resident / MB:.0f} |",
        f"| Open files | {settled.open_files} | {last.open_files} |",
        f"| Connections to PostgreSQL between runs | {settled.connections} | {last.connections} |",
        "",
        "## What a region takes\n",
        "| Place | At the end, MB | Grows by, kB a day |",
        "|---|---|---|",
        f"| Store | {last.store / MB:.1f} | {a_day('store')} |",
        f"| Tables, indexes included | {last.tables / MB:.1f} | {a_day('tables')} |",
        f"| InfluxDB | {last.influxdb / MB:.1f} | {a_day('influxdb')} |",
        f"| MLflow | {last.mlflow / MB:.1f} | {a_day('mlflow')} |",
        "",
        "After a Sunday, the store of a region that has run for longer than its settings keep things is",
        "",
        "    (keep_champions + 3) x model",
        "      + (keep_training_days / 7 + 1, and the older ones that made a kept version) x training",
        "      + (keep_run_days / 7 + 1, at least the refits that made a kept version) x refit",
        "      + (keep_run_days + 1) x daily run",
        "",
        f"with a model of {units.model / MB:.2f} MB, a training's run of {units.training / MB:.2f} MB, a "
        f"refit's of {units.refit / MB:.2f} MB and a daily one of {units.daily / MB:.2f} MB: "
        f"{formula / MB:.1f} MB. Measured at the end: {last.store / MB:.1f} MB, "
        f"{100 * (last.store / formula - 1):+.1f} %.",
        "",
    ]
    return "\n".join(lines)


def picture(found: Mapping[str, Any], path: Path) -> None:
    """MAPE by week above, what the region takes below."""
    mpl.use("Agg")
    from matplotlib import pyplot as plt  # noqa: PLC0415  after its backend is chosen

    samples = [Sample(**sample) for sample in found["samples"]]
    figure, (top, bottom) = plt.subplots(2, 1, figsize=(10, 6), layout="constrained", sharex=True)
    errors = list(found["mape_by_week"].values())
    top.step([7 * week for week in range(len(errors))], errors, where="post", color="#1f77b4")
    top.set(
        ylabel="MAPE by week, %", ylim=(0, None), title=f"{found['region']}: a year from {found['first']}"
    )
    for name, color in _COLOURS.items():
        sizes = [getattr(sample, name) / MB for sample in samples]
        bottom.plot([sample.day for sample in samples], sizes, label=name, color=color)
    bottom.set(xlabel="day", ylabel="MB", ylim=(0, None))
    bottom.legend(frameon=False, ncols=4)
    for axes in (top, bottom):
        axes.spines[["top", "right"]].set_visible(False)
        axes.grid(axis="y", alpha=0.3)
    figure.savefig(path, dpi=110)
    plt.close(figure)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("found", type=Path, help="year.json of a replay")
    print(page(json.loads(parser.parse_args().found.read_text(encoding="utf-8"))), end="")
