"""`python -m trainer`, and `demand-forecast` where the package is installed: the command line."""

import signal
import sys
from types import FrameType
from typing import NoReturn

from trainer.commands.cli import main
from trainer.environment import let_idle_threads_sleep
from trainer.leaving import leave


def _end(signum: int, _: FrameType | None) -> None:
    sys.exit(128 + signum)


def run() -> NoReturn:
    """Ends with the exit code of the verb."""
    let_idle_threads_sleep()
    # A container's first process ignores SIGTERM unless it handles it: a GPU would be held till the SIGKILL.
    signal.signal(signal.SIGTERM, _end)
    leave(main())


if __name__ == "__main__":
    run()
