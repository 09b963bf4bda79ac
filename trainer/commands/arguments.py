"""The command line's verbs and options. Light to import: no verb's own machinery is loaded here."""

from __future__ import annotations

import argparse
import sys
from datetime import date
from typing import NoReturn

from trainer.contract import (
    FIRST_YEAR,
    LAST_YEAR,
    MAX_DAYS,
    MAX_HORIZON,
    MAX_SEED,
    ORIGIN_HOURS,
    ExitCode,
)

QUICK = "--trials 5 --epochs 10 is quick, --trials 50 --epochs 100 is for production"
_SERVE = "DEMAND_FORECAST_API_TOKEN or DEMAND_FORECAST_API_TOKEN_FILE holds the tokens that callers send"
_EXIT_CODES = "exit codes: 0 done, 2 bad usage, 3 bad data, 4 infrastructure (start the same run again)"


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        self.print_usage(sys.stderr)
        self.exit(ExitCode.USAGE, f"{self.prog}: {message}\n")


def build_parser() -> argparse.ArgumentParser:
    """One subparser per verb; `parse_args` leaves the verb in `verb`."""
    parser = _Parser(
        prog="python -m trainer", description="Forecasts hourly power demand.", epilog=_EXIT_CODES
    )
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB", parser_class=_Parser)

    def verb(name: str, text: str, *groups: _Parser) -> argparse.ArgumentParser:
        return verbs.add_parser(
            name, help=text, description=text, epilog=_EXIT_CODES, parents=[_region(), *groups]
        )

    run = _run()
    data = _data()
    verb("ingest", "Copy the region's source into the table raw_demand.", run, data)
    verb("snapshot", "Freeze demand and weather as Parquet.", run, data, _lookback())
    verb(
        "search",
        "Search Fourier orders and LSTM hyperparameters.",
        run,
        data,
        _lookback(),
        _holdout(),
        _effort(),
    )
    train = verb(
        "train",
        f"Train a model; with --csv, from the file to a published model and its scores ({QUICK}).",
        run,
        data,
        _lookback(),
        _holdout(),
        _effort(),
    )
    train.add_argument(
        "--shards", type=_positive, default=1, help="how many parallel searches to choose from (default 1)"
    )
    train.add_argument(
        "--origin-hours",
        type=_hours,
        default=ORIGIN_HOURS,
        metavar="HOURS",
        help="local hours that forecasts begin at, such as 0,6,12,18 (the default), or all",
    )
    evaluate = verb(
        "evaluate", "Score the run's candidate beside the champion on the same hours.", run, _holdout()
    )
    _model(evaluate, "champion", "the champion to compare with")
    verb("promote", "Publish the run's candidate as an immutable model version.", run)
    announce = verb("announce", "Let MLflow's alias `champion` follow the promotion.", run)
    announce.add_argument("--model-version", required=True, help="the version that is champion now")
    refit = verb(
        "refit",
        "Bring a published model up to date with all measured demand: a version of its own.",
        run,
        data,
        _lookback(),
    )
    _model(refit, "model", "the version to bring up to date (default: the newest in the store)")
    forecast = verb("forecast", "Forecast the next hours with a published model.", run, data, _lookback(60))
    forecast.add_argument(
        "--horizon", type=_horizon, default=24, help=f"hours, 1..{MAX_HORIZON} (default 24)"
    )
    _model(forecast, "model", "the version to forecast with (default: the newest in the store)")
    _model(forecast, "fallback", "the version to fall back to when that one is broken")
    forecast.add_argument(
        "--plot",
        action=argparse.BooleanOptionalAction,
        default=True,
        help="draw forecast.png too, which takes about as long as the forecast (default: yes)",
    )
    verb(
        "publish",
        "Write the run's forecast to PostgreSQL, and to InfluxDB where INFLUXDB_URL is set; read it back.",
        run,
    )
    score = verb("score", "Score the forecasts whose actuals have arrived.", run)
    score.add_argument("--days", type=_days, default=7, help="local days before as_of (default 7)")
    backtest = verb(
        "backtest", "Day-ahead forecasts over a window, as they would have been made.", data, _effort()
    )
    backtest.add_argument(
        "--test-start", type=_day, required=True, help="first local day, such as 2022-11-01"
    )
    backtest.add_argument("--test-end", type=_day, required=True, help="last local day, included")
    _as_produced(backtest)
    backtest.add_argument("--no-weather", action="store_true", help="as if no weather were known at all")
    _judge(
        verb(
            "judge",
            "Accept or reject hours of demand over the rules; without an hour, list what was said of them.",
        )
    )
    _new_region(
        verbs.add_parser(
            "region",
            help="Make a region's entry from a file and a few answers; show what is understood of the file.",
            description="Makes the entry of a region that is not configured yet, from its file and a few "
            "answers, writes it into your regions file, and shows what is understood of the file.",
            epilog=_EXIT_CODES,
            parents=[_output()],
        )
    )
    verbs.add_parser("migrate", help="Bring the database's tables to this version.", parents=[_output()])
    serve = verbs.add_parser("serve", help="The REST API as a service.", epilog=_SERVE)
    serve.add_argument("--host", default="127.0.0.1", help="address to listen on (default 127.0.0.1)")
    serve.add_argument("--port", type=_port, default=18000, help="default 18000")
    serve.add_argument("--store", help="folder or URL of the published models (default: out/)")
    serve.add_argument(
        "--processes", type=_positive, default=2, help="forecasts computed at a time (default 2)"
    )
    serve.add_argument(
        "--waiting", type=_positive, default=32, help="forecasts that may wait; more get 503 (default 32)"
    )
    return parser


def _output() -> _Parser:
    group = _Parser(add_help=False)
    group.add_argument(
        "--json", nargs="?", const="-", metavar="OUT", help="the result as JSON, to OUT or to standard output"
    )
    return group


def _region() -> _Parser:
    group = _Parser(add_help=False, parents=[_output()])
    group.add_argument("--region", required=True, help="a configured region, such as KR")
    return group


def _run() -> _Parser:
    group = _Parser(add_help=False)
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


def _data() -> _Parser:
    group = _Parser(add_help=False)
    group.add_argument(
        "--csv",
        "--source",
        dest="source",
        metavar="FILE",
        help="CSV or Parquet, a path or URL, instead of the region's source",
    )
    return group


def _lookback(days: int = 1826) -> _Parser:
    group = _Parser(add_help=False)
    group.add_argument(
        "--lookback-days", type=_days, default=days, help=f"days of history before as_of (default {days})"
    )
    return group


def _holdout() -> _Parser:
    group = _Parser(add_help=False)
    group.add_argument(
        "--holdout-days",
        type=_days,
        default=28,
        help="local days before as_of kept for scoring (default 28)",
    )
    return group


def _effort() -> _Parser:
    group = _Parser(add_help=False)
    group.add_argument("--trials", type=_positive, default=5, help="hyperparameter trials (default 5)")
    group.add_argument("--epochs", type=_positive, default=10, help="most epochs of a fit (default 10)")
    group.add_argument(
        "--seed", type=_seed, default=42, help="same seed, same device, same model (default 42)"
    )
    group.add_argument(
        "--shard", type=_shard, default=(0, 1), metavar="I/N", help="part I (from 0) of N searches"
    )
    group.add_argument(
        "--device", choices=["auto", "cpu", "cuda"], help="default: DEMAND_FORECAST_DEVICE or auto"
    )
    return group


def _new_region(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--region", "--name", required=True, help="its name: 1 to 32 letters, digits or _")
    parser.add_argument(
        "--csv",
        "--source",
        dest="source",
        metavar="FILE",
        required=True,
        help="text, workbook or Parquet, a path or URL; the region's source from then on",
    )
    answers = parser.add_argument_group("answers; of country and timezone one is needed")
    answers.add_argument("--country", help="two letters, such as DE: its holidays, and its place")
    answers.add_argument("--timezone", help="an IANA name, such as Europe/Berlin")
    answers.add_argument("--subdivision", help="a part of the country with holidays of its own, such as BY")
    answers.add_argument("--latitude", type=float, help="degrees north (default: the zone's town)")
    answers.add_argument("--longitude", type=float, help="degrees east")
    answers.add_argument("--title", help="as people call it (default: its name)")
    answers.add_argument(
        "--weather", nargs="*", metavar="NAME", help="default: temperature and humidity, if there"
    )
    answers.add_argument(
        "--column",
        dest="columns",
        action="append",
        type=_pair,
        metavar="HEADER=NAME",
        help="which header is time, demand, reference or a weather, where it does not tell itself",
    )
    file = parser.add_argument_group("how the file is read, where it does not tell itself: docs/formats.md")
    file.add_argument("--stamp", choices=["start", "end"], help="which of an interval a time names")
    file.add_argument("--stamp-timezone", metavar="ZONE", help="UTC, an IANA name, or standard")
    file.add_argument("--time-format", metavar="FORMAT", help="such as %%d.%%m.%%Y %%H:%%M")
    file.add_argument("--unit", help="kW, MW, GW, MWh per interval, 万kW ...")
    file.add_argument("--decimal", choices=[".", ","])
    file.add_argument("--delimiter")
    file.add_argument("--encoding")
    file.add_argument("--skip-lines", type=_whole, metavar="N", help="lines above the header")
    file.add_argument("--missing", nargs="+", metavar="MARK", help="cells that say that nothing is known")
    file.add_argument(
        "--date-columns", nargs="+", metavar="HEADER", help="columns that hold the time together"
    )
    file.add_argument(
        "--where",
        action="append",
        type=_pair,
        metavar="HEADER=VALUE",
        help="the rows of one series of several",
    )
    file.add_argument(
        "--wide", action="store_true", default=None, help="a row is a day, with a column for each hour"
    )
    parser.add_argument(
        "--plot", metavar="PNG", help="the series as a picture (default: region-<name>.png in this folder)"
    )


def _pair(text: str) -> tuple[str, str]:
    header, sign, value = text.rpartition("=")
    if not sign or not header or not value:
        raise argparse.ArgumentTypeError(f"{text!r} is not HEADER=VALUE")
    return header, value


def _as_produced(parser: argparse.ArgumentParser) -> None:
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
        "--retrain-days", type=_days, default=7, help="of --as-produced: between trainings (default 7)"
    )
    parser.add_argument(
        "--holdout-days", type=_days, default=28, help="of --as-produced: kept to compare on (default 28)"
    )
    parser.add_argument(
        "--margin",
        type=float,
        default=0.01,
        help="of --as-produced: share of its error that the champion must be beaten by (default 0.01)",
    )


def _judge(parser: argparse.ArgumentParser) -> None:
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


def _model(parser: argparse.ArgumentParser, name: str, text: str) -> None:
    parser.add_argument(f"--{name}-version", help=text)
    parser.add_argument(f"--{name}-checksum", help="what its artifact's checksum must be")


def _whole(text: str) -> int:
    try:
        return int(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number") from error


def _within(text: str, first: int, last: int, unit: str = "") -> int:
    value = _whole(text)
    if not first <= value <= last:
        raise argparse.ArgumentTypeError(f"{text} is not within {first}..{last}{unit}")
    return value


def _positive(text: str) -> int:
    value = _whole(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f"{text} is below 1")
    return value


def _days(text: str) -> int:
    return _within(text, 1, MAX_DAYS, " days")


def _seed(text: str) -> int:
    return _within(text, 0, MAX_SEED)


def _horizon(text: str) -> int:
    return _within(text, 1, MAX_HORIZON, " hours")


def _hours(text: str) -> tuple[int, ...]:
    if text == "all":
        return tuple(range(24))
    return tuple(sorted({_within(hour, 0, 23) for hour in text.split(",")}))


def _port(text: str) -> int:
    return _within(text, 1, 65_535)


def _day(text: str) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text!r} is no day; write it as 2022-11-01") from error
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise argparse.ArgumentTypeError(f"{text} is not within the years {FIRST_YEAR}..{LAST_YEAR}")
    return day


def _shard(text: str) -> tuple[int, int]:
    part, _, parts = text.partition("/")
    try:
        index, count = int(part), int(parts)
    except ValueError:
        index, count = 0, 0
    if not 0 <= index < count:
        raise argparse.ArgumentTypeError(f"{text} is not I/N with 0 <= I < N")
    return index, count
