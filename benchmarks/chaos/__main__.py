"""The running system broken on purpose while it works: python -m benchmarks.chaos --injections 20 --seed 1

Each fault is done for real at a random instant of a daily run, or of a training, whose verbs are processes as
Airflow's worker starts them; then it is mended, the run is cleared as an operator would, and what must hold
is looked up. Prints a table, writes chaos.json and chaos.md into --out, and ends with 1 where anything was
lost, doubled, half done or told.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import TextIO

from benchmarks.chaos.page import page, table
from benchmarks.machine import machine
from benchmarks.series import Source, add_options
from trainer.contract.local_days import midnight


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    add_options(parser)
    parser.add_argument("--injections", type=int, default=20, help="of each fault (default 20)")
    parser.add_argument("--trainings", type=int, default=20, help="of each fault of a training (default 20)")
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    parser.add_argument("--start", type=date.fromisoformat, help="first day (default: 400 after the first)")
    parser.add_argument("--out", type=Path, default=Path("out/chaos"), help="folder of servers and results")
    options = parser.parse_args()
    say = _to(sys.stdout)
    say(f"seed {options.seed}")
    history, region = Source.of(options).read()
    first = options.start or history.index[0].date() + timedelta(days=400)

    # Airflow reads its environment, which a site makes, when it is imported.
    from benchmarks.year.site import site  # noqa: PLC0415

    with site((options.out / "servers").resolve(), region, history) as here:
        from benchmarks.chaos.loop import Chaos  # noqa: PLC0415

        start = midnight(first, region).astimezone(region.zone)
        chaos = Chaos(here, start, random.Random(options.seed), say)
        outcomes = chaos.run(options.injections, options.trainings)
    found = {"machine": machine(), "seed": options.seed, "faults": [vars(one) for one in outcomes]}
    (options.out / "chaos.json").write_text(json.dumps(found, indent=1), encoding="utf-8")
    (options.out / "chaos.md").write_text(page(found), encoding="utf-8")
    say(table(found))
    return 0 if all(one.sound for one in outcomes) else 1


def _to(stream: TextIO) -> Callable[[str], None]:
    """Past the redirections of what runs within."""
    return lambda text: print(text, file=stream, flush=True)


if __name__ == "__main__":
    sys.exit(main())
