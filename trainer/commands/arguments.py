"""The command line's verbs. Light to import: no verb's own machinery is loaded here."""

from __future__ import annotations

import argparse
from typing import Any

from trainer.commands.backtest_options import add_backtest
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
    add_forecast,
    add_intraday,
    add_judgement,
    add_model_version,
    add_retention,
    add_scored_days,
    add_service,
    add_shadow,
    add_training,
)

QUICK = "--trials 5 --epochs 10 is quick, --trials 50 --epochs 100 is for production"
_SERVE = "DEMAND_FORECAST_API_TOKEN or DEMAND_FORECAST_API_TOKEN_FILE holds the tokens that callers send"
_EXIT_CODES = "exit codes: 0 done, 2 bad usage, 3 bad data, 4 infrastructure (start the same run again)"


def build_parser() -> argparse.ArgumentParser:
    """One subparser per verb; `parse_args` leaves the verb in `verb`."""
    parser = Parser(
        prog="python -m trainer", description="Forecasts hourly power demand.", epilog=_EXIT_CODES
    )
    verbs = _Verbs(parser)
    _add_training_verbs(verbs)
    _add_forecast_verbs(verbs)
    _add_upkeep_verbs(verbs)
    _add_verbs_of_no_run(verbs)
    _add_verbs_of_the_system(verbs)
    return parser


class _Verbs:
    """The verbs of a parser, in the order in which --help lists them."""

    def __init__(self, parser: Parser) -> None:
        self._parsers = parser.add_subparsers(dest="verb", required=True, metavar="VERB", parser_class=Parser)

    def add(self, name: str, text: str, *groups: Parser) -> argparse.ArgumentParser:
        """A verb of one region."""
        return self.add_plain(
            name, help=text, description=text, epilog=_EXIT_CODES, parents=[region_options(), *groups]
        )

    def add_of_run(self, name: str, text: str, *groups: Parser) -> argparse.ArgumentParser:
        """A verb that is a step of a run of one region."""
        return self.add(name, text, run_options(), *groups)

    def add_plain(self, name: str, **options: Any) -> argparse.ArgumentParser:
        """`options`: those of add_parser."""
        return self._parsers.add_parser(name, **options)


def _add_training_verbs(verbs: _Verbs) -> None:
    """From the source to a published model, and what brings one up to date."""
    verbs.add_of_run("ingest", "Copy the region's source into the table raw_demand.", data_options())
    verbs.add_of_run("snapshot", "Freeze demand and weather as Parquet.", data_options(), lookback_options())
    of_training = (data_options(), lookback_options(), holdout_options(), effort_options())
    verbs.add_of_run("search", "Search Fourier orders and LSTM hyperparameters.", *of_training)
    add_training(
        verbs.add_of_run(
            "train",
            f"Train a model; with --csv, from the file to a published model and its scores ({QUICK}).",
            *of_training,
        )
    )
    evaluate = verbs.add_of_run(
        "evaluate", "Score the run's candidate beside the champion on the same hours.", holdout_options()
    )
    add_model_version(evaluate, "champion", "the champion to compare with")
    verbs.add_of_run("promote", "Publish the run's candidate as an immutable model version.")
    announce = verbs.add_of_run("announce", "Let MLflow's alias `champion` follow the promotion.")
    announce.add_argument("--model-version", required=True, help="the version that is champion now")
    refit = verbs.add_of_run(
        "refit",
        "Bring a published model up to date with all measured demand: a version of its own.",
        data_options(),
        lookback_options(),
    )
    add_model_version(refit, "model", "the version to bring up to date (default: the newest in the store)")


def _add_forecast_verbs(verbs: _Verbs) -> None:
    """From a published model to a published forecast, and how good it was."""
    add_forecast(
        verbs.add_of_run(
            "forecast",
            "Forecast the next hours with a published model.",
            data_options(),
            lookback_options(60),
        )
    )
    verbs.add_of_run(
        "publish",
        "Write the run's forecast to PostgreSQL, and to InfluxDB where INFLUXDB_URL is set; read it back.",
    )
    add_intraday(
        verbs.add_of_run(
            "intraday",
            "From the region's source to a product's published forecast, by the champion on record.",
            lookback_options(60),
        )
    )
    add_scored_days(verbs.add_of_run("score", "Score the forecasts whose actuals have arrived."))


def _add_upkeep_verbs(verbs: _Verbs) -> None:
    add_retention(
        verbs.add_of_run(
            "housekeeping",
            "Remove what no deployment, no rollback and no run in progress needs: old versions and runs.",
        )
    )
    add_shadow(
        verbs.add_of_run(
            "shadow",
            "Have a model forecast beside the champion, served to nobody; stop it; or list what there is.",
        )
    )


def _add_verbs_of_no_run(verbs: _Verbs) -> None:
    add_backtest(
        verbs.add(
            "backtest",
            "Day-ahead forecasts over a window, as they would have been made.",
            data_options(),
            effort_options(),
        )
    )
    add_judgement(
        verbs.add(
            "judge",
            "Accept or reject hours of demand over the rules; without an hour, list what was said of them.",
        )
    )
    add_region_answers(
        verbs.add_plain(
            "region",
            help="Make a region's entry from a file and a few answers; show what is understood of the file.",
            description="Makes the entry of a region that is not configured yet, from its file and a few "
            "answers, writes it into your regions file, and shows what is understood of the file.",
            epilog=_EXIT_CODES,
            parents=[output_options()],
        )
    )


def _add_verbs_of_the_system(verbs: _Verbs) -> None:
    """Of all regions, and of none."""
    verbs.add_plain(
        "migrate", help="Bring the database's tables to this version.", parents=[output_options()]
    )
    for name, way, text in (
        ("backup", "to", "Save the tables and the files of the store that they name, with their checksums."),
        ("restore", "from", "Bring a backup back into an empty database, and its files into the store."),
    ):
        saved = verbs.add_plain(name, help=text, description=text, parents=[output_options()])
        saved.add_argument(
            f"--{way}", dest="place", required=True, help="folder or URL for this backup alone"
        )
        saved.add_argument("--store", help="folder or URL of results and models (default: out/)")
    add_service(verbs.add_plain("serve", help="The REST API as a service.", epilog=_SERVE))
