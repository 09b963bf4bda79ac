"""One replay, in a process of its own."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import TextIO

from benchmarks.series import Source
from trainer.contract.ensembles import parse_ensemble
from trainer.contract.file_settings import FileSettings
from trainer.contract.local_days import day_of, midnight
from trainer.data.reference import REFERENCE


def replayed(options: argparse.Namespace, name: str) -> None:
    """One replay, into the file `name`.json of the folder --out. What its servers wrote, and its region, stay
    in the folder `name`."""
    # Airflow reads its environment, which a site makes, when it is imported.
    from benchmarks.year.site import site  # noqa: PLC0415

    history, region = Source.of(options).read()
    known = "reference" if REFERENCE in history and history[REFERENCE].notna().any() else "seasonal"
    # What a site writes has our own headers, and hours by their beginning.
    files = FileSettings(stamp="start")
    ensemble = parse_ensemble(region.name, [known, *region.ensemble])
    region = replace(region, columns={}, files=files, ensemble=ensemble)
    known_days = history.index[history["demand"].notna()]
    last = day_of(known_days[-1].to_pydatetime(), region)
    first = options.start or last - timedelta(days=options.days + 1)
    with site((options.out / name / "servers").resolve(), region, history) as here:
        from benchmarks.shadows.replay import EFFORT, ShadowReplay  # noqa: PLC0415

        told = json.dumps({region.name: here.region.to_dict()})
        (options.out / name / "regions.json").write_text(told, encoding="utf-8")
        replay = ShadowReplay(
            here,
            midnight(first, region).astimezone(region.zone),
            options.days,
            _to(sys.stdout),
            effort={**EFFORT, "lookback_days": options.lookback_days},
            weeks=options.weeks,
        )
        replay.run()
        found = replay.found()
    (options.out / f"{name}.json").write_text(json.dumps(found, indent=1), encoding="utf-8")


def _to(stream: TextIO) -> Callable[[str], None]:
    """Past the redirections of what runs within."""
    return lambda text: print(text, file=stream, flush=True)
