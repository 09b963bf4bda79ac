"""Publishes forecasts, actuals, their quality and metrics to InfluxDB 2, where dashboards read them.

A point's key is its measurement, its tags and its time, so a rerun overwrites it. Every write is read
back and compared before it counts.
"""

from trainer.influx.actuals import publish_actuals, publish_quality
from trainer.influx.delivery import deliver
from trainer.influx.forecasts import publish_days, publish_forecast, publish_shadows
from trainer.influx.scores import publish_decisions, publish_metrics, remove_other_scores
from trainer.influx.server import InfluxSettings

__all__ = [
    "InfluxSettings",
    "deliver",
    "publish_actuals",
    "publish_days",
    "publish_decisions",
    "publish_forecast",
    "publish_metrics",
    "publish_quality",
    "publish_shadows",
    "remove_other_scores",
]
