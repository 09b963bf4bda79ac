"""A region's shadows, and how each did beside the champion."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from trainer.commands.console import facts_table, metrics_table, show
from trainer.contract import Region


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
