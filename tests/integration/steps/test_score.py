"""What came is scored by day and by lead time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest

from tests.integration.influx.published import stored
from tests.integration.steps.stores import settings_of, values
from trainer.database import connect
from trainer.steps.ingest import ingest
from trainer.steps.score import score
from trainer.store import Run

pytestmark = pytest.mark.integration
MakeRun = Callable[..., Run]
CloseForecast = Callable[..., None]


def test_a_forecast_is_scored_once_its_actuals_are_there(
    make_published_run: Callable[..., Run], make_run: MakeRun, database: str
) -> None:
    make_published_run("2024-03-15", "daily/1", off=0.02)
    assert score(make_run("2024-03-15", "daily/1"), days=7).facts["hours"] == 0
    later = make_run("2024-03-16", "daily/2")
    ingest(later, source=None)
    scored = score(later, days=7)
    assert scored.facts["hours"] == 24
    assert scored.metrics["2024-03-15"]["mape"] == pytest.approx(2.0)
    by_lead_time = values(
        database, "SELECT lead_time, hours, mape FROM model_metrics WHERE lead_time > 0 ORDER BY 1"
    )
    assert [row[0] for row in by_lead_time] == list(range(1, 25))
    assert all(row[2] == pytest.approx(2.0) for row in by_lead_time)


def test_an_hour_that_was_never_measured_is_not_scored(
    make_published_run: Callable[..., Run], make_run: MakeRun
) -> None:
    make_published_run("2024-03-15", "daily/1")
    later = make_run("2024-03-16", "daily/2")
    rows = pd.read_csv(later.region.source, index_col="time")
    rows.drop(["2024-03-15 05:00:00", "2024-03-15 06:00:00"]).to_csv(later.region.source)
    ingest(later, source=None)
    assert score(later, days=1).facts["hours"] == 22


def test_the_figure_of_a_day_counts_its_day_ahead_forecast_alone(
    make_published_run: Callable[..., Run], make_run: MakeRun, database: str
) -> None:
    make_published_run("2024-03-14", "daily/1", off=0.10, horizon=48)
    make_published_run("2024-03-15", "daily/2", off=0.02)
    later = make_run("2024-03-16", "daily/3")
    ingest(later, source=None)
    assert score(later, days=1).metrics["2024-03-15"]["mape"] == pytest.approx(2.0)


def test_scoring_again_replaces_the_figures(
    make_published_run: Callable[..., Run], make_run: MakeRun, database: str
) -> None:
    make_published_run("2024-03-15", "daily/1")
    later = make_run("2024-03-16", "daily/2")
    ingest(later, source=None)
    score(later, days=7)
    once = values(database, "SELECT count(*) FROM model_metrics")
    score(later, days=7)
    assert values(database, "SELECT count(*) FROM model_metrics") == once


def test_a_forecast_that_was_made_again_by_another_model_leaves_no_score_of_the_first(
    make_published_run: Callable[..., Run], make_run: MakeRun, database: str, influxdb: Any
) -> None:
    make_published_run("2024-03-15", "daily/1", off=0.05, version="T-1")
    later = make_run("2024-03-16", "daily/2")
    ingest(later, source=None)
    score(later, days=7)
    make_published_run("2024-03-15", "daily/1", off=0.02, version="T-2")
    score(later, days=7)
    assert values(database, "SELECT DISTINCT model_version FROM model_metrics") == [("T-2",)]
    points = stored(settings_of(influxdb), "forecast_metrics")
    assert {point["model_version"] for point in points} == {"T-2"}


def test_a_day_whose_demand_turned_out_suspect_has_no_score_any_more(
    make_published_run: Callable[..., Run], make_run: MakeRun, database: str, influxdb: Any
) -> None:
    make_published_run("2024-03-15", "daily/1")
    later = make_run("2024-03-16", "daily/2")
    ingest(later, source=None)
    score(later, days=7)
    with connect(database) as connection:
        connection.execute("UPDATE raw_demand SET verdict = 'suspect', verdict_reason = 'spike'")
    assert score(later, days=7).facts["hours"] == 0
    assert values(database, "SELECT count(*) FROM model_metrics") == [(0,)]
    assert stored(settings_of(influxdb), "forecast_metrics") == []


QUANTILES = {"q5": 0.96, "q25": 0.99, "q75": 1.01, "q95": 1.04}
"""Shares of the forecast, as the band's are 0.97 and 1.03."""


def test_all_quantiles_of_a_forecast_are_scored_together(
    make_published_run: Callable[..., Run], make_run: MakeRun, database: str
) -> None:
    make_published_run("2024-03-15", "daily/1", off=0.02, quantiles=QUANTILES)
    later = make_run("2024-03-16", "daily/2")
    ingest(later, source=None)

    figures = score(later, days=1).metrics["2024-03-15"]

    shares = {5: 0.96, 10: 0.97, 25: 0.99, 50: 1.0, 75: 1.01, 90: 1.03, 95: 1.04}
    # 2 % above what came, so that each quantile's loss is a share of what came.
    over = {level: 1.02 * share - 1 for level, share in shares.items()}
    losses = [max(-level * off, (100 - level) * off) / 100 for level, off in over.items()]
    of_demand = 2 * sum(losses) / len(losses)
    assert figures["crps"] / figures["mae"] == pytest.approx(of_demand / 0.02)
    assert values(database, "SELECT count(crps), count(*) FROM model_metrics") == [(25, 25)]


def test_a_forecast_with_the_band_alone_has_no_crps(
    make_published_run: Callable[..., Run], make_run: MakeRun, database: str
) -> None:
    make_published_run("2024-03-14", "daily/1", quantiles=QUANTILES)
    make_published_run("2024-03-15", "daily/2")
    later = make_run("2024-03-16", "daily/3")
    ingest(later, source=None)

    scored = score(later, days=2).metrics

    assert (scored["2024-03-14"]["crps"] is None, scored["2024-03-15"]["crps"] is None) == (False, True)


def test_a_named_forecast_is_scored_apart_on_the_hours_that_it_covers(
    make_published_run: Callable[..., Run], make_run: MakeRun, database: str
) -> None:
    make_published_run("2024-03-15", "daily/1", off=0.02)
    at_ten = {"horizon": 38, "first": 15, "product": "day_ahead"}
    make_published_run("2024-03-14 10:00", "day_ahead/1", off=0.05, **at_ten)
    later = make_run("2024-03-16", "daily/2")
    ingest(later, source=None)
    scored = score(later, days=7)
    assert {day: figures["mape"] for day, figures in scored.metrics.items()} == {
        "2024-03-15": pytest.approx(2.0)
    }
    assert scored.facts["products"]["day_ahead"]["2024-03-15"]["mape"] == pytest.approx(5.0)
    rows = values(
        database,
        "SELECT product, min(lead_time) FILTER (WHERE lead_time > 0), max(lead_time), "
        "max(hours) FROM model_metrics GROUP BY product ORDER BY product",
    )
    assert rows == [("", 1, 24, 24), ("day_ahead", 15, 38, 24)]


def test_what_is_made_every_hour_is_scored_as_often_as_it_spoke(
    make_published_run: Callable[..., Run], make_run: MakeRun, database: str
) -> None:
    for hour in (0, 1, 2):
        made = {"horizon": 3, "product": "intraday"}
        make_published_run(f"2024-03-15 {hour:02}:00", f"intraday/{hour}", off=0.01 * (hour + 1), **made)
    later = make_run("2024-03-16", "daily/2")
    ingest(later, source=None)
    figures = score(later, days=1).facts["products"]["intraday"]["2024-03-15"]
    assert figures["mape"] == pytest.approx(2.0)
    assert values(database, "SELECT hours FROM model_metrics WHERE lead_time = 0") == [(9,)]
