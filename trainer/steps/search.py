"""search: the Fourier orders and LSTM hyperparameters that validate best before the held-out days."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from trainer.contract import Manifest, search_step
from trainer.model.progress import Progress
from trainer.model.training.device import every_device, resolve_device
from trainer.model.training.search.search import SearchResult
from trainer.model.training.search.search import search as search_model
from trainer.model.training.twin import without_scarce_weather
from trainer.observers.usage import Usage
from trainer.steps.holdout import holdout_start
from trainer.steps.search_on_gpus import search_on_gpus
from trainer.steps.snapshot import read_snapshot, with_frozen_issues
from trainer.steps.studies import forget_old_studies, kept_study, study_name
from trainer.store import Run

if TYPE_CHECKING:
    from optuna.storages import BaseStorage


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
    """Runs this shard's trials, but for those that an earlier try of it has finished. Where the machine has
    several GPUs and the study is kept outside this process, all of them take part.

    Facts: best of all that the study knows (a ModelConfig as JSON), trials of this shard (one entry each),
    study (its name in Optuna's storage), usage (see Usage; of the last
    try, with `parts` where several GPUs took part).
    Metrics: validation_loss of the best.
    """
    history, frozen = read_snapshot(run)
    history, _, of_issues = with_frozen_issues(run, history)
    parameters = {
        "trials": trials,
        "epochs": epochs,
        "seed": seed,
        "holdout_days": holdout_days,
        "shard": list(shard),
    }
    inputs = {"snapshot.parquet": frozen, **of_issues}
    name = search_step(*shard)
    if done := run.finished(name, parameters, inputs):
        return done
    started = datetime.now(UTC)
    # Of all parts of the search, and of no search with other parameters, data or code.
    until = holdout_start(run.as_of, run.region, holdout_days)
    common = {**parameters, "shard": shard[1]}
    study = study_name(run, run.fingerprint(common, inputs))
    run_shard = _Search(
        {
            "history": history,
            "region": without_scarce_weather(history, run.region, until),
            "trials": trials,
            "epochs": epochs,
            "seed": seed,
            "train_until": until,
            "study_name": study,
        }
    )
    devices = every_device(device)
    with kept_study(run) as storage, Usage(resolve_device(device)) as usage:
        forget_old_studies(run, storage, keep=study)
        several = storage is not None and len(devices) > 1
        parts = search_on_gpus(run_shard, run, trials=trials, shard=shard, devices=devices) if several else []
        result = run_shard(shard, device, progress, storage)
    return run.close(
        name,
        started=started,
        parameters=parameters,
        inputs=inputs,
        metrics={"validation_loss": result.best_value},
        facts={
            "best": result.best.to_dict(),
            "trials": [asdict(trial) for trial in result.trials],
            "study": study,
            "usage": {**usage.facts, **({"parts": parts} if parts else {})},
        },
    )


@dataclass(frozen=True)
class _Search:
    """The search but for what differs from process to process."""

    arguments: Mapping[str, Any]

    def __call__(
        self, shard: tuple[int, int], device: str, progress: Progress, storage: BaseStorage | None
    ) -> SearchResult:
        return search_model(**self.arguments, shard=shard, device=device, progress=progress, storage=storage)
