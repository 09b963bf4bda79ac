"""What keeps the system itself going: its tables, its store, its service."""

# ruff: noqa: PLC0415

from __future__ import annotations

import argparse
import logging

from trainer.commands.console import write_json
from trainer.commands.runs import open_store, store_at
from trainer.commands.summaries import show_housekeeping
from trainer.contract import Manifest, load_regions
from trainer.store import Run

log = logging.getLogger(__name__)


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


def migrate(options: argparse.Namespace) -> None:
    from trainer.database.schema import migrate as bring_up_to_date
    from trainer.environment import require_database_url

    revision = bring_up_to_date(require_database_url("migrate"))
    write_json({"revision": revision}, options.json)
    log.info("the tables are at revision %s", revision)


def backup(options: argparse.Namespace) -> None:
    from trainer.steps.backup import backup as step

    write_json(step(open_store(options.store), store_at(options.place)), options.json)


def restore(options: argparse.Namespace) -> None:
    from trainer.steps.backup import restore as step

    write_json(step(open_store(options.store), store_at(options.place)), options.json)


def serve(options: argparse.Namespace) -> None:
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
        store=open_store(options.store),
        regions=regions,
        tokens=tokens,
        processes=options.processes,
        waiting=options.waiting,
    )
    listen(service, host=options.host, port=options.port)
