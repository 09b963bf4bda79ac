"""`python -m trainer`, and `demand-forecast` where the package is installed: the command line."""

import gc
import signal
import sys
from types import FrameType
from typing import Final, NoReturn

from trainer.commands.cli import main
from trainer.environment import let_idle_threads_sleep
from trainer.process_exit import leave

_OBJECTS_BETWEEN_COLLECTIONS: Final = 20_000


def _end(signum: int, _: FrameType | None) -> None:
    sys.exit(128 + signum)


def run() -> NoReturn:
    """Ends with the exit code of the verb."""
    let_idle_threads_sleep()
    # What is imported lives on: looked through as often as is usual it costs a forecast 6 % of its time.
    gc.set_threshold(_OBJECTS_BETWEEN_COLLECTIONS)
    # A container's first process ignores SIGTERM unless it handles it: a GPU would be held till the SIGKILL.
    signal.signal(signal.SIGTERM, _end)
    leave(main())


if __name__ == "__main__":
    run()
