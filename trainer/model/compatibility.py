"""Whether this code builds the very columns that a saved model was fitted on.

Features have no version of their own: a release that adds one leaves older artifacts whole, their checksums
right, and their coefficients without a meaning. So the columns are built once for a few made-up hours and
compared, by name where they have names.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

from trainer.contract import Region
from trainer.errors import ArtifactError
from trainer.model.day_inputs import WEEK, DayInputs
from trainer.model.decomposition import Decomposition
from trainer.model.features import Surroundings, flags, measures
from trainer.model.hourly import HourRegression
from trainer.model.likeness import Groups
from trainer.model.outlook import DAY, Outlook
from trainer.model.regressors import build
from trainer.model.residual import Residual
from trainer.model.windows import TAIL

_MADE_UP: Final = 10.0
"""Any value within every weather variable's range."""
_MEND: Final = "use the release that made it, or train anew"


def require_same_columns(
    place: str, region: Region, decomposition: Decomposition, residual: Residual
) -> None:
    """Raises ArtifactError naming what differs; `place` is the artifact, as people are told it."""
    hours = pd.date_range(decomposition.plan.epoch, periods=10 * DAY, freq="h", name="time")
    frame = pd.DataFrame(_MADE_UP, index=hours, columns=list(region.weather), dtype=np.float64)
    facts = Surroundings.of(frame, region)
    # Every bend and mean that the columns ask of the plan is looked up by name.
    try:
        regressors = build(decomposition.plan, facts).names
        measured = measures(facts, np.zeros(len(hours)), decomposition.plan.epoch)
    except KeyError as error:
        raise ArtifactError(
            f"artifact {place} was made by other feature code: its plan has no {error}; {_MEND}"
        ) from error
    _compare(place, "regressors", decomposition.seasonality.regressors, regressors)
    _compare(place, "features", decomposition.scaler.names, tuple(measured))
    outlook = Outlook.of(facts, np.zeros(len(hours)), region.weather, decomposition.plan.epoch)
    origin, tail = np.array([DAY]), np.zeros((1, TAIL), dtype=np.float32)
    _count(place, "network features", residual.networks.known, flags(facts.calendar).shape[1] + len(measured))
    _hour(
        place,
        "regressions",
        residual.regression.hours[0],
        outlook.linear(origin, tail).shape[-1],
        outlook.likenesses(origin, tail),
    )
    days, week = DayInputs.of(facts, outlook, decomposition.plan.epoch), tail[:, :WEEK]
    origin = np.array([WEEK])
    _hour(
        place,
        "day regression",
        residual.days.hours[0],
        _width(days.linear(origin, week)),
        days.likenesses(origin, week),
    )


def _hour(place: str, what: str, saved: HourRegression, columns: int, built: dict[str, Groups]) -> None:
    _compare(place, f"likenesses of its {what}", tuple(sorted(saved.landmarks)), tuple(sorted(built)))
    _count(place, f"columns of its {what}", saved.means.shape[-1], columns)
    for name, groups in built.items():
        _count(place, f"columns of {name} of its {what}", len(saved.landmarks[name].centres), _width(groups))


def _count(place: str, what: str, saved: int, built: int) -> None:
    if saved != built:
        raise ArtifactError(
            f"artifact {place} was made by other feature code: it has {saved} {what}, "
            f"this code builds {built}; {_MEND}"
        )


def _width(groups: Groups) -> int:
    return sum(group.shape[1] for _, group in groups)


def _compare(place: str, what: str, saved: tuple[str, ...], built: tuple[str, ...]) -> None:
    if saved == built:
        return
    gone, new = sorted(set(saved) - set(built))[:3], sorted(set(built) - set(saved))[:3]
    differ = f"only the model has {gone}, only this code has {new}" if gone or new else "their order differs"
    raise ArtifactError(
        f"artifact {place} was made by other feature code: of its {len(saved)} {what} ({len(built)} here) "
        f"{differ}; {_MEND}"
    )
