"""A promotion, whoever makes it, ends what the new champion was in shadow as."""

from __future__ import annotations

import psycopg
import pytest

from demand_forecast.promotion import deployments
from trainer.contract import Shadow, ShadowKind
from trainer.database.connection import connect
from trainer.database.shadows import read_shadows, store_shadow

pytestmark = pytest.mark.integration


def promote(database_url: str, version: str, *, over: str | None) -> None:
    values = deployments.parameters(
        region="GR",
        version=version,
        run_id=f"weekly_retrain_GR/{version}",
        reason="Better.",
        metrics={},
        champion_version=over,
        artifact_path=f"GR/models/{version}",
        artifact_checksum="0" * 64,
        trained_from="2024-01-01T00:00:00+00:00",
        trained_to="2024-03-01T00:00:00+00:00",
    )
    with psycopg.connect(database_url) as connection:
        deployments.record(connection, values)


def shadow(database_url: str, name: str, version: str) -> None:
    of = Shadow(name=name, kind=ShadowKind.VERSION, version=version, checksum="0" * 64)
    with connect(database_url) as connection:
        store_shadow(connection, "GR", of, added_by="Kim", reason="to compare")


def live(database_url: str) -> set[str]:
    with connect(database_url) as connection:
        return {row.shadow.name for row in read_shadows(connection, "GR") if row.removed_at is None}


def test_every_shadow_of_the_new_champion_ends_and_no_other(database_url: str) -> None:
    promote(database_url, "GR-1", over=None)
    for name, version in {"lost": "GR-2", "again": "GR-2", "other": "GR-3"}.items():
        shadow(database_url, name, version)
    promote(database_url, "GR-2", over="GR-1")
    assert live(database_url) == {"other"}


def test_a_former_champion_in_shadow_goes_on_when_its_old_promotion_is_told_again(database_url: str) -> None:
    promote(database_url, "GR-1", over=None)
    promote(database_url, "GR-2", over="GR-1")
    shadow(database_url, "former", "GR-1")
    promote(database_url, "GR-1", over=None)
    assert live(database_url) == {"former"}
