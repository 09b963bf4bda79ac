"""Champion and shadow are compared on what both are on record with."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.integration.steps.shadow_comparisons.record import DAYS, Speak, midnight, refit
from trainer.contract import Manifest, Shadow, model_folder
from trainer.database import connect
from trainer.database.shadows import end_shadow
from trainer.errors import UsageError
from trainer.model.shadow_comparison import Comparison
from trainer.steps.shadow import compare_shadow, shadows
from trainer.steps.shadow_comparisons import compared
from trainer.store import Run

pytestmark = pytest.mark.integration


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
