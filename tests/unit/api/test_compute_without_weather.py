"""A forecast that is ordered for hours whose weather nobody knows."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from tests.unit.data.series import KOREA
from tests.unit.model.series import ORIGIN, TINY, TRAIN_UNTIL, make_history
from trainer.api.forecasting import Artifact, History, Job, compute
from trainer.errors import WeatherUnknownError
from trainer.model.artifact import artifact_checksum, save_artifact
from trainer.model.training.fitting import fit
from trainer.model.training.twin import fit_twin


@pytest.fixture(scope="module")
def artifact(tmp_path_factory: pytest.TempPathFactory) -> Artifact:
    folder: Path = tmp_path_factory.mktemp("model") / "artifact"
    history = make_history()
    model = fit(history, KOREA, TINY, train_until=TRAIN_UNTIL, device="cpu", origin_hours=(0,))
    twin = fit_twin(history, KOREA, TINY, train_until=TRAIN_UNTIL, device="cpu")
    save_artifact(model, folder, {}, twin=twin)
    return Artifact(folder, artifact_checksum(folder))


def job(artifact: Artifact, *, allow_fallback: bool) -> Job:
    rows = make_history().loc[: ORIGIN - pd.Timedelta(hours=1)]
    return Job(KOREA, artifact, History(rows, "the request", None), ORIGIN, 24, allow_fallback)


def test_the_model_s_twin_makes_it_and_the_reason_is_told(artifact: Artifact) -> None:
    computed = compute(job(artifact, allow_fallback=True))
    assert len(computed.frame) == 24
    assert computed.stand_in == "weatherless"
    assert computed.reason is not None
    assert "temperature, which is missing for 24 of the 24 hours" in computed.reason


def test_it_is_refused_where_no_fallback_is_allowed(artifact: Artifact) -> None:
    with pytest.raises(WeatherUnknownError):
        compute(job(artifact, allow_fallback=False))


def test_a_baseline_says_nothing_of_days_and_has_no_paths(artifact: Artifact) -> None:
    computed = compute(replace(job(artifact, allow_fallback=True), artifact=None, paths=10))
    assert (len(computed.frame), computed.days, computed.paths) == (24, [], None)
