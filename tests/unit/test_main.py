"""How the process of a verb begins."""

from __future__ import annotations

import gc
import os
import signal
import sys
from collections.abc import Iterator

import pytest

from trainer.__main__ import run


@pytest.fixture(autouse=True)
def _help_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    thresholds = gc.get_threshold()
    monkeypatch.setattr(os, "environ", {})
    monkeypatch.setattr(sys, "argv", ["trainer", "--help"])
    monkeypatch.setattr(signal, "signal", lambda *_: None)
    yield
    gc.set_threshold(*thresholds)


def test_threads_without_work_sleep() -> None:
    with pytest.raises(SystemExit):
        run()
    assert os.environ["OMP_WAIT_POLICY"] == "passive"
    assert os.environ["OPENBLAS_THREAD_TIMEOUT"] == "4"


def test_what_the_environment_says_of_threads_stays() -> None:
    os.environ["OPENBLAS_THREAD_TIMEOUT"] = "20"
    with pytest.raises(SystemExit):
        run()
    assert os.environ["OPENBLAS_THREAD_TIMEOUT"] == "20"


def test_what_was_imported_is_seldom_looked_through_for_garbage() -> None:
    with pytest.raises(SystemExit):
        run()
    assert gc.isenabled()
    assert gc.get_threshold()[0] == 20_000
