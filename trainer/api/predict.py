"""POST /api/predict: a forecast on demand, with the model that is champion at this moment."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import NoReturn

import pandas as pd
from fastapi import APIRouter
from fastapi.concurrency import run_in_threadpool
from fastapi.params import Depends

from trainer.api.forecasting import Computed, Job
from trainer.api.history import Histories, end_of
from trainer.api.model_cache import Loaded, ModelCache, ServedModel
from trainer.api.moments import utc
from trainer.api.observation import Observation
from trainer.api.orders import Delivery, Order, OrderedHour
from trainer.api.problems import Problem, responses
from trainer.api.read.forecasts import DayBody
from trainer.api.read.quantiles import levels_of
from trainer.api.workers import Workers
from trainer.contract import Region, twin_version
from trainer.contract.quantiles import quantile_levels
from trainer.data.hours import origin_of
from trainer.errors import ArtifactError, DataError, InfrastructureError
from trainer.model.forecasting.baseline import BASELINE_VERSION
from trainer.model.forecasting.day_figures import DayFigures


def predict_router(
    *,
    model_cache: ModelCache,
    histories: Histories,
    workers: Workers,
    regions: Callable[[], Mapping[str, Region]],
    observation: Observation,
    guard: Depends,
) -> APIRouter:
    router = APIRouter(prefix="/api", tags=["predict"], dependencies=[guard])

    @router.post(
        "/predict",
        name="predict",
        operation_id="predict",
        responses=responses(400, 401, 403, 404, 408, 409, 413, 422, 503),
    )
    async def predict(order: Order) -> Delivery:
        """Forecasts now, from what the database knows or from the history given. Nothing is stored."""
        known = regions()
        if order.region not in known:
            raise Problem(
                404,
                "unknown-region",
                f"region {order.region!r} is not configured; configured are {', '.join(sorted(known))}",
                mend="ask for one of these, or have the operator add the region to the regions file",
            )
        served = _standing_ready(model_cache, order)
        began = time.perf_counter()
        with workers.slot():
            delivery = await _deliver(order, known[order.region], served, histories, workers)
        observation.forecast(order.region, delivery.fallback, time.perf_counter() - began)
        return delivery

    return router


def _standing_ready(model_cache: ModelCache, order: Order) -> ServedModel:
    served = model_cache.served.get(order.region)
    if served is None:
        _refuse_without_model(model_cache, order.region)
    if served.fallback != "none" and not order.allow_fallback:
        raise Problem(
            503,
            "champion-unavailable",
            "; ".join(served.reasons),
            mend="restore the version's files in the store, roll back, or set allow_fallback",
            headers={"Retry-After": "60"},
        )
    return served


def _refuse_without_model(model_cache: ModelCache, region: str) -> NoReturn:
    if not model_cache.ready:
        raise Problem(
            503,
            "starting",
            "the models are being loaded",
            mend="ask again after the seconds in the header Retry-After",
            headers={"Retry-After": "5"},
        )
    if model_cache.database_fault:
        raise Problem(
            503,
            "database-unavailable",
            f"which model is champion cannot be told: {model_cache.database_fault}",
            mend="ask again; if it stays so, see whether PostgreSQL is up",
            headers={"Retry-After": "5"},
        )
    raise Problem(
        409,
        "no-model",
        f"region {region} has no champion yet",
        mend=f"train and promote one: run the DAG weekly_retrain_{region}",
    )


async def _deliver(
    order: Order, region: Region, served: ServedModel, histories: Histories, workers: Workers
) -> Delivery:
    loaded = served.loaded
    # A model reads the weather that it was trained with, whatever the region is configured with by now.
    trained = loaded.region.as_configured(region) if loaded else region
    as_of = _as_of(order, region)
    origin = origin_of(as_of)
    job = Job(
        region=trained,
        artifact=loaded.artifact if loaded else None,
        history=await run_in_threadpool(histories.of, order, trained, origin),
        origin=origin,
        horizon=order.horizon_hours,
        allow_fallback=order.allow_fallback,
        paths=order.paths,
    )
    try:
        computed = await workers.compute(job)
    except (ArtifactError, InfrastructureError) as error:
        raise Problem(
            503,
            "model-unusable",
            f"{loaded.deployed.version if loaded else BASELINE_VERSION} was loaded, but not here: {error}",
            mend="ask again; if it stays so, see the service's log and its disk",
            headers={"Retry-After": "5"},
        ) from error
    except DataError as error:
        _refuse_data(error, order)
    version, age = BASELINE_VERSION, None
    if loaded and computed.stand_in != "baseline":
        version = loaded.deployed.version
        age = (pd.Timestamp(as_of) - loaded.train_until) / pd.Timedelta(days=1)
    is_twin_s = computed.stand_in == "weatherless" and computed.stands_in_from == 1
    return Delivery(
        region=region.name,
        timezone=region.timezone,
        as_of=as_of,
        origin=origin.to_pydatetime(),
        local_origin=origin.tz_convert(region.zone).to_pydatetime(),
        model_version=twin_version(version) if is_twin_s else version,
        model_age_days=None if age is None else round(age, 2),
        fallback=computed.stand_in or served.fallback,
        fallback_from=computed.stands_in_from or (None if served.fallback == "none" else 1),
        fallback_reasons=[*served.reasons, *_reasons(computed, loaded)],
        hours=_hours(computed.frame, region, order.quantiles),
        days=[_day(day, region) for day in computed.days],
        paths=[] if computed.paths is None else computed.paths.tolist(),
    )


def _reasons(computed: Computed, loaded: Loaded | None) -> list[str]:
    """Why another than the loaded model made hours of it, where one did."""
    if not computed.reason:
        return []
    if not loaded:
        return [computed.reason]
    what = "cannot forecast all hours" if computed.stand_in == "weatherless" else "cannot forecast"
    return [f"{loaded.deployed.version} {what}: {computed.reason}"]


def _day(day: DayFigures, region: Region) -> DayBody:
    peak = {"peak_time": day.peak_time, "peak_local_time": day.peak_time.tz_convert(region.zone)}
    return DayBody(**{**vars(day), **{name: moment.to_pydatetime() for name, moment in peak.items()}})


def _as_of(order: Order, region: Region) -> datetime:
    if order.as_of is not None:
        return utc(order.as_of, region)
    return end_of(order.history) if order.history is not None else datetime.now(UTC)


def _refuse_data(error: DataError, order: Order) -> NoReturn:
    otherwise = "" if order.allow_fallback else ", or set allow_fallback"
    if order.history is not None:
        raise Problem(
            422,
            "unusable-history",
            str(error),
            mend=f"correct the rows that are named and send the request again{otherwise}",
        ) from error
    raise Problem(
        409,
        "stored-history-insufficient",
        str(error),
        mend="ask for an as_of that the stored actuals reach, give `history` or `weather` in the request, "
        f"have the operator ingest what is missing{otherwise}",
    ) from error


def _hours(frame: pd.DataFrame, region: Region, quantiles: str | None) -> list[OrderedHour]:
    local = pd.DatetimeIndex(frame.index).tz_convert(region.zone).to_pydatetime()
    moments = pd.DatetimeIndex(frame.index).to_pydatetime()
    named = {"lower": "10", "forecast": "50", "upper": "90"}
    named |= {column: f"{level:g}" for column, level in quantile_levels(frame.columns).items()}
    rows = frame.to_dict("records")
    known = [{level: row[name] for name, level in named.items() if not pd.isna(row[name])} for row in rows]
    levels = levels_of(quantiles, known)
    return [
        OrderedHour(
            time=moment,
            local_time=there,
            lead_time_hours=row["lead_time"],
            forecast_mw=row["forecast"],
            lower_mw=row["lower"],
            upper_mw=row["upper"],
            trend_mw=row["trend"],
            seasonality_mw=row["seasonality"],
            residual_mw=row["residual"],
            quantiles=None if levels is None else {level: of_hour.get(level) for level in levels},
        )
        for moment, there, row, of_hour in zip(moments, local, rows, known, strict=True)
    ]
