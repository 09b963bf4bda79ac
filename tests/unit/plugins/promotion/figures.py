"""Figures that a challenger and a champion could have, and the policy that they are judged by."""

from __future__ import annotations

from demand_forecast.promotion.gate import PromotionPolicy
from demand_forecast.promotion.metrics import Metrics

POLICY = PromotionPolicy()
ERRORS = ("mape", "smape", "mae", "mse", "rmse")


def figures(mape: float | None = 2.0, hours: int | None = 672) -> Metrics:
    return Metrics(mape=mape, smape=2.0, mae=100.0, mse=2e4, rmse=141.4, r2=0.95, hours=hours)
