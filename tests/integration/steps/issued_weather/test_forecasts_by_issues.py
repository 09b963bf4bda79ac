"""A forecast reads the newest issue, and does without what is damaged, late or none."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tests.integration.steps.issued_weather.issues import AS_OF, MakeRun, issues
from tests.integration.steps.small_model import TINY
from tests.unit.data.issues import issue_of
from trainer.contract import Region, model_folder
from trainer.model.artifact import save_artifact
from trainer.model.training.fitting import fit
from trainer.steps.forecast import forecast
from trainer.steps.pinned_models import PinnedModel
from trainer.steps.snapshot import read_snapshot, snapshot
from trainer.store import Run

pytestmark = pytest.mark.integration


def issues_of(run: Run) -> Path:
    frozen = run.require("snapshot").outputs["weather_issued.parquet"]
    return Path(run.store.locate(frozen.path))


NO_MODEL = PinnedModel("T-0")


def rewritten(run: Run, rows: pd.DataFrame) -> None:
    """`rows` as the issues of the run's snapshot, with the checksum on record."""
    manifest = run.require("snapshot")
    written = io.BytesIO()
    rows.to_parquet(written)
    frozen = run.store.write(f"{run.folder}/weather_issued.parquet", written.getvalue())
    run.close(
        "snapshot",
        started=datetime.now(UTC),
        parameters=manifest.parameters,
        outputs={**manifest.outputs, "weather_issued.parquet": frozen},
        facts=manifest.facts,
    )


def test_issues_that_are_gone_or_damaged_cost_no_forecast(
    frozen_run: Run, caplog: pytest.LogCaptureFixture
) -> None:
    told = forecast(frozen_run, horizon=24, model=NO_MODEL, previous=None)
    assert "issued_error" not in told.facts
    issues_of(frozen_run).write_bytes(b"PAR1")
    told = forecast(frozen_run, horizon=24, model=NO_MODEL, previous=None)
    assert "is damaged" in told.facts["issued_error"]
    assert "weather_issued.parquet" not in told.inputs
    issues_of(frozen_run).unlink()
    again = forecast(frozen_run, horizon=48, model=NO_MODEL, previous=None)
    assert "is missing; run its step again" in again.facts["issued_error"]
    assert again.outputs["forecast.parquet"].bytes > 0
    assert "the weather as it was issued is left out" in caplog.text


def test_a_forecast_tells_how_old_its_issues_are_and_of_how_much_they_speak(
    frozen_run: Run, caplog: pytest.LogCaptureFixture
) -> None:
    rows = issues(1.0, 2.0, 3.0)
    rewritten(frozen_run, rows[rows["issued_at"] < AS_OF])
    told = forecast(frozen_run, horizon=84, model=NO_MODEL, previous=None).facts
    assert (told["issued_age_hours"], told["issued_covered"]) == (6.0, 0.5)
    assert "is it late?" not in caplog.text
    stalled = rows[rows["issued_at"] < AS_OF].assign(issued_at=AS_OF - pd.Timedelta(hours=40))
    rewritten(frozen_run, stalled)
    told = forecast(frozen_run, horizon=84, model=NO_MODEL, previous=None).facts
    assert (told["issued_age_hours"], told["issued_covered"]) == (40.0, 0.0)
    assert "more than 36 h before the forecast" in caplog.text


@pytest.mark.parametrize(
    "broken",
    [
        lambda rows: rows.drop(columns="issued_at"),
        lambda rows: rows.assign(temperature="warm"),
        lambda rows: rows.assign(time="tomorrow"),
    ],
    ids=["no time of issue", "text for figures", "text for times"],
)
def test_issues_that_are_none_cost_no_forecast(
    frozen_run: Run, broken: Callable[[pd.DataFrame], pd.DataFrame]
) -> None:
    rewritten(frozen_run, broken(issues(1.0, 2.0, 3.0)))
    told = forecast(frozen_run, horizon=24, model=NO_MODEL, previous=None)
    assert told.facts["issued_error"]
    assert told.facts["fallback"] == "baseline"


def test_a_forecast_reads_the_newest_issue_and_beyond_it_what_the_source_has(
    falling_with_warmth: Region, make_run: MakeRun, tmp_path: Path
) -> None:
    region = falling_with_warmth
    origin = pd.Timestamp("2024-04-05", tz=region.timezone).tz_convert("UTC")
    run = replace(make_run("2024-04-05"), region=region)
    snapshot(run, lookback_days=90, source=region.source)
    history, _ = read_snapshot(run)
    model = fit(history, region, TINY, train_until=origin, device="cpu", origin_hours=(0,))
    folder = tmp_path / "artifact"
    save_artifact(model, folder, {"version": "T-1"})
    run.store.upload(folder, model_folder("T", "T-1"))

    def made(name: str, issued: float | None) -> pd.Series:
        this = replace(run, run_id=name)
        path = tmp_path / f"{name}.csv"
        if issued is not None:
            issue_of(origin, origin, temperature=np.full(12, issued)).to_csv(path, index=False)
        file = str(path) if issued is not None else None
        snapshot(this, lookback_days=90, source=region.source, weather_issued=file)
        manifest = forecast(this, horizon=24, model=PinnedModel("T-1"), previous=None)
        assert manifest.facts["fallback"] == "none"
        hours: pd.Series = pd.read_parquet(run.store.locate(manifest.outputs["forecast.parquet"].path))[
            "forecast"
        ]
        return hours

    plain, warmer = made("plain", None), made("warmer", 25.0)
    assert (warmer.iloc[:12] < plain.iloc[:12] - 200).all()
    assert np.abs(warmer.iloc[-3:] - plain.iloc[-3:]).max() < 0.5 * (plain - warmer).iloc[:12].mean()
