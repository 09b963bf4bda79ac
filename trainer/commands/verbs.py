"""Each verb of the command line: its options handed to the step, and the summary that a person reads.

Steps are imported where they are used, so that a forecast does not wait for what only training needs.
"""

# ruff: noqa: PLC0415

from __future__ import annotations

import argparse
import getpass
import logging
import os
from dataclasses import replace
from typing import TYPE_CHECKING

from trainer.commands.console import TrainingDisplay, write_json
from trainer.commands.outputs import hourly_path, region_plot_path
from trainer.commands.summaries import (
    show_backtest,
    show_evaluation,
    show_forecast,
    show_housekeeping,
    show_judgements,
    show_refit,
    show_region,
    show_scores,
    show_shadows,
    show_training,
)
from trainer.contract import Env, FileSettings, Manifest, Region, ShadowKind, load_regions, regions_file
from trainer.contract.products import market_product
from trainer.errors import UsageError
from trainer.store import Run, Store

if TYPE_CHECKING:
    from trainer.model.production_replay import Schedule

log = logging.getLogger(__name__)


def ingest(options: argparse.Namespace, run: Run) -> Manifest:
    from trainer.steps.ingest import ingest as step

    return step(run, source=options.source, read=options.read)


def snapshot(options: argparse.Namespace, run: Run) -> Manifest:
    from trainer.steps.snapshot import snapshot as step

    return step(run, lookback_days=options.lookback_days, source=options.source, read=options.read)


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
            device=_device(options),
            progress=display,
        )


def train(options: argparse.Namespace, run: Run) -> Manifest:
    """Trains. With --csv it takes every step that the run still lacks and publishes the model; without, this
    step alone."""
    from trainer.steps.train import train as step

    if options.source:
        search(options, run)
    with TrainingDisplay() as display:
        manifest = step(
            run,
            holdout_days=options.holdout_days,
            shards=options.shards,
            origin_hours=options.origin_hours,
            device=_device(options),
            progress=display,
        )
    if options.source:
        _publish_trained(options, run, manifest)
    return manifest


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
        champion = Champion(options.champion_version, _required(options, "champion_checksum"))
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


def forecast(options: argparse.Namespace, run: Run) -> Manifest:
    from trainer.steps.forecast import PinnedModel, moment_of, newest_models
    from trainer.steps.forecast import forecast as step

    def pinned(name: str) -> PinnedModel | None:
        version, checksum = getattr(options, f"{name}_version"), getattr(options, f"{name}_checksum")
        return PinnedModel(version, checksum) if version else None

    product = run.region.product(options.product) if options.product else None
    model, previous = pinned("model"), pinned("fallback")
    if model is None:
        newest, before = newest_models(replace(run, as_of=moment_of(run, product)))
        model, previous = newest, previous or before
    if options.source:
        snapshot(options, run)
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
    from trainer.steps.forecast import PinnedModel, newest_models
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


def score(options: argparse.Namespace, run: Run) -> Manifest:
    from trainer.steps.score import score as step

    manifest = step(run, days=options.days)
    if options.json != "-":
        show_scores(manifest)
    return manifest


def housekeeping(options: argparse.Namespace, run: Run) -> Manifest:
    from trainer.steps.housekeeping import housekeeping as step

    manifest = step(
        run,
        keep_champions=options.keep_champions,
        training_days=options.keep_training_days,
        run_days=options.keep_run_days,
        dry_run=options.dry_run,
    )
    if options.json != "-":
        show_housekeeping(run, manifest)
    return manifest


def shadow(options: argparse.Namespace, run: Run) -> Manifest | None:
    from trainer.environment import max_shadows
    from trainer.steps.shadow import add_shadow, compare_shadow, remove_shadow, shadows

    if options.action == "list":
        found = shadows(run)
        write_json({"region": run.region.name, "shadows": found}, options.json)
        if options.json != "-":
            show_shadows(run.region, found)
        return None
    name, by = _told(options, "name"), options.by or getpass.getuser()
    if options.action == "remove":
        return remove_shadow(run, name=name, removed_by=by, reason=options.reason)
    if options.action == "compare":
        return compare_shadow(run, name=name, asked_by=by, reason=options.reason or "to compare")
    kind = ShadowKind(options.kind) if options.kind else ShadowKind.VERSION
    if kind is ShadowKind.VERSION and not (options.version or options.run):
        raise UsageError("which model? Give --version, --run of a retraining, or --kind weatherless|baseline")
    return add_shadow(
        run,
        name=name,
        kind=kind,
        version=options.version,
        candidate_of=options.run,
        added_by=by,
        reason=_told(options, "reason"),
        most=options.max_shadows or max_shadows(),
    )


def backtest(options: argparse.Namespace, region: Region) -> None:
    from trainer.steps.backtest import backtest as step

    if options.covers and options.origin is None:
        raise UsageError("--covers says what a forecast from --origin is for; give --origin 10:00 too")
    product = region.product(options.product) if options.product else None
    if options.origin is not None:
        product = market_product(options.origin)
    with TrainingDisplay() as display:
        figures = step(
            region,
            source=options.source,
            test_start=options.test_start,
            test_end=options.test_end,
            refit=options.refit,
            as_produced=_schedule(options),
            weather=not options.no_weather,
            product=product,
            trials=options.trials,
            epochs=options.epochs,
            seed=options.seed,
            device=_device(options),
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


def judge(options: argparse.Namespace, region: Region) -> None:
    from trainer.steps.judge import judge as record
    from trainer.steps.judge import judgements

    if options.judgement or options.first or options.last:
        record(
            region,
            first=_required(options, "first", "from"),
            last=options.last or options.first,
            judgement=_required(options, "judgement", "accept or --reject"),
            decided_by=_required(options, "by"),
            reason=_required(options, "why"),
        )
    found = judgements(region)
    write_json({"region": region.name, "judgements": found}, options.json)
    if options.json != "-":
        show_judgements(region, found)


def region(options: argparse.Namespace) -> None:
    from trainer.environment import language
    from trainer.plots.pictures import plot_series
    from trainer.steps import region as step

    path = regions_file()
    step.check(options.region, path)
    understood = step.understand(options.region, options.source, _answers(options))
    picture = region_plot_path(options)
    plot_series(understood.held.frame, understood.held.judged, understood.region, picture, language())
    step.add(understood.region, path)
    report = understood.held.report
    write_json(
        {"region": understood.region.name, "file": str(path), "report": report.to_dict()}, options.json
    )
    if options.json != "-":
        show_region(understood.region, report, path, picture)


def _answers(options: argparse.Namespace) -> dict[str, object]:
    """The keys of a region that were answered."""
    keys = ("country", "timezone", "subdivision", "latitude", "longitude", "title", "weather")
    answers = {key: getattr(options, key) for key in (*keys, *FileSettings.keys())}
    tables = {key: dict(getattr(options, key) or []) for key in ("columns", "where")}
    return {key: value for key, value in {**answers, **tables}.items() if value not in (None, {})}


def migrate(options: argparse.Namespace) -> None:
    from trainer.database.schema import migrate as bring_up_to_date
    from trainer.environment import require_database_url

    revision = bring_up_to_date(require_database_url("migrate"))
    write_json({"revision": revision}, options.json)
    log.info("the tables are at revision %s", revision)


def backup(options: argparse.Namespace, store: Store, target: Store) -> None:
    from trainer.steps.backup import backup as step

    write_json(step(store, target), options.json)


def restore(options: argparse.Namespace, store: Store, source: Store) -> None:
    from trainer.steps.backup import restore as step

    write_json(step(store, source), options.json)


def serve(options: argparse.Namespace, store: Store) -> None:
    from trainer.api.tokens import Tokens
    from trainer.database.connection import describe
    from trainer.environment import require_database_url

    # What is missing or wrong is told before the model's machinery is loaded, which takes seconds.
    database_url, regions, tokens = require_database_url("serve"), load_regions(), Tokens.from_environ()
    describe(database_url)

    from trainer.api.app import Service
    from trainer.api.serve import serve as listen

    service = Service(
        database_url=database_url,
        store=store,
        regions=regions,
        tokens=tokens,
        processes=options.processes,
        waiting=options.waiting,
    )
    listen(service, host=options.host, port=options.port)


def _required(options: argparse.Namespace, name: str, spelled: str | None = None) -> str:
    value: str | None = getattr(options, name)
    if not value and options.verb == "judge":
        raise UsageError(
            f"--{spelled or name} is missing; say which hours, --accept or --reject, --by, --why"
        )
    if not value:
        flag = name.replace("_", "-")
        raise UsageError(
            f"--{flag} is missing; give it together with --{flag.split('-', maxsplit=1)[0]}-version"
        )
    return value


def _device(options: argparse.Namespace) -> str:
    device: str = options.device or os.environ.get(Env.DEVICE) or "auto"
    return device


def _told(options: argparse.Namespace, name: str) -> str:
    value: str | None = getattr(options, name)
    if not value:
        raise UsageError(f"--{name} is missing: shadow {options.action} needs it")
    return value
