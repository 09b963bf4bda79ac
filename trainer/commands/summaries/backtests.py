"""What a backtest found: its errors, its band, what it trained and what it took."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from trainer.commands.console import facts_table, metrics_table, show
from trainer.commands.summaries.shared import beside_reference
from trainer.contract import Region


def show_backtest(region: Region, figures: Mapping[str, Any]) -> None:
    holidays = figures["mape_holidays"]
    rows = [
        ("hours", figures["hours"]),
        ("MAPE on holidays (%)", "-" if holidays is None else round(holidays, 3)),
        ("80 % band holds (%)", round(figures["coverage"], 1)),
        ("hours below each quantile (%)", _shares(figures["coverage_by_quantile"])),
        *_of_days(figures["days"]),
        *_produced(figures.get("produced")),
        *_issued(figures.get("issued")),
        ("seconds to fit", round(figures["seconds_fit"], 1)),
        ("seconds to forecast", round(figures["seconds_forecast"], 1)),
        ("hourly", figures["hourly"]),
    ]
    window = f"{figures['test_start']} .. {figures['test_end']}"
    show(
        metrics_table(f"{region.title}, {window}", {"model": figures}),
        *beside_reference(figures["beside_reference"]),
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


def _issued(facts: Mapping[str, Any] | None) -> list[tuple[str, object]]:
    if facts is None:
        return []
    rows: list[tuple[str, object]] = [
        ("hours with issued weather (%)", round(facts["covered_share"], 1)),
        ("hours without any weather", facts["weatherless"]),
    ]
    age = facts["age_hours"]
    return rows if age is None else [*rows, ("median age of their issue (h)", round(age, 1))]
