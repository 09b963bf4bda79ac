"""Groups of options of single verbs, each put into the parser that it is given."""

from __future__ import annotations

import argparse

from trainer.commands.argument_types import (
    clock_hour,
    days,
    hours_of_day,
    kept_champions,
    kept_days,
    positive,
    probability,
    searches,
    share,
)
from trainer.contract import DEFAULT_MAX_SHADOWS, ORIGIN_HOURS, Env, ShadowKind


def add_model_version(parser: argparse.ArgumentParser, name: str, text: str) -> None:
    parser.add_argument(f"--{name}-version", help=text)
    parser.add_argument(f"--{name}-checksum", help="what its artifact's checksum must be")


def add_training(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--shards",
        type=searches,
        default=1,
        help="how many parallel searches to choose from (default 1); 0 makes the search first, itself",
    )
    parser.add_argument(
        "--origin-hours",
        type=hours_of_day,
        default=ORIGIN_HOURS,
        metavar="HOURS",
        help="local hours that forecasts begin at, such as 0,6,12,18 (the default), or all",
    )
    add_model_version(parser, "parameters", "train with the parameters of this version, without a search")


def add_as_produced(parser: argparse.ArgumentParser) -> None:
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
        help="of --as-produced: chance must give the improvement more rarely (default 0.05; 1: not asked)",
    )


def add_intraday(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--product",
        metavar="NAME",
        required=True,
        help="one of the region's `forecasts`: from its last moment at or before as_of, the hours it covers",
    )
    parser.add_argument(
        "--ingest-seconds",
        type=positive,
        default=60,
        help="after which the forecast is made from the actuals that are there (default 60)",
    )


def add_scored_days(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--days", type=days, default=7, help="local days before as_of (default 7)")


def add_asked(parser: argparse.ArgumentParser) -> None:
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
        help="of --origin, and the only day that it is for yet",
    )


def add_weather(parser: argparse.ArgumentParser) -> None:
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


def add_retention(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--keep-champions",
        type=kept_champions,
        default=8,
        help="the last champions that stay to go back to, with their parents and what was judged (default 8)",
    )
    parser.add_argument(
        "--keep-training-days",
        type=kept_days,
        default=28,
        help="of other runs that trained a candidate (default 28)",
    )
    parser.add_argument(
        "--keep-run-days", type=kept_days, default=28, help="of the runs of other verbs (default 28)"
    )
    parser.add_argument(
        "--dry-run",
        action=argparse.BooleanOptionalAction,
        default=False,
        help="only say what would be removed, with sizes (default: no)",
    )


def add_shadow(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "action",
        nargs="?",
        choices=["add", "remove", "compare", "list"],
        default="list",
        help="list, the default: the region's, past ones too; compare: what its promotion is decided on",
    )
    parser.add_argument("--name", metavar="NAME", help="of the shadow: small letters, digits, '_' and '-'")
    model = parser.add_mutually_exclusive_group()
    model.add_argument("--version", help="of add: a published version of the region")
    model.add_argument(
        "--run", metavar="RUN_ID", help="of add: the retraining whose candidate was turned away"
    )
    model.add_argument(
        "--kind",
        choices=[kind.value for kind in ShadowKind if kind is not ShadowKind.VERSION],
        help="of add: the champion's twin without weather, or the seasonal naive forecast",
    )
    parser.add_argument("--reason", metavar="TEXT", help="why, for whoever reads it later; add needs it")
    parser.add_argument("--by", metavar="NAME", help="who says so (default: this user)")
    parser.add_argument(
        "--max-shadows",
        type=positive,
        help=f"live ones that a region may have (default: {Env.MAX_SHADOWS}, else {DEFAULT_MAX_SHADOWS})",
    )


def add_judgement(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--from", dest="first", metavar="HOUR", help="first hour, ISO 8601, local unless it has an offset"
    )
    parser.add_argument("--to", dest="last", metavar="HOUR", help="last hour, included (default: --from)")
    word = parser.add_mutually_exclusive_group()
    word.add_argument(
        "--accept", action="store_const", const="accepted", dest="judgement", help="they were measured"
    )
    word.add_argument(
        "--reject", action="store_const", const="rejected", dest="judgement", help="they were not"
    )
    parser.add_argument("--by", metavar="NAME", help="who says so")
    parser.add_argument("--why", metavar="TEXT", help="the reason, for whoever reads it later")
