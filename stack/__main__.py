"""python -m stack demo | status | down"""

from __future__ import annotations

import argparse
import logging
import signal
import sys
from collections.abc import Sequence

from rich.console import Console
from rich.table import Table

from stack import kubernetes, servers, summary
from stack.state import State
from trainer.contract import ContractError, ExitCode
from trainer.errors import DemandForecastError

INTERRUPTED = 128 + signal.SIGINT


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command; returns one of contract.ExitCode, or 130 after Ctrl-C."""
    options = _parser().parse_args(arguments)
    # A pipe has no width of its own; the default of 80 columns would fold every path.
    console = Console() if sys.stdout.isatty() else Console(width=120)
    try:
        return int(options.run(options, State.default(), console))
    except (DemandForecastError, ContractError) as error:
        print(f"\n{error}", file=sys.stderr)
        return int(getattr(error, "exit_code", ExitCode.USAGE))
    except KeyboardInterrupt:
        print("\nstopped", file=sys.stderr)
        return INTERRUPTED


def demo(options: argparse.Namespace, state: State, console: Console) -> int:
    from stack.demo import Demo, Wishes  # noqa: PLC0415 - loads the trainer, which the others do without

    logging.basicConfig(level=logging.WARNING)
    signal.signal(signal.SIGTERM, lambda *_: signal.raise_signal(signal.SIGINT))
    wishes = Wishes(
        csv=options.csv,
        region=options.region,
        trials=options.trials,
        epochs=options.epochs,
        runtime=options.runtime,
    )
    Demo(state, wishes, console).run()
    return ExitCode.DONE


def status(_: argparse.Namespace, state: State, console: Console) -> int:
    """0 when all on record is well or nothing is, 4 otherwise."""
    services = state.services()
    if not services:
        console.print("nothing runs; `make demo` starts the servers")
        return ExitCode.DONE
    table = Table(title=f"Services of {state.folder}", title_justify="left")
    for column in ("service", "health", "pid", "log"):
        table.add_column(column, overflow="fold")
    healths = [servers.health(service) for service in services]
    for service, health in zip(services, healths, strict=True):
        pid = "not ours" if service.pid is None else str(service.pid)
        table.add_row(service.name, health, pid, service.log)
    console.print(table)
    summary.show_urls(state, console)
    return ExitCode.DONE if set(healths) <= {"well", "busy"} else ExitCode.INFRASTRUCTURE


def down(options: argparse.Namespace, state: State, console: Console) -> int:
    """Stops what this stack started; servers of the user's own are left alone."""
    services = state.services()
    servers.stop(state, services)
    if cluster := next((service for service in services if service.name == kubernetes.NAME), None):
        kubernetes.end(cluster, console.print)
    stopped = [service.name for service in services if service.pid is not None]
    console.print(f"stopped {', '.join(stopped)}" if stopped else "nothing was running")
    if options.purge:
        servers.purge(state)
        console.print(f"removed {state.folder}")
    return ExitCode.DONE


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m stack", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    command = commands.add_parser("demo", help="servers, retrain, promotion, forecast")
    command.add_argument("--csv", help="the region's series: CSV or Parquet, a path or URL")
    command.add_argument("--region", help="a configured region (default: GR, the sample series)")
    # So little that the first forecast is there within six minutes on two cores; more is better.
    command.add_argument("--trials", type=_positive, default=2, help="hyperparameter trials (default 2)")
    command.add_argument("--epochs", type=_positive, default=4, help="most epochs of a fit (default 4)")
    command.add_argument(
        "--runtime",
        choices=["local", "kubernetes"],
        default="local",
        help="where trainer verbs run: processes, or pods of a cluster on this machine (default local)",
    )
    command.set_defaults(run=demo)
    command = commands.add_parser("status", help="services, health, URLs")
    command.set_defaults(run=status)
    command = commands.add_parser("down", help="stop what was started")
    command.add_argument("--purge", action="store_true", help="and remove all that it kept")
    command.set_defaults(run=down)
    return parser


def _positive(text: str) -> int:
    if (value := int(text)) < 1:
        raise argparse.ArgumentTypeError(f"{text} is below 1")
    return value


if __name__ == "__main__":
    sys.exit(main())
