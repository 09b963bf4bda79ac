"""A trained model and how it did on the days held out."""

from __future__ import annotations

from trainer.commands.console import facts_table, metrics_table, show
from trainer.commands.summaries.shared import beside_reference, members_counted, places_counted
from trainer.contract import Manifest
from trainer.redaction import redacted
from trainer.store import Run


def show_training(run: Run, trained: Manifest, scored: Manifest, published: Manifest, source: str) -> None:
    """From the file `source` to a published model: its scores, where it lies, and the next command."""
    show(
        metrics_table(
            _held_out(scored),
            {
                "model": scored.metrics["challenger"],
                **({"seasonal naive": naive} if (naive := scored.metrics["baseline"]) else {}),
            },
        ),
        *beside_reference(scored.facts.get("beside_reference")),
        facts_table(
            "trained",
            [
                ("version", trained.facts["version"]),
                ("run", run.run_id),
                ("trained on", f"{trained.facts['train_from']} .. {trained.facts['train_until']}"),
                *places_counted(trained.facts.get("places", {})),
                *members_counted(trained.facts.get("members", {})),
                ("seconds to fit", trained.facts["seconds"]),
                ("model", run.store.locate(published.facts["artifact"]["path"])),
                *(
                    ("plot", run.store.locate(ref.path))
                    for name, ref in scored.outputs.items()
                    if name == "evaluation.png"  # missing where it could not be drawn
                ),
                ("next", f"python -m trainer forecast --csv {redacted(source)} --region {run.region.name}"),
            ],
        ),
    )


def show_evaluation(scored: Manifest) -> None:
    columns = {name: values for name, values in scored.metrics.items() if values and name != "reference"}
    show(
        metrics_table(_held_out(scored), columns),
        *beside_reference(scored.facts.get("beside_reference")),
    )


def _held_out(scored: Manifest) -> str:
    return f"{scored.facts.get('product') or 'day-ahead'} over {scored.facts['hours']} held-out hours"
