"""From the command line's words to a step, its summary and its exit code."""

from __future__ import annotations

import argparse
import logging
import os
import secrets
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final

from trainer.commands.arguments import build_parser
from trainer.commands.outputs import check_outputs, check_run_folder
from trainer.contract import ContractError, Env, ExitCode, Manifest, Region, Verb, load_regions
from trainer.contract.products import product_dag_id
from trainer.errors import DemandForecastError, UsageError
from trainer.store import Run, Store, parse_as_of

if TYPE_CHECKING:
    from trainer.data.sources import SourceFrame

log = logging.getLogger(__name__)

_WITHOUT_SNAPSHOT: Final = frozenset(
    {Verb.INGEST, Verb.SNAPSHOT, Verb.INTRADAY, Verb.SCORE, Verb.HOUSEKEEPING, Verb.SHADOW}
)
_FROM_A_SNAPSHOT: Final = frozenset({Verb.SEARCH, Verb.TRAIN, Verb.REFIT, Verb.FORECAST})
"""Verbs that make the run's snapshot where --csv is given, and read what there is otherwise."""
_EXTRA_OF: Final = {
    **dict.fromkeys(("torch", "optuna", "mlflow", "pynvml"), "train"),
    **dict.fromkeys(("fastapi", "uvicorn", "prometheus_client"), "api"),
}
"""By package: what installs it beside the one that forecasts."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one verb; returns one of contract.ExitCode. Faults with a known cause end in one line, not in a
    traceback."""
    options = build_parser().parse_args(arguments)
    from trainer.observers.logs import set_up_logging  # noqa: PLC0415 - rich is not needed for --help

    set_up_logging()
    try:
        _dispatch(options)
    except DemandForecastError as error:
        log.error("%s", error)  # noqa: TRY400 - the sentence is the message; a traceback would bury it
        return error.exit_code
    except ContractError as error:
        log.error("%s", error)  # noqa: TRY400
        return ExitCode.USAGE
    except ModuleNotFoundError as error:
        extra = _EXTRA_OF.get(str(error.name).partition(".")[0])
        if extra is None:
            raise
        log.error("%s needs %s: pip install 'demand-forecast[%s]'", options.verb, error.name, extra)  # noqa: TRY400
        return ExitCode.USAGE
    except OSError as error:
        # Whatever no step expected of the machine, such as a full folder for temporary files.
        log.error("the machine refused: %s; mend that and start the same --run-id again", error)  # noqa: TRY400
        return ExitCode.INFRASTRUCTURE
    except KeyboardInterrupt:
        log.warning("stopped; the same --run-id goes on where this ended")
        return 128 + 2
    return ExitCode.DONE


def _dispatch(options: argparse.Namespace) -> None:
    from trainer.commands import verbs  # noqa: PLC0415 - each verb loads only what it needs

    if options.verb == "migrate":
        check_outputs(options)
        verbs.migrate(options)
        return
    if options.verb in {"backup", "restore"}:
        check_outputs(options)
        getattr(verbs, options.verb)(options, open_store(options.store), store_at(options.place))
        return
    if options.verb == "serve":
        verbs.serve(options, open_store(options.store))
        return
    if options.verb == "region":
        check_outputs(options, [options.source])
        verbs.region(options)
        return
    region = _region(options.region)
    if options.verb in _FROM_A_SNAPSHOT and options.weather_issued and not options.source:
        raise UsageError(
            f"--weather-issued goes with --csv: without it {options.verb} reads the run's snapshot"
        )
    check_outputs(options, [region.source, region.weather_issued or ""])
    if options.verb == "backtest":
        verbs.backtest(options, region)
        return
    if options.verb == "judge":
        verbs.judge(options, region)
        return
    run = open_run(options, region)
    for name in ("source", "weather_issued"):
        if source := getattr(options, name, None) or getattr(region, name):
            check_run_folder(run.store.locate(run.folder), source)
    log.info("run %s of region %s, as of %s", run.run_id, region.name, run.as_of.isoformat())
    manifest: Manifest | None = getattr(verbs, options.verb)(options, run)
    if manifest is not None:  # a list is no step
        _hand_over(options, run, manifest)


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


def _region(name: str) -> Region:
    regions = load_regions()
    if name not in regions:
        raise UsageError(
            f"region {name!r} is not configured; configured are {', '.join(sorted(regions))}. Make it from "
            f"its file: python -m trainer region --region {name} --csv data.csv --country DE"
        )
    return regions[name]


def _end_of(data: SourceFrame, region: Region) -> datetime:
    """The hour after the last actual."""
    from trainer.data.validation import canonical, last_actual  # noqa: PLC0415

    return (last_actual(canonical(data, region).frame) + timedelta(hours=1)).to_pydatetime()


def _hand_over(options: argparse.Namespace, run: Run, manifest: Manifest) -> None:
    """The result for machines: to --json, and to the file that the caller of a task names."""
    from trainer.commands.console import write_json  # noqa: PLC0415

    result = {
        "manifest": run.manifest_path(manifest.step),
        "checksum": manifest.checksum,
        "facts": manifest.facts,
        "metrics": manifest.metrics,
    }
    write_json(result, options.json)
    write_json(result, os.environ.get(Env.RESULT_FILE))
