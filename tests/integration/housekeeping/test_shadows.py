"""What a live shadow is made of stays, whatever housekeeping would otherwise think of it."""

from __future__ import annotations

import pytest

from tests.integration.housekeeping.upkeep import Upkeep
from trainer.contract import Shadow, ShadowKind, model_folder, shadow_mark, slug
from trainer.database.connection import connect
from trainer.database.shadows import end_shadow, store_shadow
from trainer.steps.promote import publish_version

pytestmark = pytest.mark.integration


def shadowed(upkeep: Upkeep, version: str, checksum: str) -> None:
    shadow = Shadow(name="shadow", kind=ShadowKind.VERSION, version=version, checksum=checksum)
    with connect(upkeep.database) as connection:
        store_shadow(connection, upkeep.region.name, shadow, added_by="Kim", reason="to compare")


def unshadowed(upkeep: Upkeep) -> None:
    with connect(upkeep.database) as connection:
        end_shadow(connection, upkeep.region.name, "shadow")


@pytest.fixture
def lost(upkeep: Upkeep) -> Upkeep:
    """A candidate that was turned away long ago is in shadow since."""
    upkeep.promoted("v1", over=None)
    upkeep.turned_away("lost", over="v1")
    training = upkeep.run("lost").require("train")
    upkeep.store.write(shadow_mark(upkeep.region.name, "lost"), b"{}")
    publish_version(upkeep.store, training.outputs, model_folder(upkeep.region.name, "lost"))
    shadowed(upkeep, "lost", upkeep.published("lost", days_old=400))
    upkeep.long_ago(400)
    return upkeep


def test_a_live_shadow_s_version_and_its_run_stay(lost: Upkeep) -> None:
    lost.keep_house()
    assert lost.folders("models") == {"v1", "lost"}
    assert slug("lost") in lost.folders("runs")
    assert lost.folders("shadows") == {"lost.json"}


def test_once_it_is_removed_they_go(lost: Upkeep) -> None:
    unshadowed(lost)
    lost.keep_house()
    assert lost.folders("models") == {"v1"}
    assert slug("lost") not in lost.folders("runs")
    assert lost.folders("shadows") == set()


def test_a_former_champion_in_shadow_stays_however_many_followed_it(upkeep: Upkeep) -> None:
    for number in range(1, 7):
        upkeep.promoted(f"v{number}", over=f"v{number - 1}" if number > 1 else None)
    upkeep.long_ago()
    shadowed(upkeep, "v1", "0" * 64)
    upkeep.keep_house(keep=3)
    assert upkeep.folders("models") == {"v1", "v4", "v5", "v6"}
    assert "v1" not in upkeep.retired()
    unshadowed(upkeep)
    upkeep.keep_house(keep=3)
    assert upkeep.folders("models") == {"v4", "v5", "v6"}
