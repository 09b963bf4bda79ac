"""The service follows promotions while it answers, and stands on what is left when a model is broken."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from tests.integration.api.running import Running
from tests.integration.api.sample import LAST_MIDNIGHT, decide
from trainer.database.connection import connect

pytestmark = pytest.mark.integration

ORDER = {"region": "KR", "as_of": LAST_MIDNIGHT.isoformat()}
PINNED = {**ORDER, "allow_fallback": False}


def damage(api: Running, version: str) -> None:
    """Puts the version into the store with a file that is not what its manifest says."""
    api.publish(version)
    weights = api.folder(version) / "lstm_model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-8])


def served(api: Running, order: dict[str, object] = ORDER) -> tuple[str, str]:
    body = api.client.post("/api/predict", json=order).json()
    return body["model_version"], body["fallback"]


def test_a_promotion_is_followed_without_a_dropped_request(start: Callable[..., Running]) -> None:
    api = start()
    promoted, followed = threading.Event(), threading.Event()

    def order(_: int) -> list[str]:
        versions = []
        with httpx.Client(headers=api.client.headers, timeout=60) as client:
            while not followed.is_set() or len(versions) < 2:
                answer = client.post(f"{api.url}/api/predict", json=PINNED)
                assert answer.status_code == 200, answer.text
                versions.append(answer.json()["model_version"])
                if versions[-1] == "KR-v2":
                    followed.set()
                if len(versions) == 3 and not promoted.is_set():
                    promoted.set()
                    api.promote("KR-v2")
        return versions

    with ThreadPoolExecutor(3) as threads:
        told = list(threads.map(order, range(3), timeout=120))
    for versions in told:
        assert versions == sorted(versions)  # once the new one answers, the old one never does again
        assert set(versions) <= {"KR-v1", "KR-v2"}
    assert {"KR-v1", "KR-v2"} <= {version for versions in told for version in versions}


def test_a_rollback_is_followed_as_well(start: Callable[..., Running]) -> None:
    api = start()
    api.promote("KR-v2")
    _until(api, "KR-v2")
    with_same_files = api.publish("KR-v1")
    values = {"artifact_path": "KR/models/KR-v1", "artifact_checksum": with_same_files}
    with connect(api.database_url) as connection:
        decide(connection, "rollback", version="KR-v1", **values)
    _until(api, "KR-v1")


def test_a_version_that_a_rollback_turned_away_serves_no_more_even_when_the_one_before_it_is_broken(
    start: Callable[..., Running],
) -> None:
    api = start()
    api.promote("KR-v2")
    _until(api, "KR-v2")
    values = {"artifact_path": "KR/models/KR-v1", "artifact_checksum": "f" * 64}
    with connect(api.database_url) as connection:
        decide(connection, "rollback", version="KR-v1", **values)
    api.wait_for(lambda body: body["models"]["KR"] == "baseline")


def test_a_damaged_champion_leaves_the_one_in_memory_serving_and_says_so(
    start: Callable[..., Running],
) -> None:
    api = start()
    damage(api, "KR-v2")
    api.deploy("KR-v2", api.models("KR-v2")[1])
    assert api.wait_for(lambda body: body["models"]["KR"] == "previous")["status"] == "degraded"
    assert api.client.get("/api/health").status_code == 200
    body = api.client.post("/api/predict", json=ORDER).json()
    assert (body["model_version"], body["fallback"]) == ("KR-v1", "previous")
    assert "lstm_model.safetensors does not fit its checksum" in body["fallback_reasons"][0]


def test_a_caller_who_wants_the_champion_alone_is_told_what_is_wrong_with_it(
    start: Callable[..., Running],
) -> None:
    api = start()
    damage(api, "KR-v2")
    api.deploy("KR-v2", api.models("KR-v2")[1])
    api.wait_for(lambda body: body["models"]["KR"] == "previous")
    answer = api.client.post("/api/predict", json=PINNED)
    assert answer.status_code == 503
    assert answer.json()["type"].endswith(":champion-unavailable")
    assert "KR-v2" in answer.json()["detail"]
    assert "roll back" in answer.json()["mend"]


def test_a_champion_of_another_checksum_than_on_record_is_not_used(start: Callable[..., Running]) -> None:
    api = start()
    api.publish("KR-v2")
    api.deploy("KR-v2", "f" * 64)
    api.wait_for(lambda body: body["models"]["KR"] == "previous")
    assert served(api) == ("KR-v1", "previous")


def test_the_previous_version_is_fetched_when_the_champion_was_broken_from_the_start(
    start: Callable[..., Running],
) -> None:
    first = start()
    damage(first, "KR-v2")
    first.deploy("KR-v2", first.models("KR-v2")[1])
    again = start(champion=None)
    again.wait_for(lambda body: body["models"]["KR"] == "previous")
    assert served(again) == ("KR-v1", "previous")


def test_without_any_usable_model_the_seasonal_baseline_answers(start: Callable[..., Running]) -> None:
    api = start(champion=None)
    api.deploy("KR-v9", "a" * 64)
    api.wait_for(lambda body: body["models"]["KR"] == "baseline")
    body = api.client.post("/api/predict", json=ORDER).json()
    assert (body["model_version"], body["fallback"]) == ("seasonal-naive-168h", "baseline")
    assert body["model_age_days"] is None
    assert len(body["hours"]) == 24


def test_a_store_that_loses_its_files_does_not_touch_what_serves(start: Callable[..., Running]) -> None:
    api = start()
    shutil.rmtree(api.folder("KR-v1"))
    assert served(api) == ("KR-v1", "none")


def test_a_repaired_champion_is_taken_up(
    start: Callable[..., Running], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("trainer.api.model_cache.TRY_AGAIN_SECONDS", 0.2)
    api = start()
    damage(api, "KR-v2")
    api.deploy("KR-v2", api.models("KR-v2")[1])
    api.wait_for(lambda body: body["models"]["KR"] == "previous")
    api.publish("KR-v2")
    api.wait_for(lambda body: body["status"] == "ok")
    assert served(api) == ("KR-v2", "none")


def test_files_of_versions_that_no_longer_serve_are_removed_after_a_while(
    start: Callable[..., Running], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("trainer.api.model_cache.RETIRED_SECONDS", 0.0)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    api = start()
    assert [folder.name[:5] for folder in tmp_path.glob("demand-forecast-models-*/*")] == ["KR-v1"]
    api.promote("KR-v2")
    _until_true(
        lambda: [folder.name[:5] for folder in tmp_path.glob("demand-forecast-models-*/*")] == ["KR-v2"]
    )


def _until(api: Running, version: str) -> None:
    _until_true(lambda: served(api, PINNED) == (version, "none"))


def _until_true(condition: Callable[[], bool]) -> None:
    tries = threading.Event()
    for _ in range(600):
        if condition():
            return
        tries.wait(0.05)
    raise AssertionError("it never came true")
