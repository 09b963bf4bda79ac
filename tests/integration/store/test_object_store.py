"""A bucket as store and as source: a server that answers as S3 does, and the clients of the images."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import fsspec
import numpy as np
import pandas as pd
import pytest
import s3fs
from moto.server import ThreadedMotoServer

from demand_forecast.tasks.manifests import read_manifest, verify_artifact
from trainer.commands.cli import main
from trainer.contract import Env, ExitCode
from trainer.errors import InfrastructureError
from trainer.store import Store

pytestmark = pytest.mark.integration

REGION = {
    "T": {"title": "Test", "timezone": "Asia/Seoul", "country": "KR", "latitude": 36.5, "longitude": 127.5}
}
BUCKET = "s3://models"
EFFORT = ["--trials", "1", "--epochs", "1", "--holdout-days", "8", "--device", "cpu"]


@pytest.fixture(scope="module")
def bucket() -> Iterator[str]:
    """Reached as pods reach theirs: by the variables of a Secret, and by those alone."""
    server = ThreadedMotoServer("127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    try:
        with pytest.MonkeyPatch.context() as patch:
            for name in [name for name in os.environ if name.startswith("AWS_")]:
                patch.delenv(name)
            patch.setenv("AWS_ENDPOINT_URL", f"http://{host}:{port}")
            patch.setenv("AWS_ACCESS_KEY_ID", "key")
            patch.setenv("AWS_SECRET_ACCESS_KEY", "tr0ub4dor")
            patch.setenv("AWS_DEFAULT_REGION", "us-east-1")
            patch.setenv("AWS_EC2_METADATA_DISABLED", "true")
            for file in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
                patch.setenv(file, os.devnull)
            patch.setenv("NO_PROXY", host)
            s3fs.S3FileSystem.clear_instance_cache()
            fsspec.filesystem("s3").mkdir("models", create_parents=True)
            yield BUCKET
    finally:
        s3fs.S3FileSystem.clear_instance_cache()
        server.stop()


@pytest.fixture(scope="module")
def trainer(bucket: str) -> Iterator[Callable[..., int]]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(Env.REGIONS, json.dumps(REGION))
        yield lambda *arguments: main([*arguments, "--region", "T", "--store", f"{bucket}/store"])


@pytest.fixture(scope="module")
def source(bucket: str) -> str:
    hours = pd.date_range("2024-01-01", periods=24 * 150, freq="h", name="time")
    demand = 6000 + 900 * np.sin(2 * np.pi * (hours.hour - 7) / 24) - 400 * (hours.day_of_week >= 5)
    noise = np.random.default_rng(3).normal(0, 30, len(hours))
    with fsspec.open(f"{bucket}/demand.csv", "w") as stream:
        pd.DataFrame({"demand_mw": demand + noise}, hours).to_csv(stream)
    return f"{bucket}/demand.csv"


@pytest.fixture(scope="module")
def trained(trainer: Callable[..., int], source: str, bucket: str) -> Store:
    assert trainer("train", "--csv", source, "--run-id", "first", *EFFORT) == ExitCode.DONE
    return Store(f"{bucket}/store")


def test_a_model_trained_into_a_bucket_forecasts_from_it(
    trained: Store, trainer: Callable[..., int], source: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert trainer("forecast", "--csv", source, "--run-id", "daily", "--json") == ExitCode.DONE
    assert json.loads(capsys.readouterr().out)["facts"]["fallback"] == "none"
    (run,) = (name for name in trained.names("T/runs") if name.startswith("daily"))
    assert len(trained.read(f"T/runs/{run}/forecast.csv").splitlines()) == 1 + 24


def test_airflow_reads_back_what_pods_wrote_into_a_bucket(trained: Store) -> None:
    facts = read_manifest(trained.url, "T", "first", "train").facts
    verify_artifact(trained.url, facts["artifact"]["path"], facts["artifact"]["checksum"])


def test_what_another_wrote_since_is_seen(bucket: str) -> None:
    here = Store(f"{bucket}/shared")
    here.write("a", b"1")
    assert here.names("") == ["a"]
    with s3fs.S3FileSystem(skip_instance_cache=True).open("models/shared/b", "wb") as other:
        other.write(b"2")
    assert here.names("") == ["a", "b"]
    assert here.exists("b")


@pytest.mark.usefixtures("bucket")
def test_a_bucket_that_is_not_there_is_named() -> None:
    with pytest.raises(InfrastructureError, match=r"store refused s3://nowhere/store/x"):
        Store("s3://nowhere/store").write("x", b"1")


@pytest.fixture
def closed_port(bucket: str) -> Iterator[str]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
        patch.setenv("AWS_MAX_ATTEMPTS", "1")
        patch.setattr(s3fs.S3FileSystem, "retries", 1)
        s3fs.S3FileSystem.clear_instance_cache()
        yield bucket
    s3fs.S3FileSystem.clear_instance_cache()


def test_a_server_that_does_not_answer_is_a_matter_of_the_infrastructure(closed_port: str) -> None:
    with pytest.raises(InfrastructureError, match=rf"store refused {closed_port}/x"):
        Store(closed_port).read("x")


def test_a_source_in_a_bucket_that_is_missing_is_named(
    trainer: Callable[..., int], bucket: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code = trainer("train", "--csv", f"{bucket}/none.csv", "--run-id", "none", *EFFORT)
    assert code == ExitCode.USAGE
    assert f"{bucket}/none.csv" in capsys.readouterr().err


def test_a_listing_tells_sizes_and_when_files_were_written(bucket: str) -> None:
    store = Store(f"{bucket}/listed")
    store.write("T/runs/a/snapshot.json", b"12345")
    store.write("T/models/v1/manifest.json", b"1")
    store.write("U/models/v1/manifest.json", b"1")
    files = store.files("T")
    assert [(file.path, file.bytes) for file in files] == [
        ("T/models/v1/manifest.json", 1),
        ("T/runs/a/snapshot.json", 5),
    ]
    assert all(abs(datetime.now(UTC) - file.written) < timedelta(minutes=5) for file in files)
    assert store.files("V") == []
