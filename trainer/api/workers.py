"""A bounded number of forecasts at a time, each in a process, and a bounded number that wait."""

from __future__ import annotations

import asyncio
import logging
import multiprocessing
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager

from trainer.api import forecasting
from trainer.api.problems import Problem

log = logging.getLogger(__name__)


class Workers:
    """Processes that compute beside the event loop, which goes on to answer reads.

    Belongs to the event loop: only `compute` leaves it.
    """

    def __init__(self, *, processes: int, waiting: int) -> None:
        """At most `processes` compute and `waiting` more wait for their turn."""
        self._processes = processes
        self._room = processes + waiting
        self._taken = 0
        self._pool: asyncio.Future[ProcessPoolExecutor] | None = None

    @property
    def taken(self) -> int:
        """Forecasts that compute or wait."""
        return self._taken

    @property
    def ready(self) -> bool:
        """Whether the processes have begun; orders wait for them."""
        return self._pool is not None and self._pool.done()

    def start(self) -> None:
        """Returns at once: the processes take seconds to import what they need."""
        self._pool = asyncio.ensure_future(asyncio.to_thread(self._new_pool))

    @contextmanager
    def slot(self) -> Iterator[None]:
        """Holds one of the slots that orders share, from an order's first query to its answer.

        Raises Problem 503 when all are taken.
        """
        if self._taken >= self._room:
            raise Problem(
                503,
                "overloaded",
                f"{self._room} forecasts are under way or waiting",
                mend="ask again after the seconds in the header Retry-After, or add replicas",
                headers={"Retry-After": "1"},
            )
        self._taken += 1
        try:
            yield
        finally:
            self._taken -= 1

    async def compute(self, job: forecasting.Job) -> forecasting.Computed:
        """As `forecasting.compute`. Raises Problem 503 when the process died over it."""
        if self._pool is None:
            raise RuntimeError("the workers were not started")
        pool = await asyncio.shield(self._pool)
        try:
            return await asyncio.wrap_future(pool.submit(forecasting.compute, job))
        except BrokenProcessPool:
            self._replace(pool)
            raise Problem(
                503,
                "worker-died",
                "the process that computed this forecast ended before it was done",
                mend="ask again; if it happens again, give the service more memory",
                headers={"Retry-After": "1"},
            ) from None

    async def close(self) -> None:
        """Waits for the forecasts under way; those that still wait are given up."""
        starting, self._pool = self._pool, None
        if starting:
            pool = await starting
            await asyncio.to_thread(pool.shutdown, wait=True, cancel_futures=True)

    def _new_pool(self) -> ProcessPoolExecutor:
        # Forked from a server without threads that has imported everything once: quick, and memory is shared.
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload([forecasting.__name__])
        pool = ProcessPoolExecutor(self._processes, mp_context=context, initializer=forecasting.prepare)
        for _ in range(self._processes):  # each begins one process
            pool.submit(forecasting.prepare)
        return pool

    def _replace(self, broken: ProcessPoolExecutor) -> None:
        if self._pool and self._pool.done() and self._pool.result() is broken:
            log.error("a forecasting process died, most likely for lack of memory; starting new ones")
            self.start()
            broken.shutdown(wait=False)
