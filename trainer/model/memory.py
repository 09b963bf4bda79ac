"""Memory that a stage of a training has freed, given back to the system before the next one asks for more."""

from __future__ import annotations

import ctypes
import sys
from typing import Final

_MAPPED: Final = 8 * 2**20
_TRIMMED: Final = 64 * 2**20
_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD = -1, -3


def give_memory_back() -> None:
    """Where the C library keeps what is freed: glibc holds hundreds of MB after networks were trained, in
    pieces that the large arrays of the next stage do not fit into (malloc_trim(3)).

    From the first call on, arrays of 8 MB and more go back as soon as they are freed. Left alone glibc soon
    takes them from the pieces of their thread, whose end it keeps whatever is asked of it (mallopt(3)).
    """
    if sys.platform != "linux":
        return
    library = ctypes.CDLL(None)
    if not hasattr(library, "malloc_trim"):
        return
    library.mallopt(_M_MMAP_THRESHOLD, _MAPPED)
    library.mallopt(_M_TRIM_THRESHOLD, _TRIMMED)  # as it would be by itself, but for the line before
    library.malloc_trim(0)
