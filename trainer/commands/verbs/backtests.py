"""How good a region's models would have been over past days."""

# ruff: noqa: PLC0415

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from trainer.commands.console import TrainingDisplay, write_json
from trainer.commands.outputs import hourly_path
from trainer.commands.summaries import show_backtest
from trainer.commands.verbs.training import device_of
from trainer.contract import Region
from trainer.contract.products import market_product
from trainer.errors import UsageError

if TYPE_CHECKING:
    from trainer.model.production_replay import Schedule


def backtest(options: argparse.Namespace, region: Region) -> None:
    from trainer.steps.backtest import backtest as step

    if options.covers and options.origin is None:
        raise UsageError("--covers says what a forecast from --origin is for; give --origin 10:00 too")
    product = region.product(options.product) if options.product else None
    if options.origin is not None:
        product = market_product(options.origin)
    if options.weather_issued and options.weather != "as-issued":
        raise UsageError("--weather-issued is read with --weather as-issued; give that too")
    with TrainingDisplay() as display:
        figures = step(
            region,
            source=options.source,
            test_start=options.test_start,
            test_end=options.test_end,
            refit=options.refit,
            as_produced=_schedule(options),
            weather=options.weather,
            weather_issued=options.weather_issued,
            product=product,
            trials=options.trials,
            epochs=options.epochs,
            seed=options.seed,
            device=device_of(options),
            progress=display,
            hourly_path=hourly_path(options),
        )
    write_json(figures, options.json)
    if options.json != "-":
        show_backtest(region, figures)


def _schedule(options: argparse.Namespace) -> Schedule | None:
    from trainer.model.production_replay import Schedule

    if options.as_produced is None:
        return None
    return Schedule(
        retrain_days=options.retrain_days,
        holdout_days=options.holdout_days,
        margin=options.margin,
        significance=options.significance,
        refit=options.as_produced,
    )
