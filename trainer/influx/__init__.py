"""Publishes forecasts, actuals, their quality and metrics to InfluxDB 2, where dashboards read them.

A point's key is its measurement, its tags and its time, so a rerun overwrites it. Every write is read
back and compared before it counts.
"""

from trainer.influx.delivery import deliver
from trainer.influx.publish import (
    publish_actuals,
    publish_decisions,
    publish_forecast,
    publish_metrics,
    publish_quality,
    publish_shadows,
)
from trainer.influx.server import InfluxSettings

__all__ = [
    "InfluxSettings",
    "deliver",
    "publish_actuals",
    "publish_decisions",
    "publish_forecast",
    "publish_metrics",
    "publish_quality",
    "publish_shadows",
]
