"""Options that several verbs share: each group is a parent of the verbs' own parsers."""

from __future__ import annotations

import argparse
import sys
from typing import NoReturn

from trainer.commands.argument_types import days, positive, seed, shard
from trainer.contract import ExitCode


class Parser(argparse.ArgumentParser):
    """Ends with this program's exit code for bad usage."""

    def error(self, message: str) -> NoReturn:
        self.print_usage(sys.stderr)
        self.exit(ExitCode.USAGE, f"{self.prog}: {message}\n")


def output_options() -> Parser:
    group = Parser(add_help=False)
    group.add_argument(
        "--json", nargs="?", const="-", metavar="OUT", help="the result as JSON, to OUT or to standard output"
    )
    return group


def region_options() -> Parser:
    group = Parser(add_help=False, parents=[output_options()])
    group.add_argument("--region", required=True, help="a configured region, such as KR")
    return group


def run_options() -> Parser:
    group = Parser(add_help=False)
    group.add_argument(
        "--run-id", help="name of the run; the same name goes on where it stopped (default: new)"
    )
    group.add_argument(
        "--as-of",
        help="the moment the run speaks for, ISO 8601, local unless it has an offset "
        "(default: the hour after the last actual of --csv, else that of the run's snapshot, else now)",
    )
    group.add_argument("--store", help="folder or URL of results and models (default: out/)")
    return group


def data_options() -> Parser:
    group = Parser(add_help=False)
    group.add_argument(
        "--csv",
        "--source",
        dest="source",
        metavar="FILE",
        help="a file such as CSV, JSON or Parquet, a path or URL, instead of the region's source",
    )
    group.add_argument(
        "--weather-issued",
        metavar="FILE",
        help="weather forecasts with their time of issue, a path or URL, instead of the region's "
        "weather_issued",
    )
    return group


def lookback_options(default: int = 1826) -> Parser:
    group = Parser(add_help=False)
    group.add_argument(
        "--lookback-days",
        type=days,
        default=default,
        help=f"days of history before as_of (default {default})",
    )
    return group


def holdout_options() -> Parser:
    group = Parser(add_help=False)
    group.add_argument(
        "--holdout-days",
        type=days,
        default=28,
        help="local days before as_of kept for scoring (default 28)",
    )
    return group


def effort_options() -> Parser:
    group = Parser(add_help=False)
    group.add_argument("--trials", type=positive, default=5, help="hyperparameter trials (default 5)")
    group.add_argument("--epochs", type=positive, default=10, help="most epochs of a fit (default 10)")
    group.add_argument(
        "--seed", type=seed, default=42, help="same seed, same device, same model (default 42)"
    )
    group.add_argument(
        "--shard", type=shard, default=(0, 1), metavar="I/N", help="part I (from 0) of N searches"
    )
    group.add_argument(
        "--device", choices=["auto", "cpu", "cuda"], help="default: DEMAND_FORECAST_DEVICE or auto"
    )
    return group
