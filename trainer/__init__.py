"""Forecasts hourly power demand: the command line, the pods, the REST API and, for Python users,
`DemandForecaster`. Knows no Airflow."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from trainer.demand_forecaster import DemandForecaster

__all__ = ["DemandForecaster", "__version__"]

__version__ = "0.2.0"


def __getattr__(name: str) -> Any:
    # Late: every verb imports this package, and scikit-learn takes a second.
    if name != "DemandForecaster":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from trainer.demand_forecaster import DemandForecaster  # noqa: PLC0415

    return DemandForecaster
