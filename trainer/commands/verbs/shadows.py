"""Models that forecast beside the champion: added, listed, compared, removed."""

# ruff: noqa: PLC0415

from __future__ import annotations

import argparse
import getpass

from trainer.commands.console import write_json
from trainer.commands.summaries import show_shadows
from trainer.contract import Manifest, ShadowKind
from trainer.errors import UsageError
from trainer.store import Run


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


def _told(options: argparse.Namespace, name: str) -> str:
    value: str | None = getattr(options, name)
    if not value:
        raise UsageError(f"--{name} is missing: shadow {options.action} needs it")
    return value
