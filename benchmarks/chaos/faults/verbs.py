"""Verbs killed in the midst of their work."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial

import psutil

from benchmarks.chaos.background import beside_the_run
from benchmarks.chaos.injection import Fault, Injection


def killed(verb: str, within: float = 1.2) -> Fault:
    """SIGKILL to the process of `verb` at a random instant of its first `within` seconds, or of half of them
    each time that it had ended by then."""

    @contextmanager
    def fault(one: Injection) -> Iterator[None]:
        one.hit = False
        with beside_the_run(partial(_kill, one, verb, within)):
            yield

    return fault


def _kill(one: Injection, verb: str, within: float, over: threading.Event) -> None:
    while not over.wait(0.02):
        for child in psutil.Process().children():
            with suppress(psutil.NoSuchProcess, psutil.AccessDenied):
                words = child.cmdline()
                if "trainer" in words and verb in words:
                    over.wait(one.instant(within))
                    if _held(child):
                        child.kill()
                        one.hit = True
                        one.notes.append(f"{verb} killed")
                    return


def _held(child: psutil.Process) -> bool:
    """Whether it is stopped in the midst of its work. SIGKILL alone does not tell: one that has ended and is
    not waited for yet takes it too, and has done all of its work."""
    child.suspend()
    while (status := child.status()) != psutil.STATUS_STOPPED:
        if status in (psutil.STATUS_ZOMBIE, psutil.STATUS_DEAD):
            return False
        time.sleep(0.001)
    return True
