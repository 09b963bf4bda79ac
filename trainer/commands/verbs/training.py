"""From a search to a published model, step by step or all at once from a file."""

# ruff: noqa: PLC0415

from __future__ import annotations

import argparse
import os
from typing import TYPE_CHECKING

from trainer.commands.console import TrainingDisplay
from trainer.commands.summaries import show_evaluation, show_training
from trainer.commands.verbs.series import snapshot
from trainer.contract import Env, Manifest
from trainer.errors import UsageError
from trainer.store import Run

if TYPE_CHECKING:
    from trainer.steps.training_parameters import TrainingParameters


def search(options: argparse.Namespace, run: Run) -> Manifest:
    from trainer.steps.search import search as step

    if options.source:
        snapshot(options, run)
    with TrainingDisplay() as display:
        return step(
            run,
            trials=options.trials,
            epochs=options.epochs,
            seed=options.seed,
            holdout_days=options.holdout_days,
            shard=options.shard,
            device=device_of(options),
            progress=display,
        )


def train(options: argparse.Namespace, run: Run) -> Manifest:
    """Trains. With --csv it takes every step that the run still lacks and publishes the model; without, this
    step alone."""
    from trainer.steps.train import train as step

    chosen = _parameters(options, run)
    with TrainingDisplay() as display:
        manifest = step(
            run,
            holdout_days=options.holdout_days,
            chosen=chosen,
            origin_hours=options.origin_hours,
            device=device_of(options),
            progress=display,
        )
    if options.source:
        _publish_trained(options, run, manifest)
    return manifest


def _parameters(options: argparse.Namespace, run: Run) -> TrainingParameters:
    from trainer.steps.pinned_models import PinnedModel
    from trainer.steps.training_parameters import kept_parameters, searched_parameters

    if options.parameters_version:
        if options.source:
            snapshot(options, run)
        kept = PinnedModel(options.parameters_version, options.parameters_checksum)
        return kept_parameters(run, kept, epochs=options.epochs, seed=options.seed)
    if options.source or options.shards == 0:
        search(options, run)
    return searched_parameters(run, max(options.shards, 1))


def _publish_trained(options: argparse.Namespace, run: Run, training: Manifest) -> None:
    from trainer.steps.evaluate import evaluate as score_candidate
    from trainer.steps.promote import promote as publish_model

    scored = score_candidate(run, holdout_days=options.holdout_days, champion=None)
    published = publish_model(run)
    if options.json != "-":
        show_training(run, training, scored, published, options.source)


def evaluate(options: argparse.Namespace, run: Run) -> Manifest:
    from trainer.steps.evaluate import Champion
    from trainer.steps.evaluate import evaluate as step

    champion = None
    if options.champion_version:
        if not options.champion_checksum:
            raise UsageError("--champion-checksum is missing; give it together with --champion-version")
        champion = Champion(options.champion_version, options.champion_checksum)
    manifest = step(run, holdout_days=options.holdout_days, champion=champion)
    if options.json != "-":
        show_evaluation(manifest)
    return manifest


def promote(_: argparse.Namespace, run: Run) -> Manifest:
    from trainer.steps.promote import promote as step

    return step(run)


def announce(options: argparse.Namespace, run: Run) -> Manifest:
    from trainer.steps.announce import announce as step

    return step(run, version=options.model_version)


def device_of(options: argparse.Namespace) -> str:
    device: str = options.device or os.environ.get(Env.DEVICE) or "auto"
    return device
