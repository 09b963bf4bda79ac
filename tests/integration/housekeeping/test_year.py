"""A year of a region with the default settings, in files as large as Korea's: what is left stays small."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import timedelta

import psycopg
import pytest

from demand_forecast.settings import Settings
from tests.integration.housekeeping.upkeep import NOW, Upkeep
from trainer.steps.housekeeping import housekeeping

pytestmark = [pytest.mark.integration, pytest.mark.timeout(300)]

MODEL, SNAPSHOT, SCORES, DAILY, INGESTED = 3_816_000, 952_000, 210_000, 70_000, 1_700
"""Bytes of a model and of runs of Korea with five years of history, as the verbs leave them."""
WEEKS = 52
LIMIT = 150e6
"""Bytes in the store and in MLflow, a year of weeks each of which promotes a candidate and refits it."""


def padded(upkeep: Upkeep, path: str, size: int) -> None:
    """A file of that size that takes no room."""
    place = upkeep.folder / path
    place.parent.mkdir(parents=True, exist_ok=True)
    place.touch()
    os.truncate(place, size)


def a_week(upkeep: Upkeep, week: int) -> int:
    """Files of the training, the promotion, the refit, the daily and the hourly runs; their bytes."""
    name, days_old = f"w{week}", 7.0 * (WEEKS - week)
    before = f"r{week - 1}" if week else None
    held = {file.path for file in upkeep.store.files(upkeep.region.name)}
    upkeep.promoted(name, over=before, days_old=days_old)
    upkeep.refitted(f"r{week}", parent=name, days_old=days_old)
    region = upkeep.region.name
    padded(upkeep, f"{upkeep.run(name).folder}/candidate/padding", MODEL)
    padded(upkeep, f"{upkeep.run(name).folder}/padding", SNAPSHOT + SCORES)
    padded(upkeep, f"{upkeep.run(f'r{week}').folder}/padding", SNAPSHOT)
    for version in (name, f"r{week}"):
        padded(upkeep, f"{region}/models/{version}/padding", MODEL)
    for day in range(7):
        run = upkeep.daily(f"d{week}-{day}", days_old=days_old)
        padded(upkeep, f"{run.folder}/padding", DAILY)
        # A day's ingestions, each a folder with its manifest, stand here as one file.
        padded(upkeep, f"{region}/runs/i{week}-{day}/padding", 24 * INGESTED)
    new = [file for file in upkeep.store.files(region) if file.path not in held]
    for file in new:
        moment = (NOW - timedelta(days=days_old)).timestamp()
        os.utime(upkeep.folder / file.path, (moment, moment))
    with psycopg.connect(upkeep.database) as connection:
        connection.execute(
            "UPDATE model_deployments SET decided_at = %(at)s, archived_at = CASE WHEN status = 'archived' "
            "THEN %(at)s END WHERE region = %(region)s AND version = ANY(%(versions)s)",
            {
                "at": NOW - timedelta(days=days_old),
                "region": region,
                "versions": [name, f"r{week}"],
            },
        )
        connection.execute(
            "UPDATE model_deployments SET archived_at = %s WHERE region = %s AND version = %s",
            (NOW - timedelta(days=days_old), region, before),
        )
    return sum(file.bytes for file in new)


def test_a_year_with_the_default_settings_leaves_less_than_150_mb(upkeep: Upkeep) -> None:
    settings, written, most = Settings(), 0, 0
    for week in range(WEEKS):
        written += a_week(upkeep, week) + MODEL  # MLflow has the candidate, too
        moment = NOW - timedelta(days=7.0 * (WEEKS - week))
        housekeeping(
            replace(upkeep.run(f"housekeeping-{week}"), as_of=moment),
            keep_champions=settings.keep_champions,
            training_days=settings.keep_training_days,
            run_days=settings.keep_run_days,
            dry_run=False,
        )
        files = upkeep.store.files(upkeep.region.name)
        in_mlflow = MODEL * sum(file.path.endswith("candidate/padding") for file in files)
        most = max(most, sum(file.bytes for file in files) + in_mlflow)
    print(f"written in a year: {written / 1e6:.0f} MB; the most that was held at once: {most / 1e6:.0f} MB")
    assert written > 900e6
    assert most < LIMIT
