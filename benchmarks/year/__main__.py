"""A year of production in about an hour: python -m benchmarks.year --csv demand.csv --region KR

Replays 365 daily runs, 52 trainings with their refits and the weekly housekeeping of one region through the
DAGs' own tasks, against a PostgreSQL, an InfluxDB and an MLflow of its own. Writes year.json, year.md and
year.png into the folder --out.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any, TextIO

import pandas as pd

from benchmarks.machine import machine
from benchmarks.series import Source, add_options
from benchmarks.year.page import page, picture
from benchmarks.year.sizes import Units, table_bytes
from trainer.contract import Region
from trainer.contract.local_days import day_of, midnight


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    add_options(parser)
    parser.add_argument("--start", type=date.fromisoformat, help="first day (default: the last year's)")
    parser.add_argument("--days", type=int, default=365, help="how many (default 365)")
    parser.add_argument("--out", type=Path, default=Path("out/year"), help="folder of servers and results")
    options = parser.parse_args()
    history, region = Source.of(options).read()
    first = options.start or _last_day(history, region) - timedelta(days=options.days + 1)
    found = _replayed(options.out, history, region, first, options.days, _to(sys.stdout))
    (options.out / "year.json").write_text(json.dumps(found, indent=1), encoding="utf-8")
    (options.out / "year.md").write_text(page(found), encoding="utf-8")
    picture(found, options.out / "year.png")
    print(f"{found['days']} days, {len(found['failures'])} runs with failures; see {options.out / 'year.md'}")
    return 1 if found["failures"] else 0


def _replayed(
    out: Path, history: pd.DataFrame, region: Region, first: date, days: int, say: Callable[[str], None]
) -> dict[str, Any]:
    """JSON-able: what `page` takes."""
    # Airflow reads its environment, which a site makes, when it is imported.
    from benchmarks.year.site import site  # noqa: PLC0415

    with site((out / "servers").resolve(), region, history) as here:
        from benchmarks.year.replay import Replay, errors_by_week  # noqa: PLC0415
        from demand_forecast.settings import settings  # noqa: PLC0415

        year = Replay(here, midnight(first, region).astimezone(region.zone), days, say).run()
        return {
            "machine": machine(),
            "region": region.title,
            "first": first.isoformat(),
            **{name: getattr(year, name) for name in ("days", "trainings", "promotions", "refits")},
            "failures": year.failures,
            "seconds": {name: round(seconds, 1) for name, seconds in year.seconds.items()},
            "samples": [sample.to_dict() for sample in year.samples],
            "mape_by_week": errors_by_week(here.database, region.name),
            "units": vars(Units.measured(here.store / region.name)),
            "tables": table_bytes(here.database),
            "kept": settings().model_dump(include={"keep_champions", "keep_training_days", "keep_run_days"}),
        }


def _last_day(history: pd.DataFrame, region: Region) -> date:
    known = history.index[history["demand"].notna()]
    return day_of(known[-1].to_pydatetime(), region)


def _to(stream: TextIO) -> Callable[[str], None]:
    """Past the redirections of what runs within."""
    return lambda text: print(text, file=stream, flush=True)


if __name__ == "__main__":
    sys.exit(main())
