"""The pictures of a run, in the region's local time: the forecast with its bands, and the evaluation."""

from __future__ import annotations

import importlib.util
import logging
import math
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

import matplotlib as mpl
import pandas as pd

from trainer.contract import Region, Verdict
from trainer.contract.quantiles import stated_quantiles
from trainer.plots.texts import PICTURED_BY, TEXTS

mpl.use("Agg")

from matplotlib import font_manager
from matplotlib import pyplot as plt
from matplotlib.dates import AutoDateLocator, ConciseDateFormatter

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

log = logging.getLogger(__name__)

_ACTUAL, _FORECAST, _CHAMPION, _REFERENCE = "#333333", "#1f77b4", "#d98c21", "#9a9a9a"
_PAST_DAYS: Final = 4
_SATURDAY: Final = 5
_MEDIAN: Final = 50
_HANGUL: Final = "NanumGothic"


def plot_forecast(
    history: pd.DataFrame, forecast: pd.DataFrame, region: Region, model: str, path: Path, language: str
) -> None:
    """The last days of actual demand, the forecast with its bands, and its components beside the trend, MW.

    `history` and `forecast` are indexed by UTC hour. A picture that cannot be drawn is only logged.
    """
    with _drawn(path, language):
        texts = TEXTS[language]
        begin = forecast.index[0]
        past = history["demand"].loc[begin - pd.Timedelta(days=_PAST_DAYS) : begin].dropna()
        figure, (top, bottom) = plt.subplots(
            2, 1, figsize=(12, 7), height_ratios=[3, 1.4], layout="constrained"
        )
        local = forecast.tz_convert(region.timezone)
        top.plot(past.tz_convert(region.timezone), color=_ACTUAL, linewidth=1.2, label=texts["actual"])
        _fan(top, local, texts["band"])
        top.plot(local["forecast"], color=_FORECAST, linewidth=1.8, label=texts["forecast"])
        title = texts["forecast_title"].format(
            region=region.title, hours=len(local), begin=f"{local.index[0]:%Y-%m-%d %H:%M}", model=model
        )
        _finish(top, title, texts["demand"])
        _date_axis(top, region.timezone)
        for name, colour in (("seasonality", "#2ca02c"), ("residual", "#9467bd")):
            bottom.plot(local[name], color=colour, label=texts[name])
        _finish(bottom, texts["components"].format(trend=_megawatts(local["trend"].mean())), "MW")
        _date_axis(bottom, region.timezone)
        bottom.set_xlabel(texts["local_time"].format(zone=_zone(local)))
        _save(figure, path)


def plot_evaluation(hourly: pd.DataFrame, region: Region, path: Path, language: str) -> None:
    """Both models' day-ahead forecasts against what came, and their errors by hour of the day.

    `hourly` is indexed by UTC hour with columns actual, challenger, the challenger's quantiles (lower, upper,
    q5 and the like) and, where there is one, champion and reference, the grid operator's own forecast (MW),
    which is judged beside the challenger on its own hours.
    A picture that cannot be drawn is only logged.
    """
    with _drawn(path, language):
        texts = TEXTS[language]
        local = hourly.tz_convert(region.timezone)
        colours = {"reference": _REFERENCE, "champion": _CHAMPION, "challenger": _FORECAST}
        names = [(name, colour) for name, colour in colours.items() if name in local]
        figure, (top, bottom) = plt.subplots(
            2, 1, figsize=(12, 7), height_ratios=[2, 1.2], layout="constrained"
        )
        hour = pd.DatetimeIndex(local.index).hour
        last = local.loc[local.index[-1] - pd.Timedelta(days=14) :]
        _fan(top, last, texts["band"])
        top.plot(last["actual"], color=_ACTUAL, linewidth=1.2, label=texts["actual"])
        positive = bool((local["actual"] > 0).all())
        per_megawatt, unit = (100 / local["actual"], "%") if positive else (1.0, "MW")
        for name, colour in names:
            top.plot(last[name], color=colour, linewidth=1.2, label=texts[name])
            error = (local[name] - local["actual"]).abs() * per_megawatt
            by_hour = error.groupby(hour).mean()
            label = f"{texts[name]}: {error.mean():.2f} {unit}"
            if error.isna().any():
                ours = (local["challenger"] - local["actual"]).abs() * per_megawatt
                label += texts["on_its_hours"].format(error=f"{ours[error.notna()].mean():.2f} {unit}")
            bottom.plot(by_hour.index, by_hour, color=colour, marker="o", label=label)
        _finish(top, texts["evaluation_title"].format(region=region.title), texts["demand"])
        _date_axis(top, region.timezone)
        _finish(bottom, texts["error_title"], "MAPE (%)" if positive else "MAE (MW)")
        bottom.yaxis.set_major_formatter("{x:.1f}")
        bottom.set_xlabel(texts["hour"].format(zone=_zone(local)))
        bottom.set_xticks(range(0, 24, 2))
        _save(figure, path)


def plot_series(
    history: pd.DataFrame, judged: pd.DataFrame, region: Region, path: Path, language: str
) -> None:
    """The whole series with what of it is suspect, in MW, and its usual days.

    `history`: the canonical frame; `judged`: its hours, columns raw (MW) and verdict. A picture that cannot
    be drawn is only logged.
    """
    with _drawn(path, language):
        texts = TEXTS[language]
        figure, (top, bottom) = plt.subplots(
            2, 1, figsize=(12, 7), height_ratios=[2, 1.2], layout="constrained"
        )
        demand = history["demand"].tz_convert(region.timezone)
        suspect = judged.loc[judged["verdict"] == Verdict.SUSPECT.value, "raw"].tz_convert(region.timezone)
        top.plot(demand, color=_FORECAST, linewidth=0.6, label=texts["actual"])
        if len(suspect):
            top.plot(suspect, ".", color=_CHAMPION, markersize=4, label=texts["suspect"])
        _finish(top, texts["series_title"].format(region=region.title), texts["demand"])
        _date_axis(top, region.timezone)
        index = pd.DatetimeIndex(demand.index)
        for name, colour, days in (
            ("weekdays", _ACTUAL, index.day_of_week < _SATURDAY),
            ("weekends", _REFERENCE, index.day_of_week >= _SATURDAY),
        ):
            usual = demand[days].groupby(index[days].hour).median()
            bottom.plot(usual.index, usual, color=colour, marker="o", markersize=3, label=texts[name])
        _finish(bottom, texts["usual_days"], texts["demand"])
        bottom.set_xlabel(texts["hour"].format(zone=region.timezone))
        bottom.set_xticks(range(0, 24, 2))
        _save(figure, path, {"Software": PICTURED_BY})


@contextmanager
def _drawn(path: Path, language: str) -> Iterator[None]:
    """Pictures are for people; the figures stand without them, so a run goes on when one fails."""
    families = ["DejaVu Sans"]
    try:
        if language == "ko":
            families.insert(0, _hangul())
        with mpl.rc_context({"font.family": families}):
            yield
    except Exception:
        log.exception("%s could not be drawn; the run goes on without it", path.name)
        path.unlink(missing_ok=True)


def _hangul() -> str:
    """The family of the font that the package brings, since servers have none with Hangul."""
    package = importlib.util.find_spec("koreanize_matplotlib")  # not imported: it would change every plot
    assert package is not None
    assert package.origin is not None
    font_manager.fontManager.addfont(Path(package.origin).parent / "fonts" / f"{_HANGUL}.ttf")
    return _HANGUL


def _fan(axes: Axes, local: pd.DataFrame, name: str) -> None:
    """The bands between quantiles as far below the median as above it, the widest first."""
    columns = {level: column for column, level in stated_quantiles(local.columns).items()}
    mirrored = {level: round(100 - level, 3) for level in columns if level < _MEDIAN}
    bands = [level for level, other in mirrored.items() if other in columns]
    label = name.format(share=", ".join(f"{100 - 2 * level:g}" for level in bands))
    for number, level in enumerate(bands):
        axes.fill_between(
            local.index,
            local[columns[level]],
            local[columns[mirrored[level]]],
            color=_FORECAST,
            alpha=min(0.2, 0.45 / len(bands)),
            linewidth=0,
            label="_nolegend_" if number else label,
        )


def _zone(local: pd.DataFrame) -> str:
    """The zone as people call it there, such as KST."""
    return str(local.index[0].tzname())


def _finish(axes: Axes, title: str, unit: str) -> None:
    axes.set_title(title, loc="left", fontsize=11)
    low, high = axes.get_ylim()
    axes.yaxis.set_major_formatter(f"{{x:,.{_digits(high - low)}f}}")
    axes.set_ylabel(unit)
    axes.grid(alpha=0.25)
    axes.legend(loc="lower right", bbox_to_anchor=(1, 1), frameon=False, ncols=4)  # beside the title
    axes.spines[["top", "right"]].set_visible(False)


def _megawatts(value: float) -> str:
    return f"{value:,.{_digits(abs(value))}f}"


def _digits(span: float) -> int:
    """Behind the decimal point: none for a country, some for a feeder of a few MW."""
    return max(0, math.ceil(1 - math.log10(span))) if span > 0 else 0


def _date_axis(axes: Axes, zone: str) -> None:
    locator = AutoDateLocator(tz=zone)  # type: ignore[no-untyped-call]
    formats = ["%Y", "%Y-%m", "%m-%d", "%H:%M", "%H:%M", "%S.%f"]
    axes.xaxis.set_major_locator(locator)
    axes.xaxis.set_major_formatter(
        ConciseDateFormatter(  # type: ignore[no-untyped-call]
            locator,
            tz=zone,
            formats=formats,
            zero_formats=["", "%Y", "%m-%d", "%m-%d", "%H:%M", "%H:%M"],
            show_offset=False,
        )
    )


def _save(figure: Figure, path: Path, said: dict[str, str] | None = None) -> None:
    figure.savefig(path, dpi=110, metadata=said)
    plt.close(figure)
