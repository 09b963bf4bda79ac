"""A search's trials over the GPUs of one machine: a process each, which share the run's study.

The processes help and no more: what one of them leaves undone, the search that began them does itself.
"""

from __future__ import annotations

import logging
import multiprocessing
import os
import threading
from collections.abc import Sequence
from multiprocessing.connection import wait
from multiprocessing.queues import SimpleQueue
from typing import TYPE_CHECKING, Any, Protocol

from trainer.errors import DemandForecastError
from trainer.model.progress import Progress, Silent
from trainer.model.training.device import resolve_device
from trainer.observers.logs import set_up_logging
from trainer.observers.usage import Usage
from trainer.steps.studies import kept_study
from trainer.store import Run

if TYPE_CHECKING:
    from optuna.storages import BaseStorage

log = logging.getLogger(__name__)


class Search(Protocol):
    """Runs the trials of one shard; goes to other processes, so it must be of a module."""

    def __call__(
        self, shard: tuple[int, int], device: str, progress: Progress, storage: BaseStorage | None
    ) -> Any: ...


def search_on_gpus(
    search: Search, run: Run, *, trials: int, shard: tuple[int, int], devices: Sequence[str]
) -> list[dict[str, Any]]:
    """Cuts the shard into one part per device and waits for all; the Usage of those that came to their end.

    Every part draws its trials from the shard's own numbers, so that the shards stay disjoint.
    """
    context = multiprocessing.get_context("spawn")
    told: SimpleQueue[dict[str, Any]] = context.SimpleQueue()
    index, count = shard
    parts = [(index + number * count, count * len(devices)) for number in range(len(devices))]
    processes = [
        # A daemon ends with this process, whatever ends it but SIGKILL.
        context.Process(target=_part, args=(search, run, part, device, told), name=device, daemon=True)
        for part, device in zip(parts, devices, strict=True)
        if part[0] < trials
    ]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
        if process.exitcode:
            log.warning(
                "the search on %s ended with %s; its trials come later", process.name, process.exitcode
            )
    usages = []
    while not told.empty():
        usages.append(told.get())
    return sorted(usages, key=lambda usage: str(usage["on"]))


def _part(
    search: Search, run: Run, shard: tuple[int, int], device: str, told: SimpleQueue[dict[str, Any]]
) -> None:
    threading.Thread(target=_end_with_parent, daemon=True).start()
    set_up_logging()
    try:
        with kept_study(run) as storage, Usage(resolve_device(device)) as usage:
            search(shard, device, _Lines(device), storage)
    except DemandForecastError as error:
        log.error("%s: %s", device, error)  # noqa: TRY400 - the sentence is the message
        raise SystemExit(error.exit_code) from error
    told.put({"on": device, **usage.facts})


def _end_with_parent() -> None:
    """Else a search killed outright would leave its parts to train beside those of the next try."""
    parent = multiprocessing.parent_process()
    assert parent is not None  # this is a child
    wait([parent.sentinel])
    os._exit(1)


class _Lines(Silent):
    """A line per trial; the person's display is the parent's."""

    def __init__(self, device: str) -> None:
        self._device = device

    def on_trial_end(self, trial: int, trials: int, value: float | None, state: str) -> None:
        loss = "-" if value is None else f"{value:.5f}"
        log.info("%s: trial %d of %d %s, loss %s", self._device, trial + 1, trials, state, loss)

    def on_message(self, message: str) -> None:
        log.info("%s: %s", self._device, message)
