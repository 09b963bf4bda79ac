"""The end of a process beside work that was given up on and cannot be stopped."""

from __future__ import annotations

import os
import sys
import threading
from typing import NoReturn

_given_up: list[threading.Thread] = []


def give_up_on(thread: threading.Thread) -> None:
    """From now on nobody waits for `thread`, a daemon: neither a step nor the end of the process."""
    _given_up.append(thread)


def leave(code: int) -> NoReturn:
    """Ends the process with `code`; at once, what is written flushed, where a thread that was given up on is
    still at work.

    Python's own end would wait for it after all: asyncio asks name servers in threads of a pool, which are
    joined then. And a daemon that writes a line while the interpreter goes ends the process by a signal.
    """
    if any(thread.is_alive() for thread in _given_up):
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
        os._exit(code)
    sys.exit(code)
