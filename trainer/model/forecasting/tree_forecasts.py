"""What boosted trees say of the hours ahead of several origins."""

from __future__ import annotations

import numpy as np

from trainer.model.arrays import Matrix
from trainer.model.forecasting.forecast_context import ForecastContext
from trainer.model.regressions.origin_features import Rows
from trainer.model.trees.boosted_trees import BoostedTrees
from trainer.model.trees.tree_features import FARTHEST, TreeFeatures


def tree_forecasts(trees: BoostedTrees, here: ForecastContext, begun: Rows, hours: int) -> Matrix:
    """(origins, hours): the scaled residual of the `hours` from each row of `begun` on, without the level
    shift as all of `here` is; NaN beyond 48 hours, and where nothing is known of the week before."""
    demand = np.where(here.known_demand, here.transformed, np.nan)
    features = TreeFeatures.of(demand, here.base, here.origin_features)
    origins, place = np.unique(begun, return_inverse=True)
    spoken = min(hours, FARTHEST)
    ahead = origins[:, None] + np.arange(spoken)
    rows, level = features.at(np.repeat(origins, spoken), ahead.ravel())
    said = (trees.predict(rows) + level).reshape(ahead.shape)
    found = np.full((len(origins), hours), np.nan)
    found[:, :spoken] = (said - here.base[ahead]) / here.deviation
    return np.asarray(found[place])
