"""What becomes of a file that is ruined in one of the likely ways: read, masked, told of, or refused.

Each is read by the command line's own reader and forecast from by a small model of the sound file.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from tests.integration.ruined_files.changes import MIDNIGHT, sound
from tests.integration.ruined_files.ruins import RUINS, Outcome, Ruin
from tests.integration.steps.small_model import TINY
from trainer.commands.cli import main
from trainer.contract import Env, ExitCode, Region, model_folder
from trainer.model.artifact.artifact import save_artifact
from trainer.model.training.fitting import fit
from trainer.model.training.twin import fit_twin
from trainer.store import Store

pytestmark = pytest.mark.integration

NEAR = 0.1
"""Of the sound file's forecast, on average over the day."""


@dataclass(frozen=True)
class Forecast:
    code: int
    said: str
    """On the terminal, and the result for machines."""
    facts: dict[str, Any]
    hours: pd.DataFrame | None
    """forecast.csv; None where none was made."""
    snapshot: pd.DataFrame | None


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """With a model of the region T, and its twin."""
    folder = tmp_path_factory.mktemp("ruined_files")
    region = Region(
        name="T",
        title="Test",
        timezone="Asia/Seoul",
        country="KR",
        latitude=36.5,
        longitude=127.5,
        weather=("temperature",),
    )
    rows = sound().rename(columns={"demand_mw": "demand"})
    history = rows.tz_localize(region.timezone).tz_convert("UTC").asfreq("h")
    until = pd.Timestamp("2024-03-31", tz=region.timezone).tz_convert("UTC")
    model = fit(history, region, TINY, train_until=until, device="cpu", origin_hours=(0,))
    twin = fit_twin(history, region, TINY, train_until=until, device="cpu")
    save_artifact(model, folder / "artifact", {"version": "T-1"}, twin=twin)
    store = Store.at(folder / "store")
    store.upload(folder / "artifact", model_folder("T", "T-1"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(Env.REGIONS, json.dumps({"T": region.to_dict()}))
        yield store


@pytest.fixture
def forecast(
    store: Store, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> Callable[[Ruin | None], Forecast]:
    """From the file that a ruin leaves, or from the sound one, as of its midnight."""

    def made(ruin: Ruin | None) -> Forecast:
        run_id, path = ruin.name if ruin else "sound", tmp_path / "demand.csv"
        if ruin:
            ruin.write(sound(), path)
        else:
            sound().to_csv(path)
        words = ["--region", "T", "--csv", str(path), "--run-id", run_id, "--as-of", MIDNIGHT.isoformat()]
        code = main(["forecast", *words, "--store", store.url, "--json"])
        said = capsys.readouterr()
        if code != ExitCode.DONE:
            return Forecast(code, said.err, {}, None, None)
        result = json.loads(said.out)
        run = Path(store.locate(result["manifest"])).parent
        hours, frozen = pd.read_csv(run / "forecast.csv"), pd.read_parquet(run / "snapshot.parquet")
        return Forecast(code, said.err + json.dumps(result), result["facts"], hours, frozen)

    return made


@pytest.fixture(scope="module")
def expected() -> dict[str, pd.DataFrame]:
    """The sound file's forecast, once it is made."""
    return {}


@pytest.fixture
def sound_hours(
    expected: dict[str, pd.DataFrame], forecast: Callable[[Ruin | None], Forecast]
) -> pd.DataFrame:
    if "sound" not in expected:
        whole = forecast(None)
        assert whole.facts["fallback"] == "none"
        assert whole.hours is not None
        expected["sound"] = whole.hours
    return expected["sound"]


def of(*outcomes: Outcome) -> Any:
    chosen = [ruin for ruin in RUINS if ruin.outcome in outcomes]
    return pytest.mark.parametrize("ruin", chosen, ids=[ruin.name for ruin in chosen])


def test_there_are_twenty_five_and_more_and_each_has_its_name() -> None:
    assert len({ruin.name for ruin in RUINS}) == len(RUINS) >= 25


@of(Outcome.READ, Outcome.MASKED, Outcome.TOLD)
def test_no_fault_that_leaves_something_to_say_withholds_the_forecast(
    ruin: Ruin, forecast: Callable[[Ruin | None], Forecast], sound_hours: pd.DataFrame
) -> None:
    made = forecast(ruin)
    assert made.code == ExitCode.DONE, made.said
    assert ruin.says in " ".join(made.said.split())
    assert made.facts["fallback"] == ruin.fallback
    assert made.hours is not None
    assert made.snapshot is not None
    off = made.hours["forecast"] / sound_hours["forecast"] - 1
    lived = made.snapshot[made.snapshot.index < made.facts["origin"]]
    unknown = lived["verdict"] != "measured"
    if ruin.outcome is Outcome.READ:
        np.testing.assert_allclose(off, 0, atol=1e-6)
    else:
        assert len(off) == 24
        assert off.abs().mean() < NEAR
    assert unknown.any() == (ruin.outcome is Outcome.MASKED)


@of(Outcome.REFUSED)
def test_a_file_of_which_nothing_can_be_said_is_refused_and_nothing_is_left(
    ruin: Ruin, forecast: Callable[[Ruin | None], Forecast], store: Store
) -> None:
    made = forecast(ruin)
    assert made.code == ExitCode.DATA
    assert ruin.says in " ".join(made.said.split())
    assert not any(name.startswith(ruin.name.replace(" ", "_")) for name in store.names("T/runs"))
