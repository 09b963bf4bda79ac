"""`python -m trainer`: the command line."""

import signal
import sys
from types import FrameType

from trainer.commands.cli import main


def _end(signum: int, _: FrameType | None) -> None:
    sys.exit(128 + signum)


# A container's first process ignores SIGTERM unless it handles it: a GPU would be held till the SIGKILL.
signal.signal(signal.SIGTERM, _end)
sys.exit(main())
