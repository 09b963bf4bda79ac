"""What a stage of a training has freed does not stay with the process."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from trainer.model.memory import give_memory_back

PIECE = 100_000
"""Bytes; larger ones never stay, since glibc maps them one by one."""


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_pieces_freed_below_one_that_is_kept_go_back_to_the_system() -> None:
    pieces = [bytes([1]) * PIECE for _ in range(1000)]
    kept = pieces[-1]
    pieces.clear()
    before = resident_bytes()

    give_memory_back()

    assert before - resident_bytes() > 500 * PIECE
    assert len(kept) == PIECE


def resident_bytes() -> int:
    pages = int(Path("/proc/self/statm").read_text(encoding="utf-8").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")
