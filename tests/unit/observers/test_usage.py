"""What a training used of its device is told with it, on a GPU and without one."""

from __future__ import annotations

import json
import logging
import time

import pytest
import torch

from trainer.observers import usage
from trainer.observers.usage import Usage


def spent(device: str, seconds: float = 0.2) -> dict[str, object]:
    with Usage(torch.device(device)) as used:
        wall, own = time.monotonic() + seconds, time.thread_time() + seconds
        while time.monotonic() < wall or time.thread_time() < own:  # other threads work, other processes wait
            sum(range(1000))
    return used.facts


def test_without_a_gpu_memory_and_cpu_time_of_the_process_are_told(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        facts = spent("cpu")
    assert facts["device"] == "cpu"
    assert float(str(facts["seconds"])) >= 0.2
    assert float(str(facts["cpu_seconds"])) >= 0.2
    assert 50 < int(str(facts["peak_resident_mb"])) < 100_000
    assert "peak_resident_mb" in caplog.text


@pytest.fixture
def gpu(monkeypatch: pytest.MonkeyPatch) -> list[int | Exception]:
    """What the driver answers, one after the other; this suite runs without a GPU."""
    answers: list[int | Exception] = []

    def utilization(device: torch.device) -> int:
        answer = answers.pop(0) if len(answers) > 1 else answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer

    monkeypatch.setattr(usage, "_EVERY_SECONDS", 0.01)
    monkeypatch.setattr(torch.cuda, "get_device_name", lambda _: "NVIDIA H100 80GB HBM3")
    monkeypatch.setattr(torch.cuda, "reset_peak_memory_stats", lambda _: None)
    monkeypatch.setattr(torch.cuda, "max_memory_allocated", lambda _: 3 * 2**30)
    monkeypatch.setattr(torch.cuda, "utilization", utilization)
    return answers


def test_with_a_gpu_its_name_memory_and_utilization_are_told(gpu: list[int | Exception]) -> None:
    gpu += [100, 0, 50]
    facts = spent("cuda")
    assert facts["device"] == "NVIDIA H100 80GB HBM3"
    assert facts["peak_device_memory_mb"] == 3 * 1024
    assert facts["utilization_peak"] == 100
    assert 40 < float(str(facts["utilization_mean"])) < 60
    assert json.loads(json.dumps(facts, allow_nan=False)) == facts


def test_a_driver_that_tells_no_utilization_costs_one_warning(
    gpu: list[int | Exception], caplog: pytest.LogCaptureFixture
) -> None:
    gpu.append(RuntimeError("Not Supported"))
    with caplog.at_level(logging.WARNING):
        facts = spent("cuda")
    assert (facts["utilization_mean"], facts["utilization_peak"]) == (None, None)
    assert facts["peak_device_memory_mb"] == 3 * 1024
    assert caplog.text.count("Not Supported") == 1
