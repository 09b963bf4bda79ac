"""Weather as it was issued goes from its file through PostgreSQL into a snapshot."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tests.integration.steps.issued_weather.issues import AS_OF, MakeRun, issues
from trainer.database import connect
from trainer.database.issued_weather import read_issues
from trainer.steps.ingest import ingest
from trainer.steps.snapshot import read_issues as read_frozen_issues
from trainer.steps.snapshot import read_snapshot, snapshot
from trainer.store import Run

pytestmark = pytest.mark.integration


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
