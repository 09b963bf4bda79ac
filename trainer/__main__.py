"""`python -m trainer`, and `demand-forecast` where the package is installed: the command line."""

import os
import signal
import sys
from types import FrameType
from typing import Final, NoReturn

from trainer.commands.cli import main

_SLEEPING_THREADS: Final = {"OPENBLAS_THREAD_TIMEOUT": "4"}
"""Threads without work go to sleep, where they would burn a core for a while to be there the sooner: it costs
others that core, and the verb more processor time than its own work."""


def _end(signum: int, _: FrameType | None) -> None:
    sys.exit(128 + signum)


def run() -> NoReturn:
    """Ends with the exit code of the verb."""
    for name, value in _SLEEPING_THREADS.items():  # read when the libraries are loaded
        os.environ.setdefault(name, value)
    # A container's first process ignores SIGTERM unless it handles it: a GPU would be held till the SIGKILL.
    signal.signal(signal.SIGTERM, _end)
    sys.exit(main())


if __name__ == "__main__":
    run()
