"""Whether this code builds the very columns that a saved model was fitted on.

Features have no version of their own: a release that adds one leaves older artifacts whole, their checksums
right, and their coefficients without a meaning. So the columns are built once for a few made-up hours and
compared, by name where they have names.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np
import pandas as pd

from trainer.contract import Region
from trainer.errors import ArtifactError
from trainer.model.covariates.features import HourCovariates, flags, measures
from trainer.model.covariates.windows import TAIL
from trainer.model.decomposition import Decomposition
from trainer.model.decomposition.regressors import RegressorPlan, build
from trainer.model.forecasting.residual import Residual
from trainer.model.regressions.day_features import WEEK, DayFeatures
from trainer.model.regressions.hourly import HourRegression
from trainer.model.regressions.kernels import Groups
from trainer.model.regressions.origin_features import DAY, OriginFeatures
from trainer.model.trees.boosted_trees import BoostedTrees
from trainer.model.trees.tree_features import TreeFeatures

_MADE_UP: Final = 10.0
"""Any value within every weather variable's range."""
_ADDED: Final = 1
"""Linear columns of the regressions that models of earlier releases lack, which forecast without them."""
_MEND: Final = "use the release that made it, or train anew"


@dataclass(frozen=True)
class _Columns:
    """The columns that this code builds for a region and a plan."""

    regressors: tuple[str, ...]
    measured: tuple[str, ...]
    network_features: int
    regression: _HourColumns
    days: _HourColumns
    trees: int
    """The number of columns that trees read."""


@dataclass(frozen=True)
class _HourColumns:
    """The numbers of columns of one hour's regression."""

    linear: int
    kernels: dict[str, int]
    """Columns of each."""


def require_same_columns(
    place: str,
    region: Region,
    decomposition: Decomposition,
    residual: Residual,
    trees: BoostedTrees | None = None,
) -> None:
    """Raises ArtifactError naming what differs; `place` is the artifact, as people are told it."""
    # Every bend and mean that the columns ask of the plan is looked up by name.
    try:
        built = _built(region, json.dumps(decomposition.plan.to_dict()))
    except KeyError as error:
        raise ArtifactError(
            f"artifact {place} was made by other feature code: its plan has no {error}; {_MEND}"
        ) from error
    _compare(place, "regressors", decomposition.seasonality.regressors, built.regressors)
    _compare(place, "features", decomposition.scaler.names, built.measured)
    _count(place, "network features", residual.networks.known, built.network_features)
    _hour(place, "regressions", residual.regression.hours[0], built.regression, added=_ADDED)
    _hour(place, "day regression", residual.days.hours[0], built.days)
    if trees:
        _count(place, "features of its trees", trees.features, built.trees)


@lru_cache(maxsize=32)
def _built(region: Region, plan: str) -> _Columns:
    """Kept, since a service loads models of the same few regions again and again; `plan` is JSON."""
    planned = RegressorPlan.from_dict(json.loads(plan))
    hours = pd.date_range(planned.epoch, periods=10 * DAY, freq="h", name="time")
    frame = pd.DataFrame(_MADE_UP, index=hours, columns=list(region.weather), dtype=np.float64)
    facts = HourCovariates.of(frame, region)
    measured = tuple(measures(facts, np.zeros(len(hours)), planned.epoch))
    flat = np.ones(len(hours))
    origin_features = OriginFeatures.of(facts, flat, region.weather, planned.epoch, flat)
    days = DayFeatures.of(facts, origin_features, planned.epoch)
    origin, tail = np.array([WEEK]), np.zeros((1, TAIL), dtype=np.float32)
    week = tail[:, :WEEK]
    of_trees = TreeFeatures.of(np.zeros(len(hours)), np.zeros(len(hours)), origin_features)
    return _Columns(
        build(planned, facts).names,
        measured,
        flags(facts.calendar).shape[1] + len(measured),
        _HourColumns(
            origin_features.linear(origin, tail).shape[-1],
            _widths(origin_features.kernel_features(origin, tail)),
        ),
        _HourColumns(_width(days.linear(origin, week)), _widths(days.kernel_features(origin, week))),
        of_trees.at(origin, origin)[0].shape[1],
    )


def _hour(place: str, what: str, saved: HourRegression, built: _HourColumns, added: int = 0) -> None:
    """`added`: so many of the last linear columns a saved regression may lack, all of them or none."""
    _compare(
        place, f"kernels of its {what}", tuple(sorted(saved.inducing_points)), tuple(sorted(built.kernels))
    )
    linear = saved.means.shape[-1]
    lacking = added if linear == built.linear - added else 0
    _count(place, f"columns of its {what}", linear, built.linear - lacking)
    for name, width in built.kernels.items():
        _count(place, f"columns of {name} of its {what}", len(saved.inducing_points[name].centres), width)


def _count(place: str, what: str, saved: int, built: int) -> None:
    if saved != built:
        raise ArtifactError(
            f"artifact {place} was made by other feature code: it has {saved} {what}, "
            f"this code builds {built}; {_MEND}"
        )


def _widths(kernels: dict[str, Groups]) -> dict[str, int]:
    return {name: _width(groups) for name, groups in kernels.items()}


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
