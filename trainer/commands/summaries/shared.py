"""Lines that the summaries of several verbs hold."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.table import Table

from trainer.commands.console import metrics_table


def beside_reference(beside: Mapping[str, Any] | None) -> list[Table]:
    """A table of the fact `beside_reference`; nothing where the source has no forecast of the operator's."""
    if beside is None:
        return []
    columns = {
        "operator" if name == "reference" else name: beside[name] for name in beside if name != "hours"
    }
    return [metrics_table(f"beside the operator's own forecast, {beside['hours']} hours of both", columns)]


def places_counted(weights: Mapping[str, float]) -> list[tuple[str, object]]:
    """The places that demand follows most; nothing where each counts as much."""
    most = sorted(weights.items(), key=lambda place: -place[1])
    told = ", ".join(f"{name} {weight:.0%}" for name, weight in most)
    return [("what places count by", told)] if told else []


def members_counted(weights: Mapping[str, float]) -> list[tuple[str, object]]:
    """What the members of an ensemble count by; nothing of a model that stands alone."""
    told = ", ".join(f"{name} {weight:.0%}" for name, weight in weights.items())
    return [("average of", told)] if told else []
