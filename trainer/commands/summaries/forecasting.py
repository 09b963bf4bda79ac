"""A forecast with its days, what brought its model up to date, and how forecasts did."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from rich.table import Table

from trainer.commands.console import facts_table, metrics_table, show
from trainer.commands.summaries.shared import members_counted, places_counted
from trainer.contract import Manifest, Region
from trainer.store import Run


def show_forecast(run: Run, made: Manifest) -> None:
    facts = made.facts
    rows = [
        ("model", facts["version"]),
        ("age of the model", _age(facts["model_age_days"])),
        ("fallback", _fallback(facts)),
        *(("because", reason) for reason in facts["fallback_reasons"]),
        *(
            ("weather carried on", f"{name}, {hours} h of those ahead")
            for name, hours in facts.get("weather_carried_on", {}).items()
        ),
        *members_counted(facts.get("members", {})),
        ("hours", _covered(facts)),
        *_days(facts.get("days", []), run.region),
        *((name.rpartition(".")[2], run.store.locate(ref.path)) for name, ref in made.outputs.items()),
    ]
    show(facts_table(f"forecast of {run.region.title}", rows))


def _fallback(facts: Mapping[str, Any]) -> str:
    kind, first = facts["fallback"], facts.get("fallback_from") or 1
    return f"{kind}, from {first} h ahead on" if first > facts.get("first_lead_time", 1) else str(kind)


def _age(days: float | None) -> str:
    return "-" if days is None else f"{days:.1f} days since the end of its training data"


def _covered(facts: Mapping[str, Any]) -> str:
    ahead = facts.get("first_lead_time", 1) - 1  # a run of the release before does not tell it
    first = datetime.fromisoformat(facts["origin"]) + timedelta(hours=ahead)
    told = f"{facts['horizon'] - ahead} from {first.isoformat()}"
    return f"{told}, made at {facts['origin']}" if ahead else told


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


def show_refit(run: Run, made: Manifest) -> None:
    facts, check = made.facts, made.facts.get("check") or {}
    rows = [
        ("parent", facts["parent"]),
        ("outcome", "published" if facts["accepted"] else "not published"),
        ("because", facts["reason"]),
        *((name, facts[name]) for name in ("version", "train_until", "networks_until") if name in facts),
        *places_counted(facts.get("places", {})),
        *members_counted(facts.get("members", {})),
    ]
    if check.get("hours"):
        mae = "none could be made" if check["mae"] is None else f"{check['mae']:,.4g} MW"
        rows.append(("error on the last days", f"{mae}, its parent's {check['parent_mae']:,.4g} MW"))
    show(facts_table(f"{run.region.title}: brought up to date", rows))


def show_scores(scored: Manifest) -> None:
    """Nothing where no forecast could be scored."""
    if scored.metrics:
        columns = {day: values for day, values in scored.metrics.items() if values}
        show(metrics_table("forecasts whose actuals have arrived", columns), *_days_beside_reference(columns))


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
