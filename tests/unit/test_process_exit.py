"""How a process ends beside work that it gave up on."""

from __future__ import annotations

import subprocess
import sys
import time

import pytest

_PROCESS = """
import asyncio, sys, threading, time
from trainer.process_exit import give_up_on, leave

async def ask_a_name_server():
    await asyncio.get_running_loop().run_in_executor(None, time.sleep, {seconds})

thread = threading.Thread(target=lambda: asyncio.run(ask_a_name_server()), daemon=True)
thread.start()
thread.join(0.2)
give_up_on(thread)
sys.stdout.write("published")
leave({code})
"""


def ended(*, seconds: float, code: int) -> tuple[int, str, float]:
    """Exit code, what was printed, and the wall time (s) of a process that gives up on a name server that
    answers after `seconds`."""
    began = time.monotonic()
    words = [sys.executable, "-c", _PROCESS.format(seconds=seconds, code=code)]
    done = subprocess.run(words, capture_output=True, text=True, timeout=120, check=False)
    assert done.stderr == ""
    return done.returncode, done.stdout, time.monotonic() - began


@pytest.mark.parametrize("code", [0, 3])
def test_work_that_was_given_up_on_holds_no_process_back_and_costs_no_line(code: int) -> None:
    returned, said, seconds = ended(seconds=60, code=code)
    assert (returned, said) == (code, "published")
    assert seconds < 30


def test_work_that_came_to_its_end_after_all_leaves_the_end_to_python() -> None:
    assert ended(seconds=0, code=3)[:2] == (3, "published")
