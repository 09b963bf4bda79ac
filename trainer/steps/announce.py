"""announce: store and MLflow follow the promotion that the database has recorded."""

from __future__ import annotations

from datetime import UTC, datetime

from trainer.contract import Manifest, shadow_mark
from trainer.observers.tracking import move_champion_alias
from trainer.store import Run


def announce(run: Run, *, version: str) -> Manifest:
    """Moves MLflow's alias `champion` to the version, and has one that was published for a shadow alone serve
    where no model is pinned. Never fails for MLflow's sake.

    Facts: version, announced (whether MLflow took it). Raises InfrastructureError where the store refuses.
    """
    started = datetime.now(UTC)
    run.store.remove(shadow_mark(run.region.name, version))
    announced = move_champion_alias(run.region.name, version)
    return run.close(
        "announce",
        started=started,
        parameters={"version": version},
        facts={"version": version, "announced": announced},
    )
