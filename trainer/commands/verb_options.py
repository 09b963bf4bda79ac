"""Groups of options of single verbs, each put into the parser that it is given."""

from __future__ import annotations

import argparse

from trainer.commands.argument_types import (
    days,
    horizon,
    hours_of_day,
    kept_champions,
    kept_days,
    port,
    positive,
    searches,
    shadows,
)
from trainer.contract import DEFAULT_MAX_SHADOWS, MAX_HORIZON, ORIGIN_HOURS, Env, ShadowKind


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


def add_forecast(parser: argparse.ArgumentParser) -> None:
    covered = parser.add_mutually_exclusive_group()
    covered.add_argument("--horizon", type=horizon, default=24, help=f"hours, 1..{MAX_HORIZON} (default 24)")
    covered.add_argument(
        "--product",
        metavar="NAME",
        help="one of the region's `forecasts`: from its last moment at or before as_of, the hours it covers",
    )
    add_model_version(parser, "model", "the version to forecast with (default: the newest in the store)")
    add_model_version(parser, "fallback", "the version to fall back to when that one is broken")
    parser.add_argument(
        "--shadows",
        type=shadows,
        default=(),
        metavar="JSON",
        help="models to forecast beside it, as a daily run is handed them (see: shadow)",
    )
    parser.add_argument(
        "--plot",
        action=argparse.BooleanOptionalAction,
        default=True,
        help="draw forecast.png too, which takes about as long as the forecast (default: yes)",
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


def add_service(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default 127.0.0.1)")
    parser.add_argument("--port", type=port, default=18000, help="default 18000")
    parser.add_argument("--store", help="folder or URL of the published models (default: out/)")
    parser.add_argument(
        "--processes", type=positive, default=2, help="forecasts computed at a time (default 2)"
    )
    parser.add_argument(
        "--waiting", type=positive, default=32, help="forecasts that may wait; more get 503 (default 32)"
    )
