"""backtest: day-ahead forecasts over a past window, as they would have been made. Part of no run."""

from __future__ import annotations

import logging
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd

from trainer.contract import RAW_DEMAND_SOURCE, Product, Region
from trainer.contract.products import asked_for
from trainer.data.sources import read_source
from trainer.data.validation import canonical
from trainer.data.weather.issued import IssuedWeather
from trainer.data.weather.issued_files import read_issued_weather
from trainer.environment import require_database_url
from trainer.errors import UsageError
from trainer.model.backtest import Refit, WeatherKind, refuse_contradictions, region_of
from trainer.model.backtest import backtest as backtest_model
from trainer.model.covariates.issued_errors import with_day_ahead
from trainer.model.production_replay import Schedule
from trainer.model.progress import Progress
from trainer.model.training.search.search import search
from trainer.steps.find_issues import stored_issues
from trainer.store import write_whole

log = logging.getLogger(__name__)


def backtest(
    region: Region,
    *,
    source: str | None,
    test_start: date,
    test_end: date,
    refit: Refit,
    as_produced: Schedule | None,
    weather: WeatherKind,
    weather_issued: str | None,
    product: Product | None,
    trials: int,
    epochs: int,
    seed: int,
    device: str,
    progress: Progress,
    hourly_path: Path,
) -> dict[str, Any]:
    """Searches and fits on what lies before `test_start` (a local day), then forecasts each day up to
    `test_end`, included, at its midnight or as `product` asks. Writes the hours (UTC, MW) to `hourly_path`
    as CSV; returns the figures. `weather_issued`: the file of issued weather for `as-issued`, instead of the
    region's.

    Raises DataError when the data does not cover the window or is too short before it, UsageError for what
    contradicts itself, before anything is read.
    """
    refuse_contradictions(as_produced, weather, product)
    issued = _issued(region, source or region.source, weather_issued) if weather == "as-issued" else None
    read = canonical(read_source(region, source=source), region)
    for line in read.report.lines():
        log.info("%s", line)
    begin, _ = asked_for(test_start, product, region)[0]
    history = with_day_ahead(read.frame, issued, region, product) if issued else read.frame
    found = search(
        history,
        region_of(region, weather),
        trials=trials,
        epochs=epochs,
        seed=seed,
        train_until=pd.Timestamp(begin),
        device=device,
        progress=progress,
    )
    result = backtest_model(
        history,
        region,
        found.best,
        test_start=test_start,
        test_end=test_end,
        refit=refit,
        as_produced=as_produced,
        weather=weather,
        issued=issued,
        product=product,
        device=device,
        progress=progress,
    )
    write_whole(hourly_path, result.hourly.to_csv(float_format="%.2f").encode())
    return {
        "region": region.name,
        "test_start": test_start.isoformat(),
        "test_end": test_end.isoformat(),
        "refit": refit,
        "as_produced": asdict(as_produced) if as_produced else None,
        "weather": weather,
        "product": {"name": product.name, **product.to_dict()} if product else None,
        **result.to_dict(),
        "config": found.best.to_dict(),
        "hourly": str(hourly_path),
    }


def _issued(region: Region, place: str, named: str | None) -> IssuedWeather:
    """Of the file that is `named`, else of the table beside raw_demand, else of the region's file."""
    if named is None and place == RAW_DEMAND_SOURCE:
        url = require_database_url("backtest --weather as-issued")
        if (found := stored_issues(region, url, as_of=None, since=None).issued) is not None:
            return found
    file = named or region.weather_issued
    if file is None:
        raise UsageError(
            f"region {region.name}: no weather is known as it was issued; name its file with "
            '--weather-issued FILE, or in the region: weather_issued = "/data/issued.csv"'
        )
    read = read_issued_weather(region, file)
    for finding in read.findings:
        log.info("%s", finding.text)
    return read.issued
