"""The command line's verbs. Light to import: no verb's own machinery is loaded here."""

from __future__ import annotations

import argparse

from trainer.commands.argument_types import (
    horizon,
    local_day,
    port,
    positive,
    shadows,
)
from trainer.commands.region_arguments import add_region_answers
from trainer.commands.shared_options import (
    Parser,
    data_options,
    effort_options,
    holdout_options,
    lookback_options,
    output_options,
    region_options,
    run_options,
)
from trainer.commands.verb_options import (
    add_as_produced,
    add_asked,
    add_intraday,
    add_judgement,
    add_model_version,
    add_retention,
    add_scored_days,
    add_shadow,
    add_training,
    add_weather,
)
from trainer.contract import MAX_HORIZON

QUICK = "--trials 5 --epochs 10 is quick, --trials 50 --epochs 100 is for production"
_SERVE = "DEMAND_FORECAST_API_TOKEN or DEMAND_FORECAST_API_TOKEN_FILE holds the tokens that callers send"
_EXIT_CODES = "exit codes: 0 done, 2 bad usage, 3 bad data, 4 infrastructure (start the same run again)"


def build_parser() -> argparse.ArgumentParser:
    """One subparser per verb; `parse_args` leaves the verb in `verb`."""
    parser = Parser(
        prog="python -m trainer", description="Forecasts hourly power demand.", epilog=_EXIT_CODES
    )
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB", parser_class=Parser)

    def verb(name: str, text: str, *groups: Parser) -> argparse.ArgumentParser:
        return verbs.add_parser(
            name, help=text, description=text, epilog=_EXIT_CODES, parents=[region_options(), *groups]
        )

    run = run_options()
    data = data_options()
    verb("ingest", "Copy the region's source into the table raw_demand.", run, data)
    verb("snapshot", "Freeze demand and weather as Parquet.", run, data, lookback_options())
    verb(
        "search",
        "Search Fourier orders and LSTM hyperparameters.",
        run,
        data,
        lookback_options(),
        holdout_options(),
        effort_options(),
    )
    train = verb(
        "train",
        f"Train a model; with --csv, from the file to a published model and its scores ({QUICK}).",
        run,
        data,
        lookback_options(),
        holdout_options(),
        effort_options(),
    )
    add_training(train)
    evaluate = verb(
        "evaluate", "Score the run's candidate beside the champion on the same hours.", run, holdout_options()
    )
    add_model_version(evaluate, "champion", "the champion to compare with")
    verb("promote", "Publish the run's candidate as an immutable model version.", run)
    announce = verb("announce", "Let MLflow's alias `champion` follow the promotion.", run)
    announce.add_argument("--model-version", required=True, help="the version that is champion now")
    refit = verb(
        "refit",
        "Bring a published model up to date with all measured demand: a version of its own.",
        run,
        data,
        lookback_options(),
    )
    add_model_version(refit, "model", "the version to bring up to date (default: the newest in the store)")
    forecast = verb(
        "forecast", "Forecast the next hours with a published model.", run, data, lookback_options(60)
    )
    covered = forecast.add_mutually_exclusive_group()
    covered.add_argument("--horizon", type=horizon, default=24, help=f"hours, 1..{MAX_HORIZON} (default 24)")
    covered.add_argument(
        "--product",
        metavar="NAME",
        help="one of the region's `forecasts`: from its last moment at or before as_of, the hours it covers",
    )
    add_model_version(forecast, "model", "the version to forecast with (default: the newest in the store)")
    add_model_version(forecast, "fallback", "the version to fall back to when that one is broken")
    forecast.add_argument(
        "--shadows",
        type=shadows,
        default=(),
        metavar="JSON",
        help="models to forecast beside it, as a daily run is handed them (see: shadow)",
    )
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
    add_intraday(
        verb(
            "intraday",
            "From the region's source to a product's published forecast, by the champion on record.",
            run,
            lookback_options(60),
        )
    )
    add_scored_days(verb("score", "Score the forecasts whose actuals have arrived.", run))
    add_retention(
        verb(
            "housekeeping",
            "Remove what no deployment, no rollback and no run in progress needs: old versions and runs.",
            run,
        )
    )
    add_shadow(
        verb(
            "shadow",
            "Have a model forecast beside the champion, served to nobody; stop it; or list what there is.",
            run,
        )
    )
    backtest = verb(
        "backtest", "Day-ahead forecasts over a window, as they would have been made.", data, effort_options()
    )
    backtest.add_argument(
        "--test-start", type=local_day, required=True, help="first local day, such as 2022-11-01"
    )
    backtest.add_argument("--test-end", type=local_day, required=True, help="last local day, included")
    add_as_produced(backtest)
    add_asked(backtest)
    add_weather(backtest)
    add_judgement(
        verb(
            "judge",
            "Accept or reject hours of demand over the rules; without an hour, list what was said of them.",
        )
    )
    add_region_answers(
        verbs.add_parser(
            "region",
            help="Make a region's entry from a file and a few answers; show what is understood of the file.",
            description="Makes the entry of a region that is not configured yet, from its file and a few "
            "answers, writes it into your regions file, and shows what is understood of the file.",
            epilog=_EXIT_CODES,
            parents=[output_options()],
        )
    )
    verbs.add_parser(
        "migrate", help="Bring the database's tables to this version.", parents=[output_options()]
    )
    for name, way, text in (
        ("backup", "to", "Save the tables and the files of the store that they name, with their checksums."),
        ("restore", "from", "Bring a backup back into an empty database, and its files into the store."),
    ):
        saved = verbs.add_parser(name, help=text, description=text, parents=[output_options()])
        saved.add_argument(
            f"--{way}", dest="place", required=True, help="folder or URL of the backup, its own"
        )
        saved.add_argument("--store", help="folder or URL of results and models (default: out/)")
    serve = verbs.add_parser("serve", help="The REST API as a service.", epilog=_SERVE)
    serve.add_argument("--host", default="127.0.0.1", help="address to listen on (default 127.0.0.1)")
    serve.add_argument("--port", type=port, default=18000, help="default 18000")
    serve.add_argument("--store", help="folder or URL of the published models (default: out/)")
    serve.add_argument(
        "--processes", type=positive, default=2, help="forecasts computed at a time (default 2)"
    )
    serve.add_argument(
        "--waiting", type=positive, default=32, help="forecasts that may wait; more get 503 (default 32)"
    )
    return parser
