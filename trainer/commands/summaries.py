"""What a person reads at the end of a verb."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

from rich.table import Table

from trainer.commands.console import facts_table, metrics_table, show
from trainer.contract import Manifest, Region
from trainer.data.report import DataReport
from trainer.redaction import redacted
from trainer.store import Run

_STRETCHES_SHOWN: Final = 5


def show_training(run: Run, trained: Manifest, scored: Manifest, published: Manifest, source: str) -> None:
    """From the file `source` to a published model: its scores, where it lies, and the next command."""
    show(
        metrics_table(
            _held_out(scored),
            {"model": scored.metrics["challenger"], "seasonal naive": scored.metrics["baseline"]},
        ),
        *_beside_reference(scored.facts.get("beside_reference")),
        facts_table(
            "trained",
            [
                ("version", trained.facts["version"]),
                ("run", run.run_id),
                ("trained on", f"{trained.facts['train_from']} .. {trained.facts['train_until']}"),
                *_places(trained.facts.get("places", {})),
                ("seconds to fit", trained.facts["seconds"]),
                ("model", run.store.locate(published.facts["artifact"]["path"])),
                *(
                    ("plot", run.store.locate(ref.path))
                    for name, ref in scored.outputs.items()
                    if name == "evaluation.png"  # missing where it could not be drawn
                ),
                ("next", f"python -m trainer forecast --csv {redacted(source)} --region {run.region.name}"),
            ],
        ),
    )


def _places(weights: Mapping[str, float]) -> list[tuple[str, object]]:
    """The places that demand follows most; nothing where each counts as much."""
    most = sorted(weights.items(), key=lambda place: -place[1])
    told = ", ".join(f"{name} {weight:.0%}" for name, weight in most)
    return [("what places count by", told)] if told else []


def show_evaluation(scored: Manifest) -> None:
    columns = {name: values for name, values in scored.metrics.items() if values and name != "reference"}
    show(
        metrics_table(_held_out(scored), columns),
        *_beside_reference(scored.facts.get("beside_reference")),
    )


def _held_out(scored: Manifest) -> str:
    return f"{scored.facts.get('product') or 'day-ahead'} over {scored.facts['hours']} held-out hours"


def show_forecast(run: Run, made: Manifest) -> None:
    facts = made.facts
    rows = [
        ("model", facts["version"]),
        ("age of the model", _age(facts["model_age_days"])),
        ("fallback", facts["fallback"]),
        *(("because", reason) for reason in facts["fallback_reasons"]),
        *(
            ("weather carried on", f"{name}, {hours} h of those ahead")
            for name, hours in facts.get("weather_carried_on", {}).items()
        ),
        ("hours", _covered(facts)),
        *_days(facts.get("days", []), run.region),
        *((name.rpartition(".")[2], run.store.locate(ref.path)) for name, ref in made.outputs.items()),
    ]
    show(facts_table(f"forecast of {run.region.title}", rows))


def _days(days: Sequence[Mapping[str, Any]], region: Region) -> list[tuple[str, object]]:
    """Peak and energy of each day, with what 80 % of such days lie within."""
    told: list[tuple[str, object]] = []
    for day in days:
        hour = datetime.fromisoformat(day["peak_time"]).astimezone(region.zone)
        peak, energy = (_within(day, name) for name in ("peak_mw", "energy_mwh"))
        told.append((f"peak of {day['date']} (MW)", f"{peak}, in the hour from {hour:%H:%M}"))
        told.append((f"energy of {day['date']} (MWh)", energy))
    return told


def _within(day: Mapping[str, Any], name: str) -> str:
    what, unit = name.split("_")
    lower, upper = (_number(day[f"{what}_{edge}_{unit}"]) for edge in ("lower", "upper"))
    return f"{_number(day[name])}, 80 % band {lower} .. {upper}"


def _number(value: float) -> str:
    """Whole for a country, with decimals for a feeder of a few MW."""
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:,.4g}"


def _covered(facts: Mapping[str, Any]) -> str:
    ahead = facts.get("first_lead_time", 1) - 1  # a run of the release before does not tell it
    first = datetime.fromisoformat(facts["origin"]) + timedelta(hours=ahead)
    told = f"{facts['horizon'] - ahead} from {first.isoformat()}"
    return f"{told}, made at {facts['origin']}" if ahead else told


def show_refit(run: Run, made: Manifest) -> None:
    facts, check = made.facts, made.facts.get("check") or {}
    rows = [
        ("parent", facts["parent"]),
        ("outcome", "published" if facts["accepted"] else "not published"),
        ("because", facts["reason"]),
        *((name, facts[name]) for name in ("version", "train_until", "networks_until") if name in facts),
        *_places(facts.get("places", {})),
    ]
    if check.get("hours"):
        errors = f"{check['mae']:,.4g} MW, its parent's {check['parent_mae']:,.4g} MW"
        rows.append(("error on the last days", errors))
    show(facts_table(f"{run.region.title}: brought up to date", rows))


def show_scores(scored: Manifest) -> None:
    """Nothing where no forecast could be scored."""
    if scored.metrics:
        columns = {day: values for day, values in scored.metrics.items() if values}
        show(metrics_table("forecasts whose actuals have arrived", columns), *_days_beside_reference(columns))


def show_backtest(region: Region, figures: Mapping[str, Any]) -> None:
    holidays = figures["mape_holidays"]
    rows = [
        ("hours", figures["hours"]),
        ("MAPE on holidays (%)", "-" if holidays is None else round(holidays, 3)),
        ("80 % band holds (%)", round(figures["coverage"], 1)),
        ("hours below each quantile (%)", _shares(figures["coverage_by_quantile"])),
        *_of_days(figures["days"]),
        *_produced(figures.get("produced")),
        ("seconds to fit", round(figures["seconds_fit"], 1)),
        ("seconds to forecast", round(figures["seconds_forecast"], 1)),
        ("hourly", figures["hourly"]),
    ]
    window = f"{figures['test_start']} .. {figures['test_end']}"
    show(
        metrics_table(f"{region.title}, {window}", {"model": figures}),
        *_beside_reference(figures["beside_reference"]),
        facts_table(f"backtest, made {_made(figures['product'])}", rows),
    )


def _shares(by_level: Mapping[str, float]) -> str:
    return ", ".join(f"{level}: {share:.1f}" for level, share in by_level.items())


def _of_days(scores: Mapping[str, Any] | None) -> list[tuple[str, object]]:
    if scores is None:
        return []
    held = f"{scores['peak_coverage']:.1f}, {scores['energy_coverage']:.1f}"
    return [(f"80 % band of daily peak, energy holds (%), {scores['days']} days", held)]


def _made(product: Mapping[str, Any] | None) -> str:
    if product is None:
        return "at midnight for the day that begins"
    when = f"at {product['at']}" if "at" in product else f"every {product['every']}"
    return f"{when} for " + (f"{product['hours']} hours" if "hours" in product else product["covers"])


def _produced(facts: Mapping[str, Any] | None) -> list[tuple[str, object]]:
    names = ("trainings", "promotions", "refits")
    return [(name, facts[name]) for name in names] if facts else []


def _beside_reference(beside: Mapping[str, Any] | None) -> list[Table]:
    """What `beside_reference` found; nothing where the source has no forecast of the operator's."""
    if beside is None:
        return []
    columns = {
        "operator" if name == "reference" else name: beside[name] for name in beside if name != "hours"
    }
    return [metrics_table(f"beside the operator's own forecast, {beside['hours']} hours of both", columns)]


def _days_beside_reference(days: Mapping[str, Mapping[str, Any]]) -> list[Table]:
    rows = [
        (
            day,
            f"{_error(figures, 'reference')} against ours {_error(figures, 'common')}, "
            f"{figures['common_hours']} hours of both",
        )
        for day, figures in days.items()
        if "common_hours" in figures
    ]
    return [facts_table("error of the operator's own forecast", rows)] if rows else []


def _error(figures: Mapping[str, Any], whose: str) -> str:
    """The MAPE, or the MAE where a percentage means nothing."""
    mape = figures[f"{whose}_mape"]
    return f"MAE {figures[f'{whose}_mae']:,.3g} MW" if mape is None else f"MAPE {mape:.2f} %"


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
        ("picture", str(picture)),
        ("next", f"python -m trainer train {command}"),
        ("then", f"python -m trainer forecast {command}"),
    ]
    show(facts_table(f"{region.title}: what was understood", rows))


def _age(days: float | None) -> str:
    return "-" if days is None else f"{days:.1f} days since the end of its training data"


def show_judgements(region: Region, judgements: Sequence[Mapping[str, str]]) -> None:
    """What was said of a region's hours, the last word at the end."""
    said = [
        (f"{one['first']} .. {one['last']}", f"{one['judgement']} by {one['decided_by']}: {one['reason']}")
        for one in judgements
    ]
    show(facts_table(f"judgements on {region.title}", said or [("none", "the rules stand")]))


def show_shadows(region: Region, shadows: Sequence[Mapping[str, Any]]) -> None:
    """A region's shadows, those first that were added first."""
    said = [
        (
            one["name"],
            f"{one['version'] or one['kind']}, {_since(one)}, added by {one['added_by']}: {one['reason']}",
        )
        for one in shadows
    ]
    show(
        facts_table(f"{region.title}: shadows", said or [("none", "the champion forecasts alone")]),
        *(
            metrics_table(
                f"{one['name']} on {found['hours']} live hours of {found['days']} days, {found['first']} .. "
                f"{found['last']}; {_improved(found)}",
                {"champion": found["champion"], one["name"]: found["shadow"]},
            )
            for one in shadows
            if (found := one["comparison"])
        ),
    )


def _improved(comparison: Mapping[str, Any]) -> str:
    """What the paired test says of it."""
    found = comparison["improvement"]
    if found is None:
        return "too few days for a test"
    unit = "points of MAPE" if comparison["unit"] == "%" else "MW"
    return (
        f"it saves {found['mean']:.3g} {unit} a day (90 % interval {found['lower']:.3g} to "
        f"{found['upper']:.3g}, p {found['p_value']:.2g})"
    )


def _since(shadow: Mapping[str, Any]) -> str:
    until = shadow["removed_at"]
    return f"from {shadow['added_at']}" + (f" to {until}{_why_removed(shadow)}" if until else " on")


def _why_removed(shadow: Mapping[str, Any]) -> str:
    said = ": ".join(filter(None, (shadow["removed_by"], shadow["removed_reason"])))
    return f" (removed by {said})" if said else ""


def show_housekeeping(run: Run, manifest: Manifest) -> None:
    """What went, or would go, each with its size."""
    facts = manifest.facts
    gone = [(path, _megabytes(size)) for kind in ("versions", "runs") for path, size in facts[kind].items()]
    studies = [(study, "a search's trials") for study in facts["studies"]]
    left = facts["bytes_before"] - facts["bytes_freed"]
    title = "what would be removed" if facts["dry_run"] else "removed"
    show(
        facts_table(f"{run.region.title}: {title}", [*gone, *studies] or [("nothing", "")]),
        facts_table(
            f"{run.region.title}: in the store",
            [
                ("before", _megabytes(facts["bytes_before"])),
                ("after", _megabytes(left)),
            ],
        ),
    )


def _megabytes(size: int) -> str:
    return f"{size / 1e6:,.2f} MB"
