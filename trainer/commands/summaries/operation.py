"""What housekeeping removed, or would."""

from __future__ import annotations

from trainer.commands.console import facts_table, show
from trainer.contract import Manifest
from trainer.store import Run


def show_housekeeping(run: Run, manifest: Manifest) -> None:
    """What went, or would go, each with its size."""
    facts = manifest.facts
    gone = [(path, _megabytes(size)) for kind in ("versions", "runs") for path, size in facts[kind].items()]
    studies = [(study, "a search's trials") for study in facts["studies"]]
    left = facts["bytes_before"] - facts["bytes_freed"]
    title = "what would be removed" if facts["dry_run"] else "removed"
    show(
        facts_table(f"{run.region.title}: {title}", [*gone, *studies] or [("nothing", "")]),
        facts_table(
            f"{run.region.title}: in the store",
            [
                ("before", _megabytes(facts["bytes_before"])),
                ("after", _megabytes(left)),
            ],
        ),
    )


def _megabytes(size: int) -> str:
    return f"{size / 1e6:,.2f} MB"
