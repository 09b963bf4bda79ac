"""What is typed: a region, and the least effort that trains a model."""

from __future__ import annotations

import json
from typing import Any

import pytest

REGION = {
    "T": {
        "title": "Test",
        "timezone": "Asia/Seoul",
        "country": "KR",
        "latitude": 36.5,
        "longitude": 127.5,
        "weather": ["temperature"],
        "forecasts": {"day_ahead": {"at": "10:00", "covers": "tomorrow"}},
    }
}
EFFORT = ["--trials", "1", "--epochs", "1", "--holdout-days", "8", "--origin-hours", "12", "--device", "cpu"]


def result(capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    read: dict[str, Any] = json.loads(capsys.readouterr().out)
    return read
