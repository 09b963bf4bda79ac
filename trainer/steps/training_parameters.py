"""Which parameters a training takes: the best that its run's search found, or those of a published model."""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace

from trainer.contract import model_folder, search_step
from trainer.errors import ArtifactError
from trainer.model.artifact import is_of_config, load_config
from trainer.model.config import ModelConfig
from trainer.steps.pinned_models import PinnedModel
from trainer.store import Run

log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class SearchOutcome:
    """Of the search of a training's own run."""

    trials: int
    """Of all shards together."""
    epochs: int
    """Of a trial, at most."""
    validation_loss: float
    """Mean absolute log error of the best trial on the validation days."""


@dataclass(frozen=True)
class TrainingParameters:
    config: ModelConfig
    search: SearchOutcome | None = None
    """None where there was no search."""
    kept_from: str | None = None
    """The published version whose parameters they are."""


def searched_parameters(run: Run, shards: int) -> TrainingParameters:
    """The best of all `shards` of the run's search. Raises DataError where one of them is missing."""
    searches = [run.require(search_step(index, shards)) for index in range(shards)]
    best = min(searches, key=lambda search: float(search.metrics["validation_loss"]))
    outcome = SearchOutcome(
        trials=int(best.parameters["trials"]),
        epochs=int(best.parameters["epochs"]),
        validation_loss=float(best.metrics["validation_loss"]),
    )
    return TrainingParameters(ModelConfig.from_dict(best.facts["best"]), outcome)


def kept_parameters(run: Run, model: PinnedModel, *, epochs: int, seed: int) -> TrainingParameters:
    """Those of a published model, with this `seed` and at most `epochs`.

    The default network's where the model on record, which has a checksum, is gone or cannot be read, since a
    region whose champion is damaged needs a new one most; that is told. One that a person names without a
    checksum must be there: raises ArtifactError.
    """
    place = model_folder(run.region.name, model.version)
    try:
        with run.store.download(place, only=is_of_config) as folder:
            config = load_config(folder, checksum=model.checksum)
    except (FileNotFoundError, ArtifactError) as error:
        why = f"it is not in the store: {error}" if isinstance(error, FileNotFoundError) else str(error)
        if model.checksum is None:
            raise ArtifactError(f"the parameters of {model.version} cannot be read: {why}") from error
        log.warning("the parameters of %s cannot be kept, the defaults are taken: %s", model.version, why)
        return TrainingParameters(ModelConfig(epochs=epochs, seed=seed))
    kept = replace(config, epochs=min(config.epochs, epochs), seed=seed)
    return TrainingParameters(kept, kept_from=model.version)
