"""What a region says since a model was trained counts in forecasts on demand: its days, its quantiles."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import httpx
import pandas as pd
from fastapi import FastAPI
from fastapi.params import Depends

from tests.unit.data.series import KOREA
from tests.unit.model.series import make_history
from trainer.api.forecasting import Artifact, Computed, History, Job
from trainer.api.model_cache import Deployed, Loaded, ServedModel
from trainer.api.observation import Observation
from trainer.api.predict import predict_router
from trainer.contract import Region

AS_OF = "2021-06-01T00:00:00+09:00"
TRAINED = replace(KOREA, weather=("temperature",), days={"2021-03-10": "strike"})
LISTED = replace(KOREA, days={**TRAINED.days, "2021-06-01": "strike"}, quantiles=(10, 50, 90, 97.5))


class Noting:
    """Workers that keep what they are asked to compute."""

    def __init__(self) -> None:
        self.jobs: list[Job] = []

    @contextmanager
    def slot(self) -> Iterator[None]:
        yield

    async def compute(self, job: Job) -> Computed:
        self.jobs.append(job)
        hours = pd.date_range(job.origin, periods=job.horizon, freq="h")
        columns = ("forecast", "trend", "seasonality", "residual", "lower", "upper")
        frame = pd.DataFrame(dict.fromkeys(columns, 1.0), index=hours)
        return Computed(frame.assign(lead_time=range(1, job.horizon + 1)))


async def ordered(app: FastAPI) -> int:
    """The answer's status."""
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        answer = await client.post("/api/predict", json={"region": "KR", "as_of": AS_OF})
    return answer.status_code


def test_the_model_is_asked_with_the_days_and_quantiles_as_they_are_listed_now(tmp_path: Path) -> None:
    version = Deployed("KR-v1", "KR/models/KR-v1", "0" * 64)
    until = pd.Timestamp("2021-05-01", tz="UTC")
    serving = Loaded(version, Artifact(tmp_path, version.checksum), TRAINED, until)
    history = History(make_history(), "the table", None)
    workers = Noting()
    regions: Mapping[str, Region] = {"KR": LISTED}
    app = FastAPI()
    app.include_router(
        predict_router(
            model_cache=cast(Any, SimpleNamespace(served={"KR": ServedModel(version, serving)})),
            histories=cast(Any, SimpleNamespace(of=lambda *_: history)),
            workers=cast(Any, workers),
            regions=lambda: regions,
            observation=Observation(),
            guard=Depends(lambda: None),
        )
    )
    assert asyncio.run(ordered(app)) == 200
    (job,) = workers.jobs
    assert job.region.days == LISTED.days
    assert job.region.quantiles == LISTED.quantiles
    assert job.region.weather == TRAINED.weather
