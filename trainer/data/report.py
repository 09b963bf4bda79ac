"""What was found in the data and what was done about it, for people and for machines."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Any, Final

import pandas as pd

from trainer.contract import Verdict
from trainer.data.quality.stretches import Stretch
from trainer.data.weather.columns import weather_among

RECENT_HOURS: Final = 14 * 24
"""Hours that the share of measured ones is told of: as many as a forecast looks back on."""


@dataclass(frozen=True)
class Finding:
    """One thing that was mended or deserves a look. What cannot be mended is a DataError instead."""

    kind: str
    """A stable name for machines, such as `demand_gap`."""
    count: int
    """Rows or hours concerned."""
    text: str
    """One sentence, with the first places by name."""


@dataclass(frozen=True, kw_only=True)
class DataReport:
    """The account of one reading. Times are ISO 8601 in UTC, demand in MW."""

    region: str
    place: str
    """File, URL, table or sample that was read."""
    columns: dict[str, str]
    """Our column -> the source's header."""
    unused_columns: tuple[str, ...]
    rows: int
    """Rows in the source."""
    hours: int
    """Hours in the canonical frame."""
    known_hours: int
    """Hours of it whose demand is measured."""
    reference_hours: int
    """Hours of it that have the grid operator's own forecast."""
    missing_hours: int
    """Hours that have been lived and of which no demand came in."""
    first_hour: str
    last_actual: str
    """The last hour whose demand is known."""
    last_hour: str
    """The last hour of the frame: later than `last_actual` where weather is known ahead."""
    demand_minimum: float
    demand_mean: float
    demand_maximum: float
    measured_share: float
    """0..1, of the last 14 days before the end."""
    suspect: tuple[Stretch, ...]
    findings: tuple[Finding, ...]

    def to_dict(self) -> dict[str, Any]:
        """JSON-able; `findings` as a list of objects."""
        body = asdict(self)
        return {
            **body,
            "unused_columns": list(self.unused_columns),
            "suspect": [stretch.to_dict() for stretch in self.suspect],
            "findings": [asdict(finding) for finding in self.findings],
        }

    def lines(self) -> list[str]:
        """The report for a terminal or a log, the summary first."""
        head = [
            f"{self.place}: {self.rows:,} rows, {self.known_hours:,} hours of demand "
            f"{self.first_hour} .. {self.last_actual} UTC",
            f"demand {_megawatts(self.demand_minimum)} .. {_megawatts(self.demand_maximum)} MW, "
            f"mean {_megawatts(self.demand_mean)} MW",
        ]
        if self.last_hour > self.last_actual:
            head.append(f"known ahead, without demand: up to {self.last_hour} UTC")
        if self.reference_hours:
            head.append(f"the grid operator's own forecast: {self.reference_hours:,} hours")
        if self.unused_columns:
            head.append(f"columns left out: {', '.join(self.unused_columns)}")
        if weather := weather_among(self.unused_columns, known=self.columns):
            head.append(
                f"among these is weather that forecasts would use: name it in the region, "
                f"weather = {json.dumps(weather)}"
            )
        return head + [finding.text for finding in self.findings]


def _megawatts(value: float) -> str:
    """One digit behind the point; four in all where that would say nothing of a village."""
    return f"{value:,.1f}" if abs(value) >= 100 else f"{value:.4g}"


def recent_share(judged: pd.DataFrame) -> float:
    """0..1: how many of the last 14 days' hours are measured. `judged`: consecutive hours, column verdict."""
    recent = judged["verdict"].iloc[-RECENT_HOURS:]
    return float((recent == Verdict.MEASURED.value).mean()) if len(recent) else 0.0
