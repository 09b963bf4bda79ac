"""How the process of a verb begins."""

from __future__ import annotations

import os
import signal
import sys

import pytest

from trainer.__main__ import run


@pytest.fixture(autouse=True)
def _help_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "environ", {})
    monkeypatch.setattr(sys, "argv", ["trainer", "--help"])
    monkeypatch.setattr(signal, "signal", lambda *_: None)


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
