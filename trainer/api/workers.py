"""A bounded number of forecasts at a time, and a bounded number that wait."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, TypeVar

from trainer.api.problems import Problem

T = TypeVar("T")


class Workers:
    """Threads that compute beside the event loop, which goes on to answer reads."""

    def __init__(self, *, threads: int, waiting: int) -> None:
        """At most `threads` compute and `waiting` more wait for their turn."""
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="forecast")
        self._room = threads + waiting
        self._taken = 0
        self._lock = threading.Lock()

    @property
    def taken(self) -> int:
        """Forecasts that compute or wait."""
        return self._taken

    async def run(self, work: Callable[[], T]) -> T:
        """Raises Problem 503 at once when all places are taken, and whatever `work` raises."""
        with self._lock:
            if self._taken >= self._room:
                raise Problem(
                    503,
                    "overloaded",
                    f"{self._room} forecasts are under way or waiting",
                    mend="ask again after the seconds in the header Retry-After, or add replicas",
                    headers={"Retry-After": "1"},
                )
            self._taken += 1
        future = self._pool.submit(work)
        # By callback: a caller that goes away does not free the thread that still computes for it.
        future.add_done_callback(self._leave)
        return await asyncio.wrap_future(future)

    def close(self) -> None:
        """Waits for the forecasts under way; those that still wait are given up."""
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _leave(self, _: Future[Any]) -> None:
        with self._lock:
            self._taken -= 1
