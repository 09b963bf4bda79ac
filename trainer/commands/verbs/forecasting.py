"""A model at work: it forecasts, is brought up to date, and is held against what came."""

# ruff: noqa: PLC0415

from __future__ import annotations

import argparse
from dataclasses import replace

from trainer.commands.summaries import show_forecast, show_refit, show_scores
from trainer.commands.verbs.series import snapshot
from trainer.contract import Manifest
from trainer.store import Run


def forecast(options: argparse.Namespace, run: Run) -> Manifest:
    from trainer.steps.forecast import forecast as step
    from trainer.steps.one_forecast import moment_of
    from trainer.steps.pinned_models import PinnedModel, newest_models

    def pinned(name: str) -> PinnedModel | None:
        version, checksum = getattr(options, f"{name}_version"), getattr(options, f"{name}_checksum")
        return PinnedModel(version, checksum) if version else None

    product = run.region.product(options.product) if options.product else None
    model, previous = pinned("model"), pinned("fallback")
    if model is None:
        newest, before = newest_models(replace(run, as_of=moment_of(run, product)))
        model, previous = newest, previous or before
    if options.source:
        snapshot(options, run, weather_may_lack=True)
    manifest = step(
        run,
        horizon=options.horizon,
        product=product,
        model=model,
        previous=previous,
        shadows=options.shadows,
        plot=options.plot,
    )
    if options.json != "-":
        show_forecast(run, manifest)
    return manifest


def refit(options: argparse.Namespace, run: Run) -> Manifest:
    from trainer.steps.pinned_models import PinnedModel, newest_models
    from trainer.steps.refit import refit as step

    if options.model_version:
        model = PinnedModel(options.model_version, options.model_checksum)
    else:
        model, _ = newest_models(run)
    if options.source:
        snapshot(options, run)
    manifest = step(run, model=model, origin_hours=None)
    if options.json != "-":
        show_refit(run, manifest)
    return manifest


def publish(_: argparse.Namespace, run: Run) -> Manifest:
    from trainer.steps.publish import publish as step

    return step(run)


def intraday(options: argparse.Namespace, run: Run) -> Manifest:
    from trainer.steps.intraday import intraday as step

    manifest = step(
        run,
        product=run.region.product(options.product),
        lookback_days=options.lookback_days,
        ingest_seconds=options.ingest_seconds,
    )
    if options.json != "-" and "kept" not in manifest.facts:  # of which the log tells
        show_forecast(run, manifest)
    return manifest


def score(options: argparse.Namespace, run: Run) -> Manifest:
    from trainer.steps.score import score as step

    manifest = step(run, days=options.days)
    if options.json != "-":
        show_scores(manifest)
    return manifest
