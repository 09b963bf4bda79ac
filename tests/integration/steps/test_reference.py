"""The grid operator's own forecast goes with demand: through PostgreSQL into snapshot and scores."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd
import pytest

from trainer.database import connect
from trainer.database.metrics import read_metrics
from trainer.steps.ingest import ingest
from trainer.steps.publish import publish
from trainer.steps.score import score
from trainer.steps.snapshot import read_snapshot, snapshot
from trainer.store import Run

pytestmark = pytest.mark.integration
MakeRun = Callable[..., Run]


@pytest.fixture
def run(make_run: MakeRun) -> Run:
    """As of a day in the middle of a file whose operator is always 4 % above demand."""
    run = make_run()
    rows = pd.read_csv(run.region.source)
    rows.assign(reference=rows["demand_mw"] * 1.04).to_csv(run.region.source, index=False)
    return run


def test_a_snapshot_of_the_table_has_it_up_to_the_hours_to_come(run: Run, database: str) -> None:
    ingest(run, source=None)
    snapshot(run, lookback_days=7, source=None)
    history, _ = read_snapshot(run)
    measured = history.dropna(subset=["demand"])
    assert len(measured) == 7 * 24
    assert measured["reference"].to_numpy() == pytest.approx(measured["demand"].to_numpy() * 1.04)
    assert history.loc[run.as_of :, "reference"].notna().all()


def test_a_table_without_it_gives_a_snapshot_without_it(make_run: MakeRun, database: str) -> None:
    run = make_run()
    ingest(run, source=None)
    snapshot(run, lookback_days=7, source=None)
    assert "reference" not in read_snapshot(run)[0]


@pytest.fixture
def published(run: Run, close_forecast: Callable[..., None], database: str) -> Run:
    """A forecast of the next day, 2 % off; the operator says nothing of its first six hours."""
    rows = pd.read_csv(run.region.source)
    unknown = rows["time"].between("2024-03-15 00:00:00", "2024-03-15 05:00:00")
    rows.assign(reference=rows["reference"].mask(unknown)).to_csv(run.region.source, index=False)
    ingest(run, source=None)
    snapshot(run, lookback_days=7, source=None)
    close_forecast(run)
    publish(run)
    return run


def test_a_day_s_score_has_both_on_their_common_hours(
    published: Run, make_run: MakeRun, database: str
) -> None:
    later = make_run("2024-03-16", "daily/2")
    ingest(later, source=None)
    figures = score(later, days=1).metrics["2024-03-15"]
    assert figures["common_hours"] == 18
    assert figures["common_mape"] == pytest.approx(2)
    assert figures["reference_mape"] == pytest.approx(4)
    with connect(database) as connection:
        rows = {row.lead_time: row for row in read_metrics(connection, "T", published.as_of)}
    assert (rows[0].hours, rows[0].common_hours) == (24, 18)
    assert rows[0].reference_mae == pytest.approx(figures["reference_mae"])
    assert (rows[1].common_hours, rows[24].common_hours) == (None, 1)


def test_a_day_of_which_the_operator_says_nothing_is_scored_as_ever(
    make_run: MakeRun, close_forecast: Callable[..., None], database: str
) -> None:
    run = make_run()
    ingest(run, source=None)
    snapshot(run, lookback_days=7, source=None)
    close_forecast(run)
    publish(run)
    later = make_run("2024-03-16", "daily/2")
    ingest(later, source=None)
    assert "common_hours" not in score(later, days=1).metrics["2024-03-15"]
