"""search: the Fourier orders and LSTM hyperparameters that validate best before the held-out days."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime

from trainer.contract import Manifest, search_step, slug
from trainer.holdout import holdout_start
from trainer.model.device import resolve_device
from trainer.model.progress import Progress
from trainer.model.search import search as search_model
from trainer.run import Run
from trainer.steps.snapshot import read_snapshot
from trainer.steps.studies import kept_study
from trainer.usage import Usage


def search(
    run: Run,
    *,
    trials: int,
    epochs: int,
    seed: int,
    holdout_days: int,
    shard: tuple[int, int],
    device: str,
    progress: Progress,
) -> Manifest:
    """Runs this shard's trials, but for those that an earlier try of it has finished.

    Facts: best of all that the study knows (a ModelConfig as JSON), trials of this shard (one entry each),
    study (its name in Optuna's storage), usage (see Usage; of the last try).
    Metrics: validation_loss of the best.
    """
    history, frozen = read_snapshot(run)
    parameters = {
        "trials": trials,
        "epochs": epochs,
        "seed": seed,
        "holdout_days": holdout_days,
        "shard": list(shard),
    }
    inputs = {"snapshot.parquet": frozen}
    name = search_step(*shard)
    if done := run.finished(name, parameters, inputs):
        return done
    started = datetime.now(UTC)
    # Of all parts of the search, and of no search with other parameters, data or code.
    common = {**parameters, "shard": shard[1]}
    study_name = f"{run.region.name} {slug(run.run_id)} {run.fingerprint(common, inputs)}"
    with kept_study(run) as storage, Usage(resolve_device(device)) as usage:
        result = search_model(
            history,
            run.region,
            trials=trials,
            epochs=epochs,
            seed=seed,
            train_until=holdout_start(run.as_of, run.region, holdout_days),
            device=device,
            progress=progress,
            shard=shard,
            storage=storage,
            study_name=study_name,
        )
    return run.close(
        name,
        started=started,
        parameters=parameters,
        inputs=inputs,
        metrics={"validation_loss": result.best_value},
        facts={
            "best": result.best.to_dict(),
            "trials": [asdict(trial) for trial in result.trials],
            "study": study_name,
            "usage": usage.facts,
        },
    )
