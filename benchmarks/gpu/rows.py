"""What GPUs gave so far: a row a figure, each with its machine, day and code, kept in a file of the
repository. A run on a GPU puts its rows in the place of older ones, and leaves those that it did not measure.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from benchmarks.goal import Goal

KEPT: Final = Path(__file__).parents[1] / "recorded" / "gpu.json"


@dataclass(frozen=True)
class Figure:
    what: str
    unit: str
    digits: int = 1

    def text(self, value: float | None) -> str:
        if value is None:
            return "-"
        return f"{value:.1e}" if self.unit == "relative" else f"{value:,.{self.digits}f} {self.unit}"


FIGURES: Final = {
    "production_search": Figure("production training, 50 x 100: search", "s", 0),
    "production_fit": Figure("production training, 50 x 100: fit", "s"),
    "production_busy": Figure("production training: GPU busy, NVML's mean", "%"),
    "production_device_memory": Figure("production training: device memory, peak", "MiB", 0),
    "fit_all_hours": Figure("fit alone, 10 epochs, all 24 origin hours", "s"),
    "quick_search": Figure("quick training, 5 x 10: search", "s"),
    "quick_fit": Figure("quick training, 5 x 10: fit", "s"),
    "quick_busy": Figure("quick training: GPU busy, NVML's mean", "%"),
    "quick_device_memory": Figure("quick training: device memory, peak", "MiB", 0),
    "quick_processor_time": Figure("quick training: processor time", "CPU-s", 0),
    "step_256": Figure("training step, batch 256", "ms"),
    "step_1024": Figure("training step, batch 1,024", "ms"),
    "step_4096": Figure("training step, batch 4,096", "ms"),
    "difference": Figure("forecast of 24 hours, GPU against CPU", "relative"),
}
"""By key, as they stand in the table."""

_SECONDS_GOALS: Final = (
    ("production training, 50 x 100, search and fit, GPU", ("production_search", "production_fit"), 60.0),
    ("fit alone, all 24 origin hours, GPU", ("fit_all_hours",), 6.0),
    ("quick training, 5 x 10, search and fit, GPU", ("quick_search", "quick_fit"), 12.0),
)
_BUSY_GOALS: Final = (
    ("GPU busy during production training", "production_busy"),
    ("GPU busy during quick training", "quick_busy"),
)
_LEAST_BUSY: Final = 50.0
_MOST_DIFFERENCE: Final = 1e-4


@dataclass(frozen=True)
class Row:
    """One figure on a GPU, and on the CPU of the same machine in the same run where that was measured too."""

    key: str
    gpu: float
    cpu: float | None
    note: str
    region: str
    device: str
    cores: int
    torch: str
    date: str
    code: str
    """Commit that was measured."""


def read_rows(path: Path = KEPT) -> list[Row]:
    """In the order of `FIGURES`; none where there is no such file."""
    if not path.exists():
        return []
    kept = {row["key"]: Row(**row) for row in json.loads(path.read_text(encoding="utf-8"))["rows"]}
    return [kept[key] for key in FIGURES if key in kept]


def keep_rows(measured: Sequence[Row], path: Path) -> list[Row]:
    """Puts `measured` in the place of the file's rows of the same keys, whole or not at all; all rows."""
    rows = {row.key: row for row in [*read_rows(path), *measured]}
    ordered = [rows[key] for key in FIGURES if key in rows]
    path.parent.mkdir(parents=True, exist_ok=True)
    written = path.with_suffix(".tmp")
    text = json.dumps(
        {"rows": [asdict(row) for row in ordered]}, indent=1, ensure_ascii=False, allow_nan=False
    )
    written.write_text(f"{text}\n", encoding="utf-8")
    written.replace(path)
    return ordered


def gpu_goals(rows: Sequence[Row]) -> Iterator[Goal]:
    """What was set for one H100 or H200; a goal of several rows is measured when all of them are."""
    by_key = {row.key: row for row in rows}
    for text, keys, most in _SECONDS_GOALS:
        found = [by_key[key] for key in keys if key in by_key]
        whole = len(found) == len(keys)
        seconds = sum(row.gpu for row in found)
        measured = _dated(f"{seconds:,.1f} s", found) if whole else "-"
        yield Goal(text, measured, f"below {most:g} s", seconds < most if whole else None)
    for text, key in _BUSY_GOALS:
        row = by_key.get(key)
        measured = _dated(FIGURES[key].text(row.gpu), [row]) if row else "-"
        yield Goal(text, measured, f"over {_LEAST_BUSY:g} %", row.gpu > _LEAST_BUSY if row else None)
    row = by_key.get("difference")
    measured = _dated(FIGURES["difference"].text(row.gpu), [row]) if row else "-"
    met = row.gpu <= _MOST_DIFFERENCE if row else None
    yield Goal("forecast, GPU against CPU, relative", measured, f"at most {_MOST_DIFFERENCE:.0e}", met)


def _dated(text: str, rows: Sequence[Row]) -> str:
    return f"{text} ({', '.join(sorted({row.date for row in rows}))})"
