"""intraday: a forecast from the last measured hour to its published rows, in one process and in memory."""

from __future__ import annotations

import logging
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from trainer.contract import RAW_DEMAND_SOURCE, Manifest, Product, Region
from trainer.contract.products import origin_of
from trainer.database.connection import connect
from trainer.database.predictions import published_by
from trainer.environment import require_database_url
from trainer.errors import UsageError
from trainer.influx import InfluxSettings, deliver
from trainer.steps.champions import live_shadows, pin_champions
from trainer.steps.ingest_within import ingested_within
from trainer.steps.one_forecast import make_forecast, moment_of
from trainer.steps.publish import publish_forecast, publish_shadows
from trainer.steps.shadow_forecasts import shadow_rows
from trainer.steps.weather_ahead import FrozenIssues
from trainer.steps.window import read_window
from trainer.store import Run

log = logging.getLogger(__name__)


def intraday(
    run: Run, *, product: Product, lookback_days: int, ingest_seconds: float, now: datetime | None = None
) -> Manifest:
    """Takes in the source, forecasts the hours that `product` covers from its last moment up to as_of with
    the champion on record, and publishes them.

    A source that fails, or takes more than `ingest_seconds`, costs its new hours alone: the forecast is made
    from those that raw_demand has. The forecast is in PostgreSQL before shadows forecast, and InfluxDB comes
    last. In the store there is the manifest alone, taken away at the beginning, written at the end; nothing
    is found finished, a rerun does all of it again, and converges to the same rows and points.

    Once the product's next moment has come (by `now`, else by the clock), what was published for this one
    stays: scores go by what was said, and a run that comes later knows weather that lay ahead then. It does
    nothing, and its facts are `kept` alone (`_kept`). Where nothing was published it is a replay, with the
    weather that is known by now, and says so: `late` among its facts is true.

    Facts: those of `make_forecast`, `publish_forecast` and, where there is an InfluxDB, `deliver`; ingest,
    what `ingested_within` says; where shadows forecast too, shadow_failures, and shadow_rows and shadow_error
    as `publish_shadows` has them.
    Raises UsageError for a product that is made once a day, NoModelError for a region without a model,
    DataError where too little is measured even for the baseline, and InfrastructureError where PostgreSQL
    refuses.
    """
    _require_hourly(product, run.region)
    started = datetime.now(UTC)
    run.reopen("intraday")
    url, influxdb = require_database_url("intraday"), InfluxSettings.from_environ()
    region, owed = run.region.name, influxdb is not None
    moment = moment_of(run, product)
    parameters: dict[str, Any] = {
        "product": {"name": product.name, **product.to_dict()},
        "lookback_days": lookback_days,
    }
    late = (now or started) >= product.next_moment(moment, run.region)
    if late and (kept := _kept(url, region, product, moment)):
        return run.close("intraday", started=started, parameters=parameters, facts={"kept": kept})
    if late:
        log.warning(
            "a replay: the next forecast is due already, and weather known by now counts as known then"
        )
    ingested = ingested_within(run, ingest_seconds)
    window = read_window(run, lookback_days=lookback_days, source=RAW_DEMAND_SOURCE)
    with connect(url) as connection:
        model, previous = pin_champions(connection, region, moment)
        shadows = live_shadows(connection, region)
    made = make_forecast(
        run,
        window.history.asfreq("h"),
        FrozenIssues(window.found.issued, {}),
        horizon=product.lead_times(moment, run.region)[-1],
        model=model,
        previous=previous,
        product=product,
    )
    facts: dict[str, Any] = {**made.facts, "ingest": ingested, "late": late}
    with connect(url) as connection:
        facts |= publish_forecast(connection, run, made.frame, made.facts, owed=owed)
    if shadows:
        rows, facts["shadow_failures"] = shadow_rows(made, shadows, (model.version, model.checksum))
        if rows is not None:
            with connect(url) as connection:
                facts |= publish_shadows(connection, run, rows, product.name, owed=owed)
    if influxdb is not None:
        with connect(url) as connection:
            facts |= deliver(connection, influxdb, run.region)
    parameters |= {
        "model": asdict(model),
        "previous": asdict(previous) if previous else None,
        "shadows": [asdict(shadow) for shadow in shadows],
    }
    return run.close("intraday", started=started, parameters=parameters, facts=facts)


def _require_hourly(product: Product, region: Region) -> None:
    if product.every is not None:
        return
    hourly = ", ".join(other.name for other in region.forecasts if other.every is not None)
    raise UsageError(
        f"product {product.name!r} of region {region.name} is made once a day, by `forecast` (--product "
        f"{product.name}) and `publish`; intraday makes those that have `every`: {hourly or 'there is none'}"
    )


def _kept(url: str, region: str, product: Product, moment: datetime) -> dict[str, str] | None:
    """Of the forecast that was published for `moment`: its origin, run_id and published_at, ISO 8601 in UTC;
    None where none was."""
    origin = origin_of(moment)
    with connect(url) as connection:
        found = published_by(connection, region, origin, product.name)
    if found is None:
        return None
    run_id, at = found
    published_at = at.astimezone(UTC).isoformat(timespec="seconds")
    log.warning(
        "nothing is published: what %s forecast from %s was published by run %s at %s, the next one is due "
        "since, and what was said stays",
        *(product.name, origin.isoformat(), run_id, published_at),
    )
    return {"origin": origin.isoformat(), "run_id": run_id, "published_at": published_at}
