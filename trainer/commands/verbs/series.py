"""A region and its series: what is read of it, frozen for a run, and said of its hours."""

# ruff: noqa: PLC0415

from __future__ import annotations

import argparse
from collections.abc import Sequence

from trainer.commands.console import write_json
from trainer.commands.outputs import region_plot_path
from trainer.commands.summaries import show_judgements, show_region
from trainer.contract import FileSettings, Manifest, Region, regions_file
from trainer.errors import UsageError
from trainer.store import Run


def ingest(options: argparse.Namespace, run: Run) -> Manifest:
    from trainer.steps.ingest import ingest as step

    return step(run, source=options.source, read=options.read, weather_issued=options.weather_issued)


def snapshot(options: argparse.Namespace, run: Run, *, weather_may_lack: bool = False) -> Manifest:
    from trainer.steps.snapshot import snapshot as step

    return step(
        run,
        lookback_days=options.lookback_days,
        source=options.source,
        read=options.read,
        weather_issued=options.weather_issued,
        weather_may_lack=weather_may_lack,
    )


def region(options: argparse.Namespace) -> None:
    from trainer.environment import language
    from trainer.plots.pictures import plot_series
    from trainer.steps import region as step

    path = regions_file()
    step.check(options.region, path)
    understood = step.understand(options.region, options.source, answers_of(options))
    picture = region_plot_path(options)
    plot_series(understood.held.frame, understood.held.judged, understood.region, picture, language())
    step.add(understood.region, path)
    report = understood.held.report
    write_json(
        {"region": understood.region.name, "file": str(path), "report": report.to_dict()}, options.json
    )
    if options.json != "-":
        show_region(understood.region, report, path, picture)


def answers_of(options: argparse.Namespace) -> dict[str, object]:
    """The keys of a region that were answered."""
    keys = ("country", "timezone", "subdivision", "latitude", "longitude", "title", "weather")
    answers = {key: getattr(options, key) for key in (*keys, *FileSettings.keys())}
    tables = {"columns": dict(options.columns or []), "where": _several(options.where or [])}
    return {key: value for key, value in {**answers, **tables}.items() if value not in (None, {})}


def _several(pairs: Sequence[tuple[str, str]]) -> dict[str, list[str]]:
    """By header all values that were given for it."""
    values: dict[str, list[str]] = {}
    for header, value in pairs:
        values.setdefault(header, []).append(value)
    return values


def judge(options: argparse.Namespace, region: Region) -> None:
    from trainer.steps.judge import judge as record
    from trainer.steps.judge import judgements

    if options.judgement or options.first or options.last:
        record(
            region,
            first=_said(options, "first", "from"),
            last=options.last or options.first,
            judgement=_said(options, "judgement", "accept or --reject"),
            decided_by=_said(options, "by"),
            reason=_said(options, "why"),
        )
    found = judgements(region)
    write_json({"region": region.name, "judgements": found}, options.json)
    if options.json != "-":
        show_judgements(region, found)


def _said(options: argparse.Namespace, name: str, spelled: str | None = None) -> str:
    value: str | None = getattr(options, name)
    if not value:
        raise UsageError(
            f"--{spelled or name} is missing; say which hours, --accept or --reject, --by, --why"
        )
    return value
