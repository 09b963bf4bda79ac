"""What the command line's words name: a region, a store, and the run of a verb in it."""

from __future__ import annotations

import argparse
import os
import secrets
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final

from trainer.contract import Env, Region, Verb, load_regions
from trainer.contract.products import product_dag_id
from trainer.errors import UsageError
from trainer.store import Run, Store, parse_as_of

if TYPE_CHECKING:
    from trainer.data.sources import SourceFrame

_WITHOUT_SNAPSHOT: Final = frozenset(
    {Verb.INGEST, Verb.SNAPSHOT, Verb.INTRADAY, Verb.SCORE, Verb.HOUSEKEEPING, Verb.SHADOW}
)


def configured_region(name: str) -> Region:
    """Raises UsageError for a region that is not configured, naming those that are."""
    regions = load_regions()
    if name not in regions:
        raise UsageError(
            f"region {name!r} is not configured; configured are {', '.join(sorted(regions))}. Make it from "
            f"its file: python -m trainer region --region {name} --csv data.csv --country DE"
        )
    return regions[name]


def open_run(options: argparse.Namespace, region: Region) -> Run:
    """The run that the options name. Without --as-of it speaks for the end of --csv, else for the moment of
    its snapshot, else for now; what was read of --csv for that is left in `options.read`, for the verb's own
    use.
    """
    options.read = None
    store = open_store(options.store)
    if options.as_of:
        as_of = parse_as_of(options.as_of, region)
    elif source := getattr(options, "source", None):
        from trainer.data.sources import read_source  # noqa: PLC0415  pandas; a run without --csv may do without

        options.read = read_source(region, source=source)
        as_of = _end_of(options.read, region)
    else:
        as_of = _snapshot_moment(options, region, store) or datetime.now(UTC)
    run_id = options.run_id or f"manual-{datetime.now(UTC):%Y%m%dT%H%M%S}-{secrets.token_hex(2)}"
    kept_under = product_dag_id(region.name, options.product) if options.verb == Verb.INTRADAY else None
    return Run(region=region, run_id=run_id, as_of=as_of, store=store, kept_under=kept_under)


def _snapshot_moment(options: argparse.Namespace, region: Region, store: Store) -> datetime | None:
    """None where the run has no snapshot, or the verb works on none and so may speak for another moment."""
    if options.verb in _WITHOUT_SNAPSHOT or not options.run_id:
        return None
    run = Run(region=region, run_id=options.run_id, as_of=datetime.now(UTC), store=store)
    frozen = run.manifest("snapshot")
    return datetime.fromisoformat(frozen.as_of) if frozen else None


def open_store(place: str | None) -> Store:
    """The folder or URL given, else the environment's, else out/."""
    return store_at(place or os.environ.get(Env.STORE_URL) or "out")


def store_at(place: str) -> Store:
    """The store in a folder or at a URL."""
    return Store(place) if "://" in place else Store.at(Path(place))


def _end_of(data: SourceFrame, region: Region) -> datetime:
    """The hour after the last actual."""
    from trainer.data.validation import canonical, last_actual  # noqa: PLC0415

    held = canonical(data, region, weather_may_lack=True)  # the verb itself says whether it may
    return (last_actual(held.frame) + timedelta(hours=1)).to_pydatetime()
