"""A model's errors as an evaluation's manifest has them, and which of them decides between two models."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self


@dataclass(frozen=True, kw_only=True)
class Metrics:
    """One model's errors over the held-out hours. None and NaN stand for a figure that was not had."""

    mape: float | None
    """Percent, as smape; both absent together where demand is zero or below."""
    smape: float | None
    mae: float | None
    """MW, as rmse; mse in MW squared."""
    mse: float | None
    rmse: float | None
    r2: float | None
    """None where the demand was constant."""
    hours: int | None
    note: str | None = None
    """Why there are no figures, where somebody said so."""

    @classmethod
    def parse(cls, figures: Mapping[str, Any], hours: Any = None) -> Self:
        """The figures of a manifest; one that is absent or no number becomes None. `hours` counts where the
        figures have none of their own."""
        counted = _number(figures.get("hours", hours))
        return cls(
            mape=_number(figures.get("mape")),
            smape=_number(figures.get("smape")),
            mae=_number(figures.get("mae")),
            mse=_number(figures.get("mse")),
            rmse=_number(figures.get("rmse")),
            r2=_number(figures.get("r2")),
            hours=int(counted) if counted is not None and math.isfinite(counted) else None,
        )

    @classmethod
    def not_had(cls, note: str) -> Self:
        """The figures of a model that could not be scored, and why it could not."""
        return cls(mape=None, smape=None, mae=None, mse=None, rmse=None, r2=None, hours=None, note=note)

    def fault(self) -> str | None:
        """What makes the figures unfit for a decision, in words; None when they are fit."""
        errors = {"MAPE": self.mape, "SMAPE": self.smape, "MAE": self.mae, "MSE": self.mse, "RMSE": self.rmse}
        without_percentages = self.mape is None and self.smape is None
        for name, value in errors.items():
            if without_percentages and name in ("MAPE", "SMAPE"):
                continue
            if value is None:
                return self.note or f"its {name} is missing"
            if not math.isfinite(value) or value < 0:
                return f"its {name} is {value}"
        if self.r2 is not None and not math.isfinite(self.r2):
            return f"its R2 is {self.r2}"
        if self.hours is None:
            return "the number of hours it was scored on is missing"
        return None


@dataclass(frozen=True, kw_only=True)
class Improvement:
    """By how much the challenger errs less a day than the champion, as `evaluate` tested it; the interval
    holds the truth in 90 % of cases."""

    days: int
    mean: float
    lower: float
    upper: float
    p_value: float

    @classmethod
    def parse(cls, found: Any) -> Self | None:
        """From a manifest's fact; None where it has none, or one that is not whole."""
        figures = found if isinstance(found, Mapping) else {}
        days, mean, lower, upper, p_value = (
            _number(figures.get(name)) for name in ("days", "mean", "lower", "upper", "p_value")
        )
        if days is None or mean is None or lower is None or upper is None or p_value is None:
            return None
        if not all(map(math.isfinite, (days, mean, lower, upper, p_value))):
            return None
        return cls(days=int(days), mean=mean, lower=lower, upper=upper, p_value=p_value)

    def said(self, unit: str) -> str:
        points = "points of MAPE" if unit == "%" else unit
        return (
            f"over {self.days} days it saves {self.mean:.3g} {points} a day "
            f"(90 % interval {self.lower:.3g} to {self.upper:.3g}, p {self.p_value:.2g})"
        )


@dataclass(frozen=True)
class DecidingError:
    """The figure that decides."""

    name: str
    value: float
    unit: str

    def __str__(self) -> str:
        return f"{self.name} {self.said}"

    @property
    def said(self) -> str:
        return f"{self.value:.3f} {self.unit}" if self.unit == "%" else f"{self.value:.4g} {self.unit}"


def deciding_error(fit: Metrics) -> DecidingError:
    """The error that decides between two models without a fault: MAPE, or MAE where there is no MAPE."""
    if fit.mape is not None:
        return DecidingError("MAPE", fit.mape, "%")
    assert fit.mae is not None
    return DecidingError("MAE", fit.mae, "MW")


def _number(value: Any) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None
