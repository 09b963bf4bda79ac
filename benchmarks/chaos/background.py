"""Work beside a run, from its beginning to its end."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def beside_the_run(work: Callable[[threading.Event], None]) -> Iterator[None]:
    """`work` in a thread of its own; the event that it is given is set once it is to end, and it is waited
    for."""
    over = threading.Event()
    thread = threading.Thread(target=work, args=(over,), daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
