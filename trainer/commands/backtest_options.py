"""The options of the verb `backtest`: its window, how its model is produced, what is asked, which weather."""

from __future__ import annotations

import argparse

from trainer.commands.argument_types import clock_hour, days, local_day, probability, share


def add_backtest(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--test-start", type=local_day, required=True, help="first local day, such as 2022-11-01"
    )
    parser.add_argument("--test-end", type=local_day, required=True, help="last local day, included")
    _add_as_produced(parser)
    _add_asked(parser)
    _add_weather(parser)


def _add_as_produced(parser: argparse.ArgumentParser) -> None:
    way = parser.add_mutually_exclusive_group()
    way.add_argument(
        "--refit", choices=["weekly"], help="bring the model up to date every week through the window"
    )
    way.add_argument(
        "--as-produced",
        nargs="?",
        const="weekly",
        choices=["daily", "weekly", "never"],
        metavar="REFIT",
        help="each day by the model that production would have served: weekly trainings judged on held-out "
        "days, the gate, and refits daily, weekly (default) or never",
    )
    parser.add_argument(
        "--retrain-days", type=days, default=7, help="of --as-produced: between trainings (default 7)"
    )
    parser.add_argument(
        "--holdout-days", type=days, default=28, help="of --as-produced: kept to compare on (default 28)"
    )
    parser.add_argument(
        "--margin",
        type=share,
        default=0.01,
        help="of --as-produced: share of its error that the champion must be beaten by (default 0.01)",
    )
    parser.add_argument(
        "--significance",
        type=probability,
        default=0.05,
        help="of --as-produced: the most that the improvement's probability by chance may be (default 0.05; "
        "1: no test)",
    )


def _add_asked(parser: argparse.ArgumentParser) -> None:
    asked = parser.add_mutually_exclusive_group()
    asked.add_argument(
        "--product", metavar="NAME", help="one of the region's `forecasts`: at its moments, its hours"
    )
    asked.add_argument(
        "--origin",
        type=clock_hour,
        metavar="HH:00",
        help="local time on the day before at which each day is forecast, such as 10:00 before the market "
        "closes (default: at its own midnight)",
    )
    parser.add_argument(
        "--covers",
        choices=["tomorrow"],
        help="the day that --origin forecasts; tomorrow is the only choice so far",
    )


def _add_weather(parser: argparse.ArgumentParser) -> None:
    kind = parser.add_mutually_exclusive_group()
    kind.add_argument(
        "--weather",
        choices=["perfect", "as-issued", "forecast-like", "none"],
        default="perfect",
        help="of the hours to forecast: as it came (default), as the newest forecast of it at the origin had "
        "it, in error as a usual forecast of it, or none at all",
    )
    kind.add_argument(
        "--no-weather", action="store_const", const="none", dest="weather", help="the same as --weather none"
    )
