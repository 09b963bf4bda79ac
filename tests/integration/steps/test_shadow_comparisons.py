"""Champion and shadow are compared on what both are on record with; each score keeps it for the page."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pandas as pd
import psycopg
import pytest

from demand_forecast.promotion import deployments
from tests.integration.steps.small_model import checksum
from tests.integration.steps.stores import values
from trainer.contract import Manifest, Region, Shadow, ShadowKind, model_folder
from trainer.database import connect
from trainer.database.connection import Connection
from trainer.database.predictions import upsert_predictions
from trainer.database.shadows import end_shadow, store_shadow, upsert_shadow_predictions
from trainer.errors import UsageError
from trainer.model.shadow_comparison import Comparison
from trainer.steps.ingest import ingest
from trainer.steps.score import score
from trainer.steps.shadow import compare_shadow, shadows
from trainer.steps.shadow_comparisons import compared
from trainer.store import Run

pytestmark = pytest.mark.integration

DAYS = [f"2024-03-{day:02d}" for day in range(9, 15)]


def midnight(day: str, region: Region) -> datetime:
    return pd.Timestamp(day, tz=region.timezone).tz_convert("UTC").to_pydatetime()


def crown(database: str, version: str, *, over: str | None = None) -> None:
    known = {
        "region": "T",
        "version": version,
        "run_id": f"weekly/{version}",
        "artifact_path": f"T/models/{version}",
        "artifact_checksum": "0" * 64,
        "trained_from": "2024-01-01T00:00:00+09:00",
        "trained_to": "2024-03-01T00:00:00+09:00",
        "reason": "Better.",
    }
    with psycopg.connect(database) as connection:
        values = deployments.parameters(**known, metrics={}, champion_version=over)  # type: ignore[arg-type]
        deployments.record(connection, values)


def refit(database: str, version: str, *, parent: str) -> None:
    with psycopg.connect(database) as connection:
        made = deployments.record_refit(
            connection,
            {
                "region": "T",
                "version": version,
                "run_id": f"refit/{version}",
                "parent": parent,
                "reason": "Brought up to date.",
                "artifact_path": f"T/models/{version}",
                "artifact_checksum": "0" * 64,
                "trained_from": "2024-01-01T00:00:00+09:00",
                "trained_to": "2024-03-02T00:00:00+09:00",
            },
        )
    assert made is not None


Speak = Callable[..., None]


@pytest.fixture
def run(make_run: Callable[..., Run], database: str) -> Run:
    """On the morning after DAYS, its demand ingested; T-1 is champion, and a shadow is live."""
    run = make_run("2024-03-15", "daily/15")
    ingest(run, source=None)
    crown(database, "T-1")
    with connect(database) as connection:
        shadow = Shadow(name="naive", kind=ShadowKind.BASELINE)
        store_shadow(connection, "T", shadow, added_by="Kim", reason="to compare")
    return run


@pytest.fixture
def speak(run: Run, demand: pd.Series, database: str) -> Speak:
    """What champion and shadow are on record with for a day, off by 4 and by 2 %."""

    def said(day: str, *, version: str = "T-1", shadow: bool = True) -> None:
        origin = midnight(day, run.region)
        index = pd.date_range(origin, periods=24, freq="h", name="time")
        actual = demand.tz_convert("UTC").reindex(index)
        common = pd.DataFrame({"lead_time": range(1, 25), "origin": index[0]}, index=index)
        served = common.assign(model_version=version, fallback="none", forecast=actual * 1.04)
        empty = dict.fromkeys(("trend", "seasonality", "residual", "lower", "upper"), float("nan"))
        beside = common.assign(
            model_version="seasonal-naive-168h",
            shadow="naive",
            forecast=actual * 1.02,
            lower=float("nan"),
            upper=float("nan"),
        )
        with connect(database) as connection:
            upsert_predictions(connection, served.assign(**empty), region="T", run_id=f"daily/{day}")
            if shadow:
                upsert_shadow_predictions(connection, beside, region="T", run_id=f"daily/{day}")

    return said


def found(run: Run, database: str) -> Comparison | None:
    with connect(database) as connection:
        return compared(connection, run.region, "naive", until=run.as_of)


def test_days_on_which_both_spoke_are_compared(run: Run, speak: Speak, database: str) -> None:
    for day in DAYS:
        speak(day, shadow=day != DAYS[0])
    both = found(run, database)
    assert both is not None
    assert (both.first, both.last, both.days, both.hours) == (DAYS[1], DAYS[-1], 5, 120)
    assert (both.champion["mape"], both.shadow["mape"]) == (pytest.approx(4.0), pytest.approx(2.0))
    assert both.improvement is not None
    assert both.improvement.mean == pytest.approx(2.0)


def test_an_hour_that_was_not_measured_counts_for_neither(run: Run, speak: Speak, database: str) -> None:
    speak(DAYS[-1])
    hour = midnight(DAYS[-1], run.region) + timedelta(hours=5)
    with connect(database) as connection:
        connection.execute("UPDATE raw_demand SET verdict = 'suspect' WHERE time = %s", (hour,))
    both = found(run, database)
    assert both is not None
    assert both.hours == 23
    assert 6 not in {one["lead_time"] for one in both.by_lead_time}


def test_what_another_champion_forecast_does_not_count_and_a_refit_s_does(
    run: Run, speak: Speak, database: str
) -> None:
    for day in DAYS[:3]:
        speak(day, version="T-0")
    for day in DAYS[3:]:
        speak(day)
    refit(database, "T-1r", parent="T-1")
    speak(DAYS[-1], version="T-1r")
    both = found(run, database)
    assert both is not None
    assert (both.first, both.days) == (DAYS[3], 3)


def test_what_stood_in_for_the_champion_does_not_count(run: Run, speak: Speak, database: str) -> None:
    speak(DAYS[-1], version="T-1-weatherless")
    assert found(run, database) is None


def test_a_fallback_by_the_champion_s_own_version_does_not_count(
    run: Run, speak: Speak, database: str
) -> None:
    speak(DAYS[-1])
    with connect(database) as connection:
        connection.execute("UPDATE predictions SET fallback = 'previous'")
    assert found(run, database) is None


KEPT = "SELECT (comparison ->> 'hours')::integer, compared_at IS NULL FROM shadow_models WHERE name = 'naive'"


def test_once_another_model_is_champion_no_comparison_is_kept(run: Run, speak: Speak, database: str) -> None:
    for day in DAYS:
        speak(day)
    score(run, days=2)
    assert values(database, KEPT) == [(144, False)]
    crown(database, "T-9", over="T-1")
    assert score(run, days=2).facts["shadow_hours"] == {"naive": 0}
    assert values(database, KEPT) == [(None, True)]


def test_a_score_of_earlier_days_does_not_replace_it(run: Run, speak: Speak, database: str) -> None:
    for day in DAYS:
        speak(day)
    score(run, days=2)
    earlier = replace(run, run_id="daily/13", as_of=midnight("2024-03-13", run.region))
    score(earlier, days=2)
    assert values(database, KEPT) == [(144, False)]


def test_a_shadow_that_cannot_be_compared_leaves_the_others_their_comparison(
    run: Run, speak: Speak, candidate: Shadow, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for day in DAYS:
        speak(day)

    def broken(connection: Connection, region: Region, shadow: str, *, until: datetime) -> Comparison | None:
        if shadow == "candidate":
            connection.execute("SELECT 1 / 0")
        return compared(connection, region, shadow, until=until)

    with connect(database) as connection:
        connection.execute("UPDATE shadow_models SET added_at = '2024-01-01' WHERE name = 'candidate'")
    monkeypatch.setattr("trainer.steps.shadow_comparisons.compared", broken)
    assert score(run, days=2).facts["shadow_hours"] == {"naive": 144}
    assert values(database, KEPT) == [(144, False)]


def test_a_score_keeps_each_live_shadow_s_comparison(run: Run, speak: Speak, database: str) -> None:
    for day in DAYS:
        speak(day)
    facts = score(run, days=2).facts
    assert facts["shadow_hours"] == {"naive": 144}
    ((kept,),) = values(database, "SELECT comparison FROM shadow_models WHERE compared_at IS NOT NULL")
    assert (kept["hours"], kept["shadow"]["mape"]) == (144, pytest.approx(2.0))


def test_what_is_scored_is_what_was_served(run: Run, speak: Speak, database: str) -> None:
    for day in DAYS:
        speak(day)
    metrics = score(run, days=2).metrics
    assert [day["mape"] for day in metrics.values()] == [pytest.approx(4.0)] * 2
    assert values(database, "SELECT DISTINCT model_version FROM model_metrics") == [("T-1",)]


def test_the_list_compares_live_shadows_and_names_those_that_were(
    run: Run, speak: Speak, database: str
) -> None:
    speak(DAYS[-1])
    (live,) = shadows(run)
    assert live["comparison"]["hours"] == 24
    with connect(database) as connection:
        end_shadow(connection, "T", "naive")
    (past,) = shadows(run)
    assert past["comparison"] is None
    assert past["removed_at"] is not None


def asked(run: Run, name: str) -> Manifest:
    return compare_shadow(run, name=name, asked_by="Kim", reason="better since it is cold")


@pytest.fixture
def candidate(run: Run, artifact: Path, database: str) -> Shadow:
    """A version in shadow, with its files."""
    run.store.upload(artifact, model_folder("T", "T-2"))
    shadow = Shadow(name="candidate", kind=ShadowKind.VERSION, version="T-2", checksum=checksum(artifact))
    with connect(database) as connection:
        store_shadow(connection, "T", shadow, added_by="Kim", reason="to compare")
    return shadow


def test_the_figures_of_a_promotion_are_those_of_an_evaluation_and_name_the_files(
    run: Run, speak: Speak, candidate: Shadow, database: str
) -> None:
    for day in DAYS:
        speak(day)
    with connect(database) as connection:
        connection.execute("UPDATE shadow_predictions SET shadow = 'candidate', model_version = 'T-2'")
    made = asked(run, "candidate")
    assert (made.metrics["challenger"]["mape"], made.metrics["champion"]["mape"]) == (
        pytest.approx(2.0),
        pytest.approx(4.0),
    )
    facts = made.facts
    assert (facts["challenger_version"], facts["champion_version"]) == ("T-2", "T-1")
    assert (facts["hours"], facts["days"], facts["improvement"]["days"]) == (144, 6, 6)
    assert facts["artifact"] == {"path": model_folder("T", "T-2"), "checksum": candidate.checksum}
    assert (facts["asked_by"], facts["reason"]) == ("Kim", "better since it is cold")
    assert facts["train_until"] == "2024-03-30T15:00:00+00:00"
    assert asked(run, "candidate") == made


def test_without_an_hour_of_both_there_are_no_figures(run: Run, candidate: Shadow) -> None:
    made = asked(run, "candidate")
    assert made.metrics == {"challenger": None, "champion": None}
    assert (made.facts["hours"], made.facts["days"], made.facts["improvement"]) == (0, 0, None)


def test_what_cannot_become_champion_is_not_compared_for_it(
    run: Run, candidate: Shadow, database: str
) -> None:
    with pytest.raises(UsageError, match="naive is the seasonal naive forecast, and no version"):
        asked(run, "naive")
    with pytest.raises(UsageError, match="region T has no shadow 'unheard-of'; it has naive, candidate"):
        asked(run, "unheard-of")
    with connect(database) as connection:
        end_shadow(connection, "T", "candidate")
    with pytest.raises(UsageError, match="candidate was removed; it cannot become champion"):
        asked(run, "candidate")
