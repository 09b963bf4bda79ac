"""From the command line's words to a step, its summary and its exit code."""

from __future__ import annotations

import argparse
import logging
import os
from collections.abc import Sequence
from typing import Final

from trainer.commands.arguments import build_parser
from trainer.commands.outputs import check_outputs, check_run_folder
from trainer.commands.runs import configured_region, open_run
from trainer.contract import ContractError, Env, ExitCode, Manifest, Verb
from trainer.errors import DemandForecastError, UsageError
from trainer.store import Run

log = logging.getLogger(__name__)

_OF_NO_REGION: Final = frozenset({"migrate", "backup", "restore", "serve", "region"})
"""Verbs of the system as a whole, and the one that makes a region's entry."""
_OF_NO_RUN: Final = frozenset({"backtest", "judge"})
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

    verb = getattr(verbs, options.verb)
    if options.verb in _OF_NO_REGION:
        check_outputs(options)
        verb(options)
        return
    region = configured_region(options.region)
    if options.verb in _FROM_A_SNAPSHOT and options.weather_issued and not options.source:
        raise UsageError(
            f"--weather-issued goes with --csv: without it {options.verb} reads the run's snapshot"
        )
    check_outputs(options, [region.source, region.weather_issued or ""])
    if options.verb in _OF_NO_RUN:
        verb(options, region)
        return
    run = open_run(options, region)
    for name in ("source", "weather_issued"):
        if source := getattr(options, name, None) or getattr(region, name):
            check_run_folder(run.store.locate(run.folder), source)
    log.info("run %s of region %s, as of %s", run.run_id, region.name, run.as_of.isoformat())
    manifest: Manifest | None = verb(options, run)
    if manifest is not None:  # a list is no step
        _hand_over(options, run, manifest)


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
