"""Which device is meant by a name. A machine of two GPUs is pretended: the suite runs without one."""

from __future__ import annotations

import pytest
import torch

from trainer.errors import InfrastructureError, UsageError
from trainer.model.training.device import every_device, resolve_device


@pytest.fixture
def two_gpus(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)


@pytest.mark.usefixtures("two_gpus")
@pytest.mark.parametrize(
    ("name", "device"), [("auto", "cuda"), ("cpu", "cpu"), ("cuda", "cuda"), ("cuda:1", "cuda:1")]
)
def test_a_name_means_one_device(name: str, device: str) -> None:
    assert resolve_device(name) == torch.device(device)


@pytest.mark.usefixtures("two_gpus")
@pytest.mark.parametrize(
    ("name", "devices"),
    [
        ("auto", ["cuda:0", "cuda:1"]),
        ("cuda", ["cuda:0", "cuda:1"]),
        ("cuda:1", ["cuda:1"]),
        ("cpu", ["cpu"]),
    ],
)
def test_all_gpus_are_meant_where_none_is_named(name: str, devices: list[str]) -> None:
    assert every_device(name) == devices


def test_a_gpu_that_is_not_there_is_no_device() -> None:
    if torch.cuda.is_available():
        pytest.skip("this machine has a GPU")
    assert every_device("auto") == ["auto"]
    for name in ("cuda", "cuda:0"):
        with pytest.raises(InfrastructureError, match="PyTorch sees no GPU"):
            resolve_device(name)


@pytest.mark.usefixtures("two_gpus")
def test_a_gpu_beyond_those_there_are_is_no_device() -> None:
    with pytest.raises(InfrastructureError, match="cuda:7 was asked for but PyTorch sees 2 GPUs"):
        resolve_device("cuda:7")


@pytest.mark.usefixtures("two_gpus")
@pytest.mark.parametrize("name", ["tpu", "cpu:1", "auto:0", "cuda:", "cuda:x", "cuda:-1", "cpu:"])
def test_an_unknown_name_is_refused(name: str) -> None:
    with pytest.raises(UsageError, match="is unknown"):
        resolve_device(name)
