"""Figures that a challenger and a champion could have, and the policy that they are judged by."""

from __future__ import annotations

from demand_forecast.promotion.gate import PromotionPolicy
from demand_forecast.promotion.metrics import Improvement, Metrics

POLICY = PromotionPolicy()
ERRORS = ("mape", "smape", "mae", "mse", "rmse")


def figures(mape: float | None = 2.0, hours: int | None = 672) -> Metrics:
    return Metrics(mape=mape, smape=2.0, mae=100.0, mse=2e4, rmse=141.4, r2=0.95, hours=hours)


def saving(mean: float = 0.5, *, p_value: float = 0.01) -> Improvement:
    """A challenger's over the champion, over four weeks."""
    return Improvement(days=28, mean=mean, lower=mean - 0.2, upper=mean + 0.2, p_value=p_value)
