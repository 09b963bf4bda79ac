"""Weather as it was issued goes from its file through PostgreSQL into a snapshot, and into the forecast."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tests.integration.steps.small_model import TINY
from tests.unit.data.issues import issue_of
from trainer.contract import Region, model_folder
from trainer.database import connect
from trainer.database.issued_weather import read_issues
from trainer.model.artifact import save_artifact
from trainer.model.training.fitting import fit
from trainer.steps.forecast import forecast
from trainer.steps.ingest import ingest
from trainer.steps.pinned_models import PinnedModel
from trainer.steps.snapshot import read_issues as read_frozen_issues
from trainer.steps.snapshot import read_snapshot, snapshot
from trainer.store import Run

pytestmark = pytest.mark.integration
MakeRun = Callable[..., Run]
AS_OF = pd.Timestamp("2024-03-15", tz="Asia/Seoul").tz_convert("UTC")


def issues(*shifts: float) -> pd.DataFrame:
    """Three of 48 hours each: of six hours before AS_OF, of AS_OF, and of six hours after it; `shifts`: what
    all of their temperatures are."""
    parts = [
        issue_of(
            AS_OF + pd.Timedelta(hours=hours),
            AS_OF + pd.Timedelta(hours=hours),
            temperature=np.full(48, shift),
        )
        for hours, shift in zip((-6, 0, 6), shifts, strict=True)
    ]
    return pd.concat(parts, ignore_index=True)


@pytest.fixture
def place(region: Region, tmp_path: Path) -> Region:
    """With a temperature of 10 C in its file, and issues of 1, 2 and 3 C in another."""
    rows = pd.read_csv(region.source)
    rows.assign(temperature=10.0).to_csv(region.source, index=False)
    path = tmp_path / "issued.csv"
    issues(1.0, 2.0, 3.0).to_csv(path, index=False)
    return replace(region, weather=("temperature",), weather_issued=str(path))


@pytest.fixture
def run(place: Region, make_run: MakeRun) -> Run:
    return replace(make_run(), region=place)


def stored(database: str) -> pd.DataFrame:
    with connect(database) as connection:
        return read_issues(connection, "T", since=None, until=None)


def test_issues_up_to_the_run_s_moment_are_stored_once(run: Run, database: str) -> None:
    told = ingest(run, source=None).facts["issued"]
    assert (told["issues"], told["rows"], told["written"]) == (2, 96, 96)
    assert stored(database)["issued_at"].max() == AS_OF
    assert ingest(run, source=None).facts["issued"]["written"] == 0


def test_a_corrected_row_replaces_its_own_and_erases_nothing(run: Run, database: str) -> None:
    ingest(run, source=None)
    rows = issues(1.0, 2.0, 3.0)
    rows.loc[50, "temperature"] = 7.5
    rows.loc[51, "temperature"] = np.nan
    rows.to_csv(str(run.region.weather_issued), index=False)
    assert ingest(run, source=None).facts["issued"]["written"] == 2
    known = stored(database)
    newest = known[known["issued_at"] == AS_OF].set_index("time")["temperature"]
    assert newest.iloc[[1, 2, 3, 4]].tolist() == [2.0, 7.5, 4.75, 2.0]  # the hole lies on the line


def test_a_file_of_issues_that_cannot_be_read_costs_no_demand(run: Run, database: str) -> None:
    gone = replace(run, region=replace(run.region, weather_issued="/nowhere/issued.csv"))
    facts = ingest(gone, source=None).facts
    assert facts["written"] == 24 * 21  # demand, and the temperature of the days to come
    assert "/nowhere/issued.csv" in facts["issued"]["error"]
    assert stored(database).empty


def test_a_region_without_issues_has_what_it_had(make_run: MakeRun, database: str) -> None:
    run = make_run()
    assert "issued" not in ingest(run, source=None).facts
    manifest = snapshot(run, lookback_days=7, source=None)
    assert set(manifest.outputs) == {"snapshot.parquet"}
    assert "issued" not in manifest.facts
    assert set(manifest.parameters) == {"lookback_days", "source"}
    assert read_frozen_issues(run) == (None, {})


def test_a_snapshot_of_the_table_freezes_them_beside_the_demand(run: Run, database: str) -> None:
    ingest(run, source=None)
    manifest = snapshot(run, lookback_days=7, source=None)
    assert manifest.facts["issued"] == {"issues": 2, "rows": 96}
    frozen, ref = read_frozen_issues(run)
    assert ref["weather_issued.parquet"] == manifest.outputs["weather_issued.parquet"]
    assert frozen is not None
    hours = pd.date_range(AS_OF, periods=2, freq="h")
    assert frozen.known_at(hours, AS_OF)["temperature"].tolist() == [2.0, 2.0]
    assert read_snapshot(run)[0].loc[AS_OF, "temperature"] == 10.0


def test_a_stored_issue_that_is_no_figure_costs_no_snapshot(
    run: Run, database: str, caplog: pytest.LogCaptureFixture
) -> None:
    ingest(run, source=None)
    with connect(database) as connection:
        connection.execute("UPDATE weather_issued SET weather = %s", ('{"temperature": {"C": 1}}',))
    manifest = snapshot(run, lookback_days=7, source=None)
    assert "PostgreSQL" in manifest.facts["issued"]["error"]
    assert set(manifest.outputs) == {"snapshot.parquet"}
    assert "the weather as it was issued is left out" in caplog.text


def test_a_snapshot_of_a_file_freezes_those_of_the_region_s_file_or_of_the_one_named(
    run: Run, tmp_path: Path
) -> None:
    snapshot(run, lookback_days=7, source=run.region.source)
    frozen, _ = read_frozen_issues(run)
    assert frozen is not None
    assert frozen.issues[-1] == AS_OF
    other = tmp_path / "other.csv"
    issues(4.0, 5.0, 6.0).to_csv(other, index=False)
    again = snapshot(run, lookback_days=7, source=run.region.source, weather_issued=str(other))
    frozen, _ = read_frozen_issues(run)
    assert frozen is not None
    assert frozen.known_at(pd.DatetimeIndex([AS_OF]), AS_OF)["temperature"].tolist() == [5.0]
    assert again.parameters["weather_issued"] == str(other)


@pytest.fixture
def frozen_run(run: Run) -> Run:
    """A run whose snapshot holds two issues beside its demand; there is no model, so the baseline speaks."""
    snapshot(run, lookback_days=14, source=run.region.source)
    return run


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
    hundred_days: Path, make_run: MakeRun, tmp_path: Path
) -> None:
    """A region whose demand falls with the temperature: warmth that is issued alone makes it lower."""
    rows = pd.read_csv(hundred_days, parse_dates=["time"])
    warmth = 10 + 5 * np.sin(np.arange(len(rows)) / 37)
    rows = rows.assign(temperature=warmth, demand_mw=rows["demand_mw"] - 100 * warmth)
    source = tmp_path / "weather.csv"
    rows.to_csv(source, index=False)
    region = replace(make_run().region, source=str(source), weather=("temperature",))
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
