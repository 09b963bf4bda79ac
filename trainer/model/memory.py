"""Memory that a stage of a training has freed, given back to the system before the next one asks for more."""

from __future__ import annotations

import ctypes
import sys


def give_memory_back() -> None:
    """Where the C library keeps what is freed: glibc holds hundreds of MB after networks were trained, in
    pieces that the large arrays of the next stage do not fit into (malloc_trim(3))."""
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None) if sys.platform == "linux" else None
    if trim is not None:
        trim(0)
