"""A daily file that goes by chance from 01:00 to 00:00, as one of ends of intervals would, is read as the
files before it were."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pandas as pd
import pytest

from trainer.database import connect
from trainer.errors import StampUnknownError
from trainer.steps.ingest import ingest
from trainer.store import Run

pytestmark = pytest.mark.integration
MakeRun = Callable[..., Run]
WINDOW = slice(pd.Timestamp("2024-03-09 01:00"), pd.Timestamp("2024-03-16 00:00"))


def write(run: Run, demand: pd.Series) -> None:
    """The source: `demand` (MW) by local times without a zone."""
    demand.rename_axis("time").to_csv(run.region.source)


@pytest.fixture
def local(demand: pd.Series) -> pd.Series:
    return demand.tz_localize(None)


def stored(database: str) -> pd.Series:
    """MW of the fifteenth, the day that only the later file has, by UTC hour."""
    with connect(database) as connection:
        rows = connection.execute(
            "SELECT time, demand_mw FROM raw_demand WHERE time >= '2024-03-14T15:00Z' ORDER BY time"
        ).fetchall()
    return pd.Series(dict(rows)).dropna()


@pytest.mark.parametrize(
    ("later", "spelled"), [(timedelta(0), "beginnings"), (timedelta(hours=1), "ends")], ids=["starts", "ends"]
)
def test_stored_hours_say_what_its_times_are(
    make_run: MakeRun, database: str, local: pd.Series, later: timedelta, spelled: str
) -> None:
    ingest(make_run("2024-03-15"), source=None)
    run = make_run("2024-03-16", "daily/2")
    write(run, local.set_axis(local.index + later).loc[WINDOW])
    facts = ingest(run, source=None).facts
    expected = local.loc["2024-03-15"].tz_localize(run.region.timezone).tz_convert("UTC")
    assert stored(database).tolist() == pytest.approx(expected.tolist())
    assert any(f"read as the {spelled} of their intervals" in text for text in facts["findings"])


def test_without_stored_hours_it_is_asked(make_run: MakeRun, database: str, local: pd.Series) -> None:
    run = make_run("2024-03-16")
    write(run, local.loc[WINDOW])
    with pytest.raises(StampUnknownError, match="say it once in the region"):
        ingest(run, source=None)


@pytest.mark.parametrize("factor", [0.0, 1.01], ids=["stands still", "is another series"])
def test_hours_that_agree_with_both_or_with_neither_say_nothing(
    make_run: MakeRun, database: str, local: pd.Series, factor: float
) -> None:
    flat = local * 0 + 5000.0
    write(make_run(), flat if factor == 0 else local)
    ingest(make_run("2024-03-15"), source=None)
    run = make_run("2024-03-16", "daily/2")
    write(run, (flat if factor == 0 else local * factor).loc[WINDOW])
    with pytest.raises(StampUnknownError):
        ingest(run, source=None)
