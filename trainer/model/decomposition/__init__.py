"""Trend and seasonality: the part of demand that two regressions on the log scale explain.

Fitted in closed form, on NumPy alone; what they leave over is the residual that the other rooms forecast.
"""

from trainer.model.decomposition.decomposition import Decomposition, Series, best_orders

__all__ = ["Decomposition", "Series", "best_orders"]
