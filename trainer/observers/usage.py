"""What a verb used of its device, measured from within: no exporter and no agent on the node is needed."""

from __future__ import annotations

import logging
import resource
import threading
import time
from types import TracebackType
from typing import Any, Final, Self

import torch

log = logging.getLogger(__name__)

_EVERY_SECONDS: Final = 1.0
"""NVML's own sample covers up to a second."""
_MB: Final = 2**20


class Usage:
    """Measures from entering to leaving; `facts` tells what was measured, JSON-able.

    device: the GPU's name, or `cpu`. seconds, cpu_seconds: of the wall, and of this process's threads.
    peak_resident_mb: the largest resident size of this process so far, in MiB.
    With a GPU also peak_device_memory_mb (MiB, of this process's tensors), and utilization_mean and
    utilization_peak: percent of the time in which the GPU ran a kernel, None where NVML does not tell, such
    as on a slice of a GPU.
    """

    def __init__(self, device: torch.device) -> None:
        self._device = device
        self._gpu = device.type == "cuda"
        self._samples: list[int] = []
        self._ended = threading.Event()
        self._sampler = threading.Thread(target=self._sample, name="utilization", daemon=True)
        self.facts: dict[str, Any] = {}

    def __enter__(self) -> Self:
        self._begin, self._cpu_begin = time.monotonic(), _cpu_seconds()
        if self._gpu:
            torch.cuda.reset_peak_memory_stats(self._device)
            self._sampler.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.facts = {
            "device": torch.cuda.get_device_name(self._device) if self._gpu else "cpu",
            "seconds": round(time.monotonic() - self._begin, 1),
            "cpu_seconds": round(_cpu_seconds() - self._cpu_begin, 1),
            # On Linux ru_maxrss is in KiB.
            "peak_resident_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        }
        if self._gpu:
            self._ended.set()
            self._sampler.join()
            told = self._samples
            self.facts |= {
                "peak_device_memory_mb": torch.cuda.max_memory_allocated(self._device) // _MB,
                "utilization_mean": round(sum(told) / len(told), 1) if told else None,
                "utilization_peak": max(told, default=None),
            }
        log.info("used %s", ", ".join(f"{name} {value}" for name, value in self.facts.items()))

    def _sample(self) -> None:
        while not self._ended.wait(_EVERY_SECONDS):
            try:
                self._samples.append(torch.cuda.utilization(self._device))
            except Exception as error:  # whatever a driver says, it is not worth the training
                log.warning("NVML does not tell the GPU's utilization: %s", error)
                return


def _cpu_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime
