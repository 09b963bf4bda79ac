"""The grid operator's own forecast goes with demand: from the file through PostgreSQL into the snapshot."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd
import pytest

from trainer.run import Run
from trainer.steps.ingest import ingest
from trainer.steps.snapshot import read_snapshot, snapshot

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
