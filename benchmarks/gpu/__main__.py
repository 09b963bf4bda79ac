"""What a GPU makes of a training: python -m benchmarks.gpu

Measures on a machine with a GPU, in --minutes at the most, and writes each figure with its day into
benchmarks/recorded/gpu.json and docs/benchmarks.md as it is found; what it does not come to keeps its older
figure. It needs what a search and a fit need, and no network. Ends with 0; with 1 where a piece failed or
nothing was found; with 4, nothing written, where there is no GPU.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, Final

import torch

from benchmarks.gpu.effort import FULL, REHEARSAL
from benchmarks.gpu.measures import Found
from benchmarks.gpu.page import with_section
from benchmarks.gpu.rows import FIGURES, KEPT, Row, keep_rows
from benchmarks.gpu.worker import Fault, measured
from benchmarks.machine import machine
from benchmarks.report import say
from benchmarks.series import Source, add_options
from trainer.environment import let_idle_threads_sleep

REPOSITORY: Final = Path(__file__).parents[2]
PAGE: Final = REPOSITORY / "docs" / "benchmarks.md"
_NO_GPU: Final = 4


def main() -> int:
    end = time.monotonic()
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    add_options(parser)
    parser.add_argument("--minutes", type=float, default=7.5, help="to be over in (default 7.5)")
    parser.add_argument(
        "--rehearse",
        type=Path,
        metavar="FOLDER",
        help="all of it on the CPU with little effort, rows and page into FOLDER",
    )
    options = parser.parse_args()
    end += 60 * options.minutes
    rows, page, effort, device = KEPT, PAGE, FULL, "cuda"
    if options.rehearse:
        rows, page = _copies(options.rehearse)
        effort, device = REHEARSAL, "cpu"
    elif not torch.cuda.is_available():
        say("no GPU here: PyTorch sees none, so nothing was measured and nothing written")
        return _NO_GPU
    let_idle_threads_sleep()  # of the process that measures
    source, facts = Source.of(options), _facts(options.region)
    found, failed = 0, False
    for told in measured(source, effort, device, end - time.monotonic()):
        if isinstance(told, Found):
            found += 1
            row = Row(told.key, told.gpu, told.cpu, told.note, **facts)
            every = keep_rows([row], rows)
            _write(page, with_section(page.read_text(encoding="utf-8"), every))
            figure = FIGURES[told.key]
            say(f"{figure.what}: {figure.text(told.gpu)}, on the CPU {figure.text(told.cpu)}")
        elif isinstance(told, Fault):
            failed = True
            say(f"{told.piece}: {told.error}; its older figures stay")
        else:
            say(f"{told.piece}: no time left for it; its older figures stay")
    return 1 if failed or not found else 0


def _copies(folder: Path) -> tuple[Path, Path]:
    """Of the rows and the page, in `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    return Path(shutil.copy(KEPT, folder)), Path(shutil.copy(PAGE, folder))


def _facts(region: str) -> dict[str, Any]:
    facts = machine()
    return {
        "region": region,
        "device": facts["gpu"] or "no GPU, a rehearsal",
        "cores": facts["cores"],
        "torch": facts["torch"],
        "date": facts["date"],
        "code": os.environ.get("GIT_SHA") or _commit(),
    }


def _commit() -> str:
    """With `-dirty` where something is not committed; `unknown` where git or its folder is missing."""
    ask = ["git", "describe", "--always", "--dirty", "--exclude", "*"]
    try:
        done = subprocess.run(ask, cwd=REPOSITORY, capture_output=True, text=True, check=True, timeout=10)
    except (OSError, subprocess.SubprocessError):
        return "unknown"
    return done.stdout.strip()


def _write(path: Path, text: str) -> None:
    """Whole or not at all."""
    written = path.with_suffix(".tmp")
    written.write_text(text, encoding="utf-8")
    written.replace(path)


if __name__ == "__main__":
    sys.exit(main())
