"""Actuals reach raw_demand once, and a snapshot of them stays what it was."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import fsspec
import pandas as pd
import pytest

from trainer.contract import Env, Judgement
from trainer.data.quality import Overruling
from trainer.database import connect
from trainer.database.judgements import record_overruling
from trainer.errors import DataError, InfrastructureError, UsageError
from trainer.steps.ingest import ingest
from trainer.steps.snapshot import read_snapshot, snapshot
from trainer.store import Run

pytestmark = pytest.mark.integration
MakeRun = Callable[..., Run]


def rows_in(database: str) -> int:
    with connect(database) as connection:
        found = connection.execute("SELECT count(*) FROM raw_demand WHERE demand_mw IS NOT NULL").fetchone()
    assert found is not None
    return int(found[0])


def test_ingest_copies_what_was_known_at_as_of_and_nothing_later(make_run: MakeRun, database: str) -> None:
    assert ingest(make_run("2024-03-15"), source=None).facts["written"] == 24 * 14
    assert rows_in(database) == 24 * 14


def test_ingesting_again_changes_nothing(make_run: MakeRun, database: str) -> None:
    ingest(make_run(), source=None)
    assert ingest(make_run(), source=None).facts["written"] == 0


def test_a_later_day_adds_only_its_own_hours(make_run: MakeRun, database: str) -> None:
    ingest(make_run("2024-03-15"), source=None)
    assert ingest(make_run("2024-03-16", "daily/2"), source=None).facts["written"] == 24


@pytest.fixture
def presigned(make_run: MakeRun) -> str:
    """A URL of the region's file that carries a secret."""
    url = "memory://bucket/demand.csv?X-Amz-Signature=tr0ub4dor"
    with fsspec.open(url, "wb") as stream:
        stream.write(Path(make_run().region.source).read_bytes())
    return url


def test_a_signature_in_a_source_goes_on_no_record(make_run: MakeRun, database: str, presigned: str) -> None:
    run = make_run()
    written = [ingest(run, source=presigned), snapshot(run, lookback_days=7, source=presigned)]
    assert [manifest.parameters["source"] for manifest in written] == ["memory://bucket/demand.csv"] * 2
    assert "tr0ub4dor" not in "".join(manifest.to_json() for manifest in written)
    with connect(database) as connection:
        sources = connection.execute("SELECT DISTINCT source FROM raw_demand").fetchall()
    assert sources == [("memory://bucket/demand.csv",)]


def test_a_url_that_was_signed_anew_is_the_same_source(make_run: MakeRun, presigned: str) -> None:
    run = make_run()
    before = snapshot(run, lookback_days=7, source=presigned)
    assert snapshot(run, lookback_days=7, source=presigned.replace("tr0ub4dor", "anew")) == before


GAP = slice(pd.Timestamp("2024-03-10 05:00"), pd.Timestamp("2024-03-10 06:00"))


def lose_the_gap(source: str) -> pd.Series:
    """Takes two hours out of the file; returns what it said of them, by UTC hour."""
    rows = pd.read_csv(source, index_col="time", parse_dates=True)
    lost: pd.Series = rows.loc[GAP, "demand_mw"].tz_localize("Asia/Seoul").tz_convert("UTC")
    rows.drop(rows.loc[GAP].index).to_csv(source)
    return lost


def stored_demand(database: str, hours: pd.Index) -> list[float | None]:
    with connect(database) as connection:
        rows = connection.execute(
            "SELECT demand_mw FROM raw_demand WHERE time BETWEEN %s AND %s ORDER BY time",
            [hours[0], hours[-1]],
        ).fetchall()
    return [row[0] for row in rows]


def test_a_measurement_outlives_a_gap_that_its_source_has_later(make_run: MakeRun, database: str) -> None:
    ingest(make_run("2024-03-15"), source=None)
    measured = lose_the_gap(make_run().region.source)
    assert ingest(make_run("2024-03-15", "daily/2"), source=None).facts["written"] == 0
    assert stored_demand(database, measured.index) == measured.to_list()


def test_nothing_is_invented_for_a_gap(make_run: MakeRun, database: str) -> None:
    lost = lose_the_gap(make_run().region.source)
    run = make_run()
    ingest(run, source=None)
    snapshot(run, lookback_days=7, source=None)
    history, _ = read_snapshot(run)
    assert stored_demand(database, lost.index) == []
    assert history.index[history["demand"].isna() & (history.index < run.as_of)].equals(lost.index)
    assert history["verdict"].loc[lost.index].eq("missing").all()


def spoil(source: str, value: float) -> pd.DatetimeIndex:
    """Puts `value` over three hours of the file; returns them in UTC."""
    rows = pd.read_csv(source, index_col="time", parse_dates=True)
    hours = pd.date_range("2024-03-10 05:00", periods=3, freq="h")
    rows.loc[hours, "demand_mw"] = value
    rows.to_csv(source)
    return hours.tz_localize("Asia/Seoul").tz_convert("UTC")


def verdicts(database: str) -> dict[pd.Timestamp, str]:
    """Reason by hour that is suspect in raw_demand."""
    with connect(database) as connection:
        rows = connection.execute(
            "SELECT time, verdict_reason FROM raw_demand WHERE verdict = 'suspect' ORDER BY time"
        ).fetchall()
    return {pd.Timestamp(time).tz_convert("UTC"): reason for time, reason in rows}


@pytest.mark.parametrize("value", [0.0, -3.0, 1e6])
def test_an_absurd_value_is_kept_as_it_came_and_masked(
    make_run: MakeRun, database: str, value: float
) -> None:
    run = make_run()
    hours = spoil(run.region.source, value)
    facts = ingest(run, source=None).facts
    snapshot(run, lookback_days=7, source=None)
    history, _ = read_snapshot(run)
    assert stored_demand(database, hours) == [value] * 3
    assert [*verdicts(database)] == [*hours]
    assert [(found["first"], found["hours"]) for found in facts["suspect"]] == [(hours[0].isoformat(), 3)]
    assert history.loc[hours, "demand"].isna().all()
    assert history.loc[hours, "raw"].eq(value).all()


def test_a_verdict_goes_when_the_value_is_mended(make_run: MakeRun, database: str) -> None:
    source = make_run().region.source
    sound = Path(source).read_bytes()
    spoil(source, 0.0)
    ingest(make_run(), source=None)
    Path(source).write_bytes(sound)
    assert ingest(make_run(run_id="daily/2"), source=None).facts["written"] == 3
    assert verdicts(database) == {}


def test_a_person_s_word_on_hours_outlives_every_ingest(make_run: MakeRun, database: str) -> None:
    run = make_run()
    hours = spoil(run.region.source, 1e6)
    word = Overruling(hours[0], hours[-1], Judgement.ACCEPTED, "kim", "the smelter's test")
    with connect(database) as connection:
        record_overruling(connection, word, region=run.region.name)
    ingest(run, source=None)
    snapshot(run, lookback_days=7, source=None)
    history, _ = read_snapshot(run)
    assert verdicts(database) == {}
    assert history.loc[hours, "demand"].eq(1e6).all()


def test_a_region_fed_by_others_is_judged_too(make_run: MakeRun, database: str) -> None:
    run = make_run()
    ingest(run, source=None)
    with connect(database) as connection:
        connection.execute("UPDATE raw_demand SET demand_mw = -1 WHERE time = '2024-03-09T20:00Z'")
    fed = replace(run, region=replace(run.region, source="raw_demand"), run_id="daily/2")
    assert ingest(fed, source=None).facts["written"] == 0
    assert [*verdicts(database)] == [pd.Timestamp("2024-03-09T20:00Z")]


def test_a_source_that_cannot_be_read_writes_nothing(make_run: MakeRun, database: str) -> None:
    run = make_run()
    rows = pd.read_csv(run.region.source)
    rows.assign(time="in year 1").to_csv(run.region.source, index=False)
    with pytest.raises(DataError, match="in year 1"):
        ingest(run, source=None)
    assert rows_in(database) == 0
    assert run.manifest("ingest") is None


def test_ingest_without_a_database_names_the_variable(
    make_run: MakeRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(Env.POSTGRES_URL, raising=False)
    with pytest.raises(UsageError, match="DEMAND_FORECAST_POSTGRES_URL"):
        ingest(make_run(), source=None)


def test_a_refused_database_is_an_infrastructure_error(
    make_run: MakeRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(Env.POSTGRES_URL, "postgresql://u:secret@127.0.0.1:9/d")
    with pytest.raises(InfrastructureError, match=r"127\.0\.0\.1:9/d cannot be reached") as refused:
        ingest(make_run(), source=None)
    assert "secret" not in str(refused.value)


def test_a_snapshot_reads_raw_demand_and_goes_on_record(make_run: MakeRun, database: str) -> None:
    run = make_run()
    ingest(run, source=None)
    manifest = snapshot(run, lookback_days=7, source=None)
    history, frozen = read_snapshot(run)
    assert manifest.facts["source"] == "raw_demand"
    assert history["demand"].notna().sum() == 24 * 7
    with connect(database) as connection:
        row = connection.execute("SELECT region, run_id, sha256, rows FROM snapshots").fetchone()
    assert row == ("T", run.run_id, frozen.sha256, 24 * 7)


def test_a_snapshot_stays_as_it_was_when_the_data_changes(make_run: MakeRun, database: str) -> None:
    run = make_run()
    ingest(run, source=None)
    before = snapshot(run, lookback_days=7, source=None)
    with connect(database) as connection:
        connection.execute("UPDATE raw_demand SET demand_mw = demand_mw * 2")
    assert snapshot(run, lookback_days=7, source=None) == before


def test_a_snapshot_never_holds_demand_from_as_of_on(make_run: MakeRun) -> None:
    run = make_run("2024-03-10")
    snapshot(run, lookback_days=30, source=run.region.source)
    history, _ = read_snapshot(run)
    assert history["demand"].last_valid_index() == pd.Timestamp(run.as_of) - pd.Timedelta(hours=1)


@pytest.mark.parametrize(("day", "hours"), [("2024-03-22", 0), ("2024-03-23", 24)])
def test_a_snapshot_says_how_many_hours_of_demand_are_late(
    make_run: MakeRun, caplog: pytest.LogCaptureFixture, day: str, hours: int
) -> None:
    run = make_run(day)
    manifest = snapshot(run, lookback_days=30, source=run.region.source)
    assert manifest.facts["stale_hours"] == hours
    said = [
        line for line in caplog.messages if line.startswith("the last known demand is of 2024-03-21T14:00")
    ]
    assert [f"{hours} more hours" in line for line in said] == [True] * bool(hours)


def test_a_moment_long_after_the_data_is_refused_with_its_last_hour(make_run: MakeRun) -> None:
    run = make_run("2025-03-10")
    with pytest.raises(DataError, match=r"to 2024-03-21T14:00:00.* and no hour from"):
        snapshot(run, lookback_days=30, source=run.region.source)
