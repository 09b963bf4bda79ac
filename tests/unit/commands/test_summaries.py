"""What a person reads at the end of a verb."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.unit.data.series import KOREA
from trainer.commands.summaries import show_refit
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
