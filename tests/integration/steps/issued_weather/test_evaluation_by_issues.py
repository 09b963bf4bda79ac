"""Champion and challenger are compared on the weather that forecasts of the held-out days would have read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tests.integration.steps.issued_weather.issues import MakeRun
from tests.integration.steps.small_model import DAYS, TINY, checksum, leave_candidate
from tests.unit.data.issues import issue_of
from trainer.contract import Region, model_folder
from trainer.model.artifact import save_artifact
from trainer.model.training.fitting import fit
from trainer.steps.evaluate import Champion, evaluate
from trainer.steps.snapshot import read_snapshot, snapshot

pytestmark = pytest.mark.integration

HELD_OUT = 5
Judged = Callable[[str, pd.DataFrame | None], pd.DataFrame]


@pytest.fixture
def judged(falling_with_warmth: Region, make_run: MakeRun, tmp_path: Path) -> Judged:
    """Hours of an evaluation whose snapshot has these issues; the same model is challenger and champion."""
    region = falling_with_warmth
    run = replace(make_run("2024-04-10"), region=region)
    snapshot(run, lookback_days=DAYS, source=region.source)
    until = pd.Timestamp("2024-04-05", tz=region.timezone).tz_convert("UTC")
    model = fit(read_snapshot(run)[0], region, TINY, train_until=until, device="cpu", origin_hours=(0,))
    folder = tmp_path / "artifact"
    save_artifact(model, folder, {"version": "T-1"})
    run.store.upload(folder, model_folder("T", "T-1"))

    def hours(name: str, issues: pd.DataFrame | None) -> pd.DataFrame:
        this = replace(run, run_id=name)
        path = tmp_path / f"{name}.csv"
        if issues is not None:
            issues.to_csv(path, index=False)
        file = None if issues is None else str(path)
        snapshot(this, lookback_days=DAYS, source=region.source, weather_issued=file)
        leave_candidate(this, folder)
        manifest = evaluate(this, holdout_days=HELD_OUT, champion=Champion("T-1", checksum(folder)))
        written = run.store.locate(manifest.outputs["evaluation.csv"].path)
        return pd.read_csv(written, index_col=0, parse_dates=True)

    return hours


def issued_daily(hour: int, temperature: float) -> pd.DataFrame:
    """An issue at `hour` of each held-out day in Seoul, of the 24 hours from the next whole one on."""
    midnights = pd.date_range("2024-04-05", periods=HELD_OUT, tz="Asia/Seoul")
    moments = (midnights + pd.Timedelta(hours=hour)).tz_convert("UTC")
    return pd.concat(
        [issue_of(at, at + pd.Timedelta(hours=1), temperature=np.full(24, temperature)) for at in moments]
    )


def test_both_read_what_was_issued_up_to_each_origin(judged: Judged) -> None:
    plain, warmer = judged("plain", None), judged("warmer", issued_daily(-1, 25.0))
    for model in ("challenger", "champion"):
        assert (warmer[model] < plain[model] - 200).mean() > 0.9
    pd.testing.assert_series_equal(plain["actual"], warmer["actual"])


def test_what_was_issued_after_an_origin_changes_nothing(judged: Judged) -> None:
    first_day = slice(0, 24)
    plain, later = judged("plain", None), judged("later", issued_daily(1, 25.0))
    pd.testing.assert_frame_equal(plain.iloc[first_day], later.iloc[first_day])
