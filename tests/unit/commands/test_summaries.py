"""What a person reads at the end of a verb."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.unit.data.series import KOREA
from trainer.commands.summaries import show_forecast, show_refit
from trainer.store import Run, Store


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setenv("COLUMNS", "120")  # no sentence is folded
    moment = datetime(2024, 3, 1, tzinfo=UTC)
    return Run(region=KOREA, run_id="by-hand", as_of=moment, store=Store(str(tmp_path)))


def told(run: Run, capfd: pytest.CaptureFixture[str], **more: Any) -> str:
    facts = {"parent": "KR-1", "accepted": True, "reason": "new days", "version": "KR-2", **more}
    moment = datetime(2024, 3, 1, tzinfo=UTC)
    show_refit(run, run.close("refit", started=moment, parameters={}, facts=facts))
    return "".join(capfd.readouterr())


def test_places_are_told_by_what_they_count_by_the_first_first(
    run: Run, capfd: pytest.CaptureFixture[str]
) -> None:
    places = {"temperature_busan": 0.25, "temperature_seoul": 0.75}
    assert "temperature_seoul 75%, temperature_busan 25%" in told(run, capfd, places=places)


def test_where_each_counts_as_much_nothing_is_said_of_them(
    run: Run, capfd: pytest.CaptureFixture[str]
) -> None:
    assert "places" not in told(run, capfd, places={})


def test_a_refit_that_cannot_forecast_the_last_days_is_told_as_one(
    run: Run, capfd: pytest.CaptureFixture[str]
) -> None:
    check = {"parent_mae": 812.3, "mae": None, "hours": 168}
    found = told(run, capfd, accepted=False, check=check)
    assert "none could be made, its parent's 812.3 MW" in found


def forecast_told(run: Run, capfd: pytest.CaptureFixture[str], **more: Any) -> str:
    facts = {
        "version": "KR-1",
        "model_age_days": 1.0,
        "fallback": "none",
        "fallback_reasons": [],
        "origin": "2024-02-29T15:00:00+00:00",
        "horizon": 24,
        **more,
    }
    moment = datetime(2024, 3, 1, tzinfo=UTC)
    show_forecast(run, run.close("forecast", started=moment, parameters={}, facts=facts))
    return "".join(capfd.readouterr())


def test_a_forecast_tells_each_day_s_peak_with_its_local_hour_and_its_energy(
    run: Run, capfd: pytest.CaptureFixture[str]
) -> None:
    day = {
        "date": "2024-03-01",
        "peak_mw": 72345.6,
        "peak_time": "2024-03-01T01:00:00+00:00",
        "peak_lower_mw": 70000.2,
        "peak_upper_mw": 74999.7,
        "energy_mwh": 3.14159,
        "energy_lower_mwh": 3,
        "energy_upper_mwh": 3.5,
    }
    found = forecast_told(run, capfd, days=[day])
    assert "peak of 2024-03-01 (MW)" in found
    assert "72,346, 80 % band 70,000 .. 75,000, in the hour from 10:00" in found
    assert "3.142, 80 % band 3 .. 3.5" in found


def test_a_forecast_without_days_says_nothing_of_them(run: Run, capfd: pytest.CaptureFixture[str]) -> None:
    assert "peak" not in forecast_told(run, capfd)


def test_a_forecast_of_an_ensemble_tells_what_its_members_counted_by(
    run: Run, capfd: pytest.CaptureFixture[str]
) -> None:
    members = {"model": 0.72, "seasonal": 0.01, "reference": 0.27}
    assert "model 72%, seasonal 1%, reference 27%" in forecast_told(run, capfd, members=members)
    assert "average of" not in forecast_told(run, capfd)


def test_a_forecast_tells_from_when_on_a_fallback_made_it(
    run: Run, capfd: pytest.CaptureFixture[str]
) -> None:
    found = forecast_told(run, capfd, fallback="weatherless", fallback_from=73, horizon=168)
    assert "weatherless, from 73 h ahead on" in found
    assert "h ahead on" not in forecast_told(run, capfd, fallback="weatherless", fallback_from=1)
