"""How `make bench-gpu` measures: piece by piece within its time, whatever one of them does."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import pandas as pd
import pytest

from benchmarks.gpu import training, worker
from benchmarks.gpu.effort import FULL, REHEARSAL
from benchmarks.gpu.measures import Found, Piece, of_the_device
from benchmarks.gpu.training import Trained, trained
from benchmarks.gpu.worker import Fault, LeftOut, measured, work
from tests.unit.data.series import KOREA
from tests.unit.model.series import make_history
from trainer.model.progress import EpochReport, Progress


class _Wire:
    """The end of a pipe that keeps what is sent."""

    def __init__(self) -> None:
        self.told: list[Any] = []

    def send(self, told: Any) -> None:
        self.told.append(told)


class _Series:
    """In the place of a source."""

    def read(self) -> tuple[None, None]:
        return None, None


def works(monkeypatch: pytest.MonkeyPatch, pieces: list[Piece], seconds: float) -> list[Any]:
    class Measures:
        def __init__(self, *arguments: object) -> None:
            pass

        def pieces(self) -> list[Piece]:
            return pieces

    monkeypatch.setattr(worker, "Measures", Measures)
    wire = _Wire()
    work(wire, _Series(), REHEARSAL, "cpu", seconds)  # type: ignore[arg-type]
    *told, _ = wire.told  # the last says that it is over
    return told


def finds(key: str) -> Any:
    def measure(left: float) -> Iterator[Found]:
        yield Found(key, left)

    return measure


def fails(left: float) -> Iterator[Found]:
    yield Found("step_256", 1.0)
    raise RuntimeError("CUDA error: device-side assert triggered")


def test_a_piece_that_no_longer_fits_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    pieces = [Piece("short", 10, finds("step_256")), Piece("long", 1e9, finds("quick_fit"))]
    found, left_out = works(monkeypatch, pieces, seconds=1000)
    assert found.key == "step_256"
    assert found.gpu < 1000  # the seconds that it may take
    assert left_out == LeftOut("long")


def test_a_piece_that_fails_costs_itself_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    pieces = [Piece("broken", 0, fails), Piece("sound", 0, finds("quick_fit"))]
    before, fault, after = works(monkeypatch, pieces, seconds=1000)
    assert (before.key, after.key) == ("step_256", "quick_fit")
    assert fault == Fault("broken", "RuntimeError: CUDA error: device-side assert triggered")


class _Deadly:
    """A source whose reading ends the process, as a fault in a driver does."""

    def read(self) -> None:
        os._exit(7)


def test_a_process_that_dies_is_told_as_a_fault() -> None:
    told = list(measured(_Deadly(), REHEARSAL, "cpu", seconds=250))  # type: ignore[arg-type]
    assert told == [Fault("the process that measures", "it ended with 7")]


def report(epoch: int, seconds_left: float) -> EpochReport:
    return EpochReport(
        trial=1,
        trials=50,
        epoch=epoch,
        epochs=100,
        train_loss=0.1,
        validation_loss=0.1,
        best=0.1,
        seconds_left=seconds_left,
    )


@pytest.mark.parametrize(("seconds", "cut"), [(-1.0, True), (1e6, False)])
def test_a_search_that_the_clock_cuts_off_is_extrapolated(
    monkeypatch: pytest.MonkeyPatch, seconds: float, cut: bool
) -> None:
    def search(*_: object, progress: Progress, **__: object) -> None:
        progress.on_epoch(report(1, 5000.0))
        progress.on_epoch(report(2, 0.0))

    monkeypatch.setattr(training, "fit", lambda *_, **__: None)
    monkeypatch.setattr(training, "search", search)
    until = pd.Timestamp("2021-03-01", tz="UTC")
    done = trained(make_history(days=10), KOREA, FULL, (50, 100), until, "cpu", seconds)
    assert (done.search >= 5000) is cut
    assert done.extrapolated == ("extrapolated from 1 epochs of 2 trials in 0 s" if cut else "")
    assert done.usage["device"] == "cpu"


def test_what_nvml_and_pytorch_tell_of_the_gpu_are_figures() -> None:
    told = {"utilization_mean": 61.5, "utilization_peak": 98, "peak_device_memory_mb": 512}
    found = list(of_the_device("quick", Trained(1.0, 1.0, "", told)))
    assert found == [
        Found("quick_busy", 61.5, None, "at most 98 %"),
        Found("quick_device_memory", 512),
    ]


def test_a_gpu_whose_driver_does_not_tell_how_busy_it_is_leaves_that_figure() -> None:
    told = {"utilization_mean": None, "utilization_peak": None, "peak_device_memory_mb": 512}
    assert [one.key for one in of_the_device("quick", Trained(1.0, 1.0, "", told))] == ["quick_device_memory"]
