"""What boosted trees say of the hours ahead of several origins."""

from __future__ import annotations

from typing import Final

import numpy as np

from trainer.model.arrays import Matrix
from trainer.model.forecasting.forecast_context import ForecastContext
from trainer.model.regressions.origin_features import Rows
from trainer.model.trees.boosted_trees import BoostedTrees
from trainer.model.trees.tree_features import FARTHEST, TreeFeatures

_BATCH: Final = 512
"""Origins whose features are in memory at once."""


def tree_forecasts(trees: BoostedTrees, here: ForecastContext, begun: Rows, hours: int) -> Matrix:
    """(origins, hours): the scaled residual of the `hours` from each row of `begun` on, without the level
    shift as all of `here` is; NaN beyond FARTHEST, and where nothing is known of the week before."""
    demand = np.where(here.known_demand, here.transformed, np.nan)
    features = TreeFeatures.of(demand, here.base, here.origin_features)
    origins, place = np.unique(begun, return_inverse=True)
    spoken = min(hours, FARTHEST)
    found = np.full((len(origins), hours), np.nan)
    for batch in (slice(at, at + _BATCH) for at in range(0, len(origins), _BATCH)):
        ahead = origins[batch, None] + np.arange(spoken)
        rows, level = features.at(np.repeat(origins[batch], spoken), ahead.ravel())
        said = (trees.predict(rows) + level).reshape(ahead.shape)
        found[batch, :spoken] = (said - here.base[ahead]) / here.deviation
    return np.asarray(found[place])
