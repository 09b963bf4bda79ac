"""The pictures of a run, in the region's local time: the forecast with its band, and the evaluation."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import matplotlib as mpl
import pandas as pd

from trainer.contract import Region

mpl.use("Agg")

from matplotlib import pyplot as plt
from matplotlib.dates import AutoDateLocator, ConciseDateFormatter

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_ACTUAL, _FORECAST, _CHAMPION = "#333333", "#1f77b4", "#d98c21"
_PAST_DAYS = 4


def plot_forecast(
    history: pd.DataFrame, forecast: pd.DataFrame, region: Region, title: str, path: Path
) -> None:
    """The last days of actual demand, the forecast with its band, and its three components, in GW and MW.

    `history` and `forecast` are indexed by UTC hour; demand in MW.
    """
    zone = region.timezone
    past = (
        history["demand"].loc[forecast.index[0] - pd.Timedelta(days=_PAST_DAYS) : forecast.index[0]].dropna()
    )
    figure, (top, bottom) = plt.subplots(2, 1, figsize=(12, 7), height_ratios=[3, 1.4], layout="constrained")
    local = forecast.tz_convert(zone)
    top.plot(past.tz_convert(zone), color=_ACTUAL, linewidth=1.2, label="actual")
    top.fill_between(
        local.index, local["lower"], local["upper"], color=_FORECAST, alpha=0.2, label="80 % band"
    )
    top.plot(local["forecast"], color=_FORECAST, linewidth=1.8, label="forecast")
    _finish(top, title, "demand (MW)")
    _date_axis(top, zone)
    bottom.plot(local["seasonality"], color="#2ca02c", label="seasonality")
    bottom.plot(local["residual"], color="#9467bd", label="residual")
    _finish(bottom, f"components beside a trend of {local['trend'].mean():,.0f} MW", "MW")
    _date_axis(bottom, zone)
    bottom.set_xlabel(f"local time ({zone})")
    _save(figure, path)


def plot_evaluation(hourly: pd.DataFrame, region: Region, path: Path) -> None:
    """Both models' day-ahead forecasts against what came, and the challenger's error by hour of the day.

    `hourly` is indexed by UTC hour with columns actual, challenger and, where there is one, champion (MW).
    """
    local = hourly.tz_convert(region.timezone)
    colours = {"champion": _CHAMPION, "challenger": _FORECAST}
    names = [(name, colour) for name, colour in colours.items() if name in local]
    figure, (top, bottom) = plt.subplots(2, 1, figsize=(12, 7), height_ratios=[2, 1.2], layout="constrained")
    hour = pd.DatetimeIndex(local.index).hour
    last = local.loc[local.index[-1] - pd.Timedelta(days=14) :]
    top.plot(last["actual"], color=_ACTUAL, linewidth=1.2, label="actual")
    for name, colour in names:
        top.plot(last[name], color=colour, linewidth=1.2, label=name)
        error = 100 * (local[name] - local["actual"]).abs() / local["actual"]
        by_hour = error.groupby(hour).mean()
        bottom.plot(by_hour.index, by_hour, color=colour, marker="o", label=f"{name}: {error.mean():.2f} %")
    _finish(top, f"{region.title}: day-ahead forecasts, the last 14 held-out days", "demand (MW)")
    _date_axis(top, region.timezone)
    _finish(bottom, "mean absolute percentage error by hour of the day, all held-out days", "MAPE (%)")
    bottom.yaxis.set_major_formatter("{x:.1f}")
    bottom.set_xlabel(f"hour of the day ({region.timezone})")
    bottom.set_xticks(range(0, 24, 2))
    _save(figure, path)


def _finish(axes: Axes, title: str, unit: str) -> None:
    axes.set_title(title, loc="left", fontsize=11)
    axes.yaxis.set_major_formatter("{x:,.0f}")
    axes.set_ylabel(unit)
    axes.grid(alpha=0.25)
    axes.legend(loc="best", frameon=False, ncols=4)
    axes.spines[["top", "right"]].set_visible(False)


def _date_axis(axes: Axes, zone: str) -> None:
    locator = AutoDateLocator(tz=zone)  # type: ignore[no-untyped-call]
    axes.xaxis.set_major_locator(locator)
    axes.xaxis.set_major_formatter(
        ConciseDateFormatter(locator, tz=zone)  # type: ignore[no-untyped-call]
    )


def _save(figure: Figure, path: Path) -> None:
    figure.savefig(path, dpi=110)
    plt.close(figure)
