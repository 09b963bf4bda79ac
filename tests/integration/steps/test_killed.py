"""A process killed outright, at the worst instructions: the same run again ends as if nothing had happened.

Each victim is a process of its own that SIGKILL ends, so that nothing of it can clean up after itself.
"""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import mlflow
import psycopg
import pytest

from demand_forecast.promotion import deployments
from demand_forecast.promotion.deployment_rows import Status
from demand_forecast.promotion.sql import RECORD_REJECTION, statement
from tests.integration.steps.small_model import DAYS, TINY, leave_search
from tests.integration.steps.worker import AS_OF, RUN, Worker
from trainer.contract import Env, ExitCode, Region, run_folder
from trainer.model.artifact import MANIFEST
from trainer.model.config import ModelConfig
from trainer.observers.tracking import EXPERIMENT
from trainer.steps.snapshot import snapshot
from trainer.store import Run, parse_as_of

pytestmark = [pytest.mark.integration, pytest.mark.timeout(300)]


def searched(folder: Path, place: Region, config: ModelConfig) -> Worker:
    """A retraining that has its data and its search, and has still to train."""
    worker = Worker(folder, place)
    run = Run(region=place, run_id=RUN, as_of=parse_as_of(AS_OF, place), store=worker.store)
    snapshot(run, lookback_days=DAYS, source=None)
    leave_search(run, config)
    return worker


@pytest.fixture(scope="module")
def weekly(place: Region, tmp_path_factory: pytest.TempPathFactory) -> Worker:
    return searched(tmp_path_factory.mktemp("weekly"), place, TINY)


@pytest.fixture(scope="module")
def trained(weekly: Worker) -> Worker:
    """Its worker was killed while it saved the candidate, and then it was run again."""
    assert weekly.dies("train", before="candidate/scalers.json") == -signal.SIGKILL
    assert weekly.ends("train") == ExitCode.DONE
    return weekly


def test_a_training_killed_among_its_files_is_run_again_to_a_whole_candidate(trained: Worker) -> None:
    for ref in trained.manifest("train").outputs.values():
        trained.store.read_checked(ref)
    assert MANIFEST in trained.manifest("train").outputs


def test_a_training_killed_in_the_midst_of_each_part_ends_with_the_weights_of_one_left_alone(
    place: Region, tmp_path: Path
) -> None:
    config = replace(TINY, epochs=5, members=2, dropout=0.2)
    alone, killed = (searched(tmp_path / name, place, config) for name in ("alone", "killed"))
    assert alone.ends("train") == ExitCode.DONE
    for part in ("0-epochs-network-0", "0-epochs-network-1", "5-epochs-network-0"):
        assert killed.dies_after("train", f"after-{part}.safetensors") == -signal.SIGKILL
    assert killed.ends("train") == ExitCode.DONE
    assert [killed.said.count(f"going on after epoch {epoch}") for epoch in (5, 1)] == [2, 1]
    assert killed.manifest("train").outputs == alone.manifest("train").outputs
    for worker in (alone, killed):
        assert not worker.store.exists(f"{run_folder('T', RUN)}/checkpoints/train")


def test_a_killed_training_goes_on_in_its_mlflow_run(place: Region, tmp_path: Path, mlflow_uri: str) -> None:
    worker = searched(tmp_path, place, replace(TINY, epochs=5))
    worker.environ[Env.MLFLOW_TRACKING_URI] = mlflow_uri
    assert worker.dies_after("train", "after-0-epochs-network-0.safetensors") == -signal.SIGKILL
    assert worker.ends("train") == ExitCode.DONE
    client = mlflow.MlflowClient(tracking_uri=mlflow_uri)
    experiment = client.get_experiment_by_name(EXPERIMENT)
    assert experiment is not None
    version = worker.manifest("train").facts["version"]
    (run,) = client.search_runs([experiment.experiment_id], f"tags.version = '{version}'")
    assert run.info.run_id == worker.manifest("train").facts["mlflow_run_id"]
    losses = client.get_metric_history(run.info.run_id, "train_loss")
    assert [loss.step for loss in losses] == [2, 3, 4, 5, 6, 7], "killed before the first was told"
    client.set_terminated(run.info.run_id)


def test_a_training_that_is_told_to_end_does_so_at_once_and_goes_on_later(
    place: Region, tmp_path: Path
) -> None:
    worker = searched(tmp_path, place, replace(TINY, epochs=500))
    checkpoints = tmp_path / run_folder("T", RUN) / "checkpoints"
    command = [sys.executable, "-m", "trainer", *worker.words("train")]
    with subprocess.Popen(command, env={**worker.environ, "TMPDIR": str(tmp_path)}) as training:
        wait_for(lambda: any(checkpoints.rglob("*.safetensors")))
        training.terminate()
        assert training.wait(60) == 128 + signal.SIGTERM
    assert any(checkpoints.rglob("*.safetensors"))
    assert not list(tmp_path.glob("demand-forecast-*"))


def test_a_checkpoint_of_another_training_is_not_gone_on_with(place: Region, tmp_path: Path) -> None:
    worker = searched(tmp_path, place, replace(TINY, epochs=5))
    assert worker.dies_after("train", "network-0.safetensors") == -signal.SIGKILL
    other = searched(tmp_path, place, replace(TINY, epochs=5, learning_rate=1e-3))
    fresh = searched(tmp_path / "fresh", place, replace(TINY, epochs=5, learning_rate=1e-3))
    assert (other.ends("train"), fresh.ends("train")) == (ExitCode.DONE, ExitCode.DONE)
    assert other.manifest("train").outputs == fresh.manifest("train").outputs


def test_what_has_its_manifest_is_not_trained_again(trained: Worker) -> None:
    before = trained.manifest("train")
    assert trained.ends("train") == ExitCode.DONE
    assert trained.manifest("train") == before


def test_a_promote_killed_between_its_files_is_run_again_to_one_whole_version(trained: Worker) -> None:
    training = trained.manifest("train")
    version = training.facts["version"]
    files = [f"models/{version}/scalers.json", f"models/{version}/manifest.json", "/promote.json"]
    for file in files:
        assert trained.dies("promote", before=file) == -signal.SIGKILL
    assert trained.ends("promote") == ExitCode.DONE
    published = trained.manifest("promote")
    assert trained.versions() == [version]
    assert {name: ref.sha256 for name, ref in published.outputs.items()} == {
        name: ref.sha256 for name, ref in training.outputs.items()
    }
    for ref in published.outputs.values():
        trained.store.read_checked(ref)
    assert trained.manifest("train") == training, "nothing was trained again"


@pytest.fixture
def measured(trained: Worker) -> dict[str, str | None]:
    """What the transaction is given, from the manifests of a run that was promoted."""
    assert trained.ends("promote") == ExitCode.DONE
    facts = trained.manifest("promote").facts
    return deployments.parameters(
        region="T",
        version=facts["version"],
        run_id=RUN,
        reason="The challenger wins.",
        metrics={},
        champion_version="T-0",
        artifact_path=facts["artifact"]["path"],
        artifact_checksum=facts["artifact"]["checksum"],
        trained_from=facts["train_from"],
        trained_to=facts["train_until"],
    )


@pytest.fixture
def crowned(database_url: str, measured: dict[str, str | None]) -> str:
    """A database in which the region has a champion already."""
    earlier = {**measured, "version": "T-0", "run_id": "weekly/0", "champion_version": None}
    with psycopg.connect(database_url) as connection:
        deployments.record(connection, earlier)
    return database_url


def rows(url: str) -> list[tuple[str, Status]]:
    with psycopg.connect(url) as connection:
        return [(row.version, row.status) for row in deployments.history(connection, "T")]


def test_killed_between_publication_and_record_the_run_again_makes_one_deployment(
    trained: Worker, crowned: str, measured: dict[str, str | None]
) -> None:
    assert rows(crowned) == [("T-0", Status.ACTIVE)], "published and not recorded: the old champion works"
    before = trained.manifest("promote")
    assert trained.ends("promote") == ExitCode.DONE
    assert trained.manifest("promote") == before
    for _ in range(2):
        with psycopg.connect(crowned) as connection:
            deployments.record(connection, measured)
    assert rows(crowned) == [(str(measured["version"]), Status.ACTIVE), ("T-0", Status.ARCHIVED)]


RECORDS = """
import json, sys
import psycopg
from demand_forecast.promotion import deployments
with psycopg.connect(sys.argv[1]) as connection:
    deployments.record(connection, json.loads(sys.argv[2]))
"""


def test_killed_between_the_statements_of_the_record_the_old_champion_stays_until_it_is_run_again(
    trained: Worker, crowned: str, measured: dict[str, str | None]
) -> None:
    with psycopg.connect(crowned) as rival:
        # The same run's row, not committed yet: the victim has archived the champion and waits to insert.
        parts = ("artifact_path", "artifact_checksum", "trained_from", "trained_to")
        rival.execute(statement(RECORD_REJECTION[0]), {**measured, **dict.fromkeys(parts)})
        victim = subprocess.Popen(
            [sys.executable, "-c", RECORDS, crowned, json.dumps(measured)], env=trained.environ
        )
        wait_for(lambda: blocked(crowned, "INSERT INTO model_deployments"))
        victim.kill()
        assert victim.wait() == -signal.SIGKILL
        rival.rollback()
    wait_for(lambda: not blocked(crowned, "INSERT INTO model_deployments"))
    assert rows(crowned) == [("T-0", Status.ACTIVE)]
    with psycopg.connect(crowned) as connection:
        deployments.record(connection, measured)
    assert rows(crowned) == [(str(measured["version"]), Status.ACTIVE), ("T-0", Status.ARCHIVED)]


def blocked(url: str, statement: str) -> bool:
    with psycopg.connect(url) as connection:
        found = connection.execute(
            """SELECT count(*) FROM pg_stat_activity
               WHERE datname = current_database() AND wait_event_type = 'Lock' AND query LIKE %s""",
            (f"%{statement}%",),
        ).fetchone()
    return bool(found and found[0])


def wait_for(happened: Callable[[], bool], seconds: float = 60) -> None:
    until = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < until, "it never came to that"
        time.sleep(0.05)
