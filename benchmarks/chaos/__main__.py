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
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from benchmarks.chaos.page import page, table
from benchmarks.machine import machine
from benchmarks.series import Source, add_options
from trainer.contract.local_days import midnight

if TYPE_CHECKING:
    from benchmarks.chaos.kinds import Kind
    from benchmarks.chaos.loop import Chaos


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    add_options(parser)
    parser.add_argument("--injections", type=int, default=20, help="of each fault (default 20)")
    parser.add_argument("--trainings", type=int, default=20, help="of each fault of a training (default 20)")
    parser.add_argument("--airflow", type=int, default=20, help="of each of Airflow's processes (default 20)")
    parser.add_argument("--faults", default="", metavar="A,B", help="those alone whose name has A or B")
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    parser.add_argument("--start", type=date.fromisoformat, help="first day (default: 400 after the first)")
    parser.add_argument("--out", type=Path, default=Path("out/chaos"), help="folder of servers and results")
    options = parser.parse_args()
    say = _to(sys.stdout)
    say(f"seed {options.seed}")
    history, region = Source.of(options).read()
    beside = replace(region, name=f"{region.name}2", title=f"{region.title} (2)")
    first = options.start or history.index[0].date() + timedelta(days=400)

    # Airflow reads its environment, which a site makes, when it is imported.
    from benchmarks.year.site import site  # noqa: PLC0415

    with site((options.out / "servers").resolve(), region, history, beside=beside) as here:
        from benchmarks.airflow_runs import airflow_runs  # noqa: PLC0415
        from benchmarks.chaos.kinds import AIRFLOW, DAILY, WEEKLY, possible  # noqa: PLC0415
        from benchmarks.chaos.loop import Chaos  # noqa: PLC0415

        start = midnight(first, region).astimezone(region.zone)
        chaos = Chaos(here, start, random.Random(options.seed), say)
        with chaos.hushed():
            chaos.prepare()
            try:
                chaos.run(chosen(possible(DAILY), options.faults), options.injections)
                chaos.run(chosen(possible(WEEKLY), options.faults), options.trainings)
                if options.airflow and (broken := chosen(AIRFLOW, options.faults)):
                    dags = [f"daily_forecast_{one.region.name}" for one in (here, here.other)]
                    with airflow_runs(here, dags) as airflow:
                        chaos.run(broken, options.airflow, airflow)
            finally:  # what was found until someone ended it is kept as well
                found = _kept(options.out, options.seed, chaos)
    say(table(found))
    return 0 if all(one.sound for one in chaos.outcomes.values()) else 1


def _kept(out: Path, seed: int, chaos: Chaos) -> dict[str, Any]:
    found = {
        "machine": machine(),
        "seed": seed,
        "faults": [vars(one) for one in chaos.outcomes.values() if one.seconds],
        "reader": {"forecasts": chaos.reader.forecasts, "unanswered": chaos.reader.unanswered},
    }
    (out / "chaos.json").write_text(json.dumps(found, indent=1), encoding="utf-8")
    (out / "chaos.md").write_text(page([found]), encoding="utf-8")
    return found


def chosen(kinds: Mapping[str, Kind], words: str) -> dict[str, Kind]:
    """Those whose name has one of `words`, which commas part."""
    return {name: kind for name, kind in kinds.items() if any(word in name for word in words.split(","))}


def _to(stream: TextIO) -> Callable[[str], None]:
    """Past the redirections of what runs within."""
    return lambda text: print(text, file=stream, flush=True)


if __name__ == "__main__":
    sys.exit(main())
