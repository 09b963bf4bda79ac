"""What was understood of a region's file, and what people said of its hours."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from trainer.commands.console import facts_table, show
from trainer.contract import Region
from trainer.data.reference import REFERENCE
from trainer.data.report import DataReport
from trainer.redaction import redacted

_STRETCHES_SHOWN: Final = 5
_REFERENCE_HELPS: Final = (
    'ensemble = ["reference", "trees"] in the entry averages the model with the grid operator\'s own '
    "forecast, which is only compared with it otherwise: docs/ensembles.md"
)


def show_region(region: Region, report: DataReport, path: Path, picture: Path) -> None:
    """What was understood of a new region's file, and the commands that lead on."""
    shares = f"{report.known_hours:,} of {report.hours:,}"
    suspect = [
        (f"suspect: {one.first} .. {one.last}", one.reason) for one in report.suspect[-_STRETCHES_SHOWN:]
    ]
    command = f"--csv {redacted(region.source)} --region {region.name}"
    rows = [
        ("entry", f"{region.name}, in {path}"),
        ("place", f"{region.timezone}, {region.country}, {region.latitude:g} N {region.longitude:g} E"),
        *((f"column {ours}", theirs) for ours, theirs in report.columns.items()),
        ("left out", ", ".join(report.unused_columns) or "no column"),
        ("first hour (UTC)", report.first_hour),
        ("last measured hour (UTC)", report.last_actual),
        ("hours measured", shares),
        ("hours missing", f"{report.missing_hours:,}"),
        ("demand (MW)", f"{report.demand_minimum:,.3f} .. {report.demand_maximum:,.3f}"),
        *suspect,
        *(("note", finding.text) for finding in report.findings),
        *([("note", _REFERENCE_HELPS)] if _could_average(region, report) else []),
        ("picture", str(picture)),
        ("next", f"python -m trainer train {command}"),
        ("then", f"python -m trainer forecast {command}"),
    ]
    show(facts_table(f"{region.title}: what was understood", rows))


def _could_average(region: Region, report: DataReport) -> bool:
    return REFERENCE in report.columns and REFERENCE not in region.ensemble


def show_judgements(region: Region, judgements: Sequence[Mapping[str, str]]) -> None:
    """What was said of a region's hours, the last word at the end."""
    said = [
        (f"{one['first']} .. {one['last']}", f"{one['judgement']} by {one['decided_by']}: {one['reason']}")
        for one in judgements
    ]
    show(facts_table(f"judgements on {region.title}", said or [("none", "the rules stand")]))
