"""A model averaged with other forecasters of its region, by weights that follow how each did.

The weights of a forecast are those that training learnt on the validation days, and a refit on the days up to
it, followed through the last days before the origin, which are forecast again as they were known then. So
they come from the model and the data alone, and the same forecast has the same weights wherever it is made.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, Self

import numpy as np
import numpy.typing as npt

from trainer.contract.ensembles import MEMBERS, TREES
from trainer.model.arrays import Matrix, Vector
from trainer.model.forecasting.aggregation import LARGEST_ERROR, Aggregation, awake, combined, gains
from trainer.model.forecasting.forecast_context import ForecastContext
from trainer.model.forecasting.hindcasts import Hindcasts
from trainer.model.forecasting.members import MemberHours
from trainer.model.forecasting.tree_forecasts import tree_forecasts
from trainer.model.regressions.origin_features import DAY, Rows
from trainer.model.trees.boosted_trees import BoostedTrees

MODEL: Final = "model"
"""The name of the model itself among the members."""
QUARTERS: Final = 4
"""Of the day, in one of which a forecast begins: at noon a member has another weight than at midnight."""
_GROUP: Final = 6
"""Successive lead times that are weighed together."""
_OWN: Final = 0.8
"""The model's weight before anything was seen."""
_TRAINED: Final = "trained_"
"""Before the names of what training left."""
_NODES: Final = "trees_"
"""Before those of the trees' nodes."""


@dataclass(frozen=True)
class WeightedMembers:
    """The members beside the model, and what is known of each; the model comes first in all arrays."""

    names: tuple[str, ...]
    learnt: Aggregation
    """(QUARTERS, groups of lead times, members)."""
    trained: Aggregation
    """The same as training left it, however often it was refitted since."""
    trees: BoostedTrees | None = None
    """Those of the member `trees`; None without it."""

    @classmethod
    def begun(cls, names: tuple[str, ...]) -> Self:
        """Of members of which nothing was seen."""
        prior = np.array([_OWN, *[(1 - _OWN) / len(names)] * len(names)])
        nothing = Aggregation.begun(prior, (QUARTERS, DAY // _GROUP))
        return cls(names, nothing, nothing)

    @classmethod
    def taught(
        cls,
        members: MemberHours,
        here: ForecastContext,
        origins: Rows,
        own: Matrix,
        actual: Matrix,
        trees: BoostedTrees | None = None,
    ) -> tuple[Self, Matrix]:
        """The members with the weights that days teach which the model has not seen; and what the average
        adds to the model's own forecast of each hour, (origins, hours), by the weights of before that day.

        `own` (origins, hours): the model's forecasts from successive rows `origins` of `here`. `actual`
        (origins, hours): what came, NaN where unknown. All scaled. `trees`: those of the member of that name,
        fitted before these days."""
        begun = cls.begun((*members.names, *([TREES] if trees else [])))
        said = model_and_members(members, trees, here, origins, origins, own, here.level_shift[origins])
        learnt, shift = begun.learnt, np.zeros(own.shape)
        quarters = quarter(here, origins)
        for number in range(QUARTERS):
            of_quarter = quarters == number
            weights, then = begun.followed(
                np.array([number]), said[None, of_quarter, :DAY], actual[None, of_quarter, :DAY]
            )
            learnt = learnt.with_one(number, then)
            hourly = by_hour(weights[0, :-1], own.shape[1])
            shift[of_quarter] = combined(hourly, said[of_quarter]) - own[of_quarter]
        return cls(begun.names, learnt, learnt, trees), shift

    @classmethod
    def from_tensors(cls, tensors: Mapping[str, npt.NDArray[Any]]) -> Self:
        """What `tensors` gave. In a file that does not tell what training left, `trained` is as `learnt`.
        Raises KeyError when a tensor is missing, ValueError where they do not fit each other."""
        numbers = [int(number) for number in tensors["members"]]
        if not numbers or not all(0 <= number < len(MEMBERS) for number in numbers):
            raise ValueError(f"members {numbers} of {len(MEMBERS)}")
        begun = cls.begun(tuple(MEMBERS[number] for number in numbers))
        if TREES in begun.names:
            nodes = {name.removeprefix(_NODES): tensors[name] for name in tensors if name.startswith(_NODES)}
            begun = replace(begun, trees=BoostedTrees.from_tensors(nodes))

        def known(prefix: str) -> Aggregation:
            found = {
                name: np.asarray(tensors[f"{prefix}{name}"], dtype=np.float64) for name in Aggregation.LEARNT
            }
            if any(found[name].shape != getattr(begun.learnt, name).shape for name in found):
                raise ValueError(f"weights of another shape than those of {len(numbers)} members")
            return replace(begun.learnt, **found)

        of_training = _TRAINED if any(name.startswith(_TRAINED) for name in tensors) else ""
        return replace(begun, learnt=known(""), trained=known(of_training))

    def tensors(self) -> dict[str, npt.NDArray[Any]]:
        """As `from_tensors` takes them."""
        numbers = np.array([MEMBERS.index(name) for name in self.names], dtype=np.int64)
        now = {name: getattr(self.learnt, name) for name in Aggregation.LEARNT}
        then = {f"{_TRAINED}{name}": getattr(self.trained, name) for name in Aggregation.LEARNT}
        trees = self.trees.tensors() if self.trees else {}
        nodes = {f"{_NODES}{name}": values for name, values in trees.items()}
        return {"members": numbers, **now, **then, **nodes}

    def followed(self, quarters: Rows, said: Matrix, actual: Matrix) -> tuple[Matrix, Aggregation]:
        """(origins, days + 1, groups, members): the weights on each of the days before each origin, the
        earliest first, and last those of the forecast from the origin; and what is known of the members then.

        `quarters` (origins,): the quarter of the day that each forecast begins in. `said` (origins, days, 24,
        members): the members' forecasts of those days, NaN where one said nothing. `actual` (origins, days,
        24): what came, NaN where unknown or where the day does not count.
        """
        known = self.learnt.of(quarters)
        count, days, hours = actual.shape
        weights = [known.weights]
        for day in range(days):
            of_hours = gains(by_hour(weights[-1], hours), said[:, day], actual[:, day])
            known = known.after(of_hours.reshape(count, hours // _GROUP, _GROUP, -1).mean(2))
            weights.append(known.weights)
        return np.stack(weights, axis=1), known

    def averaged(
        self,
        members: MemberHours,
        here: ForecastContext,
        there: ForecastContext,
        begun: Rows,
        moments: Rows,
        now: Matrix,
        hindcasts: Hindcasts,
        then: Matrix,
    ) -> Averaged:
        """Forecasts and hindcasts of the model, each moved so that its median is the average with members.

        `now` (origins, hours, 3): the model's quantiles, which begin at rows `begun` of `here` and speak for
        the rows `moments`. `then` (hindcasts, 24, 3): its quantiles of the `hindcasts`, of `there`.
        A hindcast is weighed by what was known before its day, and averaged with those members alone that
        speak now at its lead time: the others' values may have come too late for it too, and a band judged by
        them would be too narrow for an average without them."""
        hindcasts, then = hindcasts.apart(), then[hindcasts.place]
        late = (moments - begun)[np.nonzero(hindcasts.counts)[0]]
        then_level = there.level_shift[hindcasts.origins]
        said = model_and_members(
            members, self.trees, there, hindcasts.origins, hindcasts.origins + late, then[..., 1], then_level
        )
        of_days = hindcasts.by_day(said)
        of_days[~hindcasts.counts, :, 0] = 0.0  # of no meaning, since nothing came there
        weights, known = self.followed(quarter(here, begun), of_days, hindcasts.measured(there))
        silent = np.isnan(members.forecasts(begun, moments, DAY))
        as_now = of_days.copy()
        of_hours = as_now[..., 1 : 1 + len(members.names)]  # trees never come too late
        of_hours[np.broadcast_to(silent[:, None], of_hours.shape)] = np.nan
        of_then = combined(by_hour(weights[:, :-1], DAY), as_now)[hindcasts.counts]
        level = here.level_shift[np.minimum(moments, len(here.level_shift) - 1)]  # which forecasts add back
        of_now = by_hour(weights[:, -1], now.shape[1])
        said_now = model_and_members(members, self.trees, here, begun, moments, now[..., 1], level)
        return Averaged(
            now=_moved(now, combined(of_now, said_now)),
            weights=awake(of_now, said_now),
            hindcasts=hindcasts,
            then=_moved(then, of_then),
            known=known,
        )

    def usual_shares(self) -> dict[str, float]:
        """Member -> its mean weight in a forecast of the day from midnight on, where all that ever said
        something do; 0 of the others."""
        said = np.where(self.learnt.variance.sum((0, 1)) > 0, 0.0, np.nan)
        said[0] = 0.0  # the model always speaks, though beside nobody it gains nothing
        mean = awake(self.learnt.weights[0], said).mean(0)
        return dict(zip((MODEL, *self.names), mean.round(4).tolist(), strict=True))


@dataclass(frozen=True)
class Averaged:
    """Forecasts of a model with its members."""

    now: Matrix
    """(origins, hours, 3): lower edge, median, upper edge, scaled."""
    weights: Matrix
    """(origins, hours, members): what each counted by; 0 where it said nothing."""
    hindcasts: Hindcasts
    then: Matrix
    """(hindcasts, 24, 3), as `now`."""
    known: Aggregation
    """(origins, groups, members): after the days before each origin."""


def quarter(here: ForecastContext, begun: Rows) -> Rows:
    """(origins,): in which quarter of the local day each of the rows `begun` lies."""
    return np.asarray(here.origin_features.local_hour[begun] * QUARTERS // DAY)


def by_hour(weights: Matrix, hours: int) -> Matrix:
    """(..., hours, members): weights (..., groups, members) at the lead times from 1 on; those of a second
    day and later are those of the first, but the 25th hour, the last of a day in autumn, is as the 24th."""
    ahead = np.arange(hours)
    return np.asarray(weights[..., np.where(ahead == DAY, DAY - 1, ahead % DAY) // _GROUP, :])


def model_and_members(
    members: MemberHours,
    trees: BoostedTrees | None,
    here: ForecastContext,
    begun: Rows,
    moments: Rows,
    own: Matrix,
    level: Vector,
) -> Matrix:
    """(origins, hours, 1 + members): the model's forecasts, and beside them the members', all scaled; last
    those of `trees` where there are some.

    `own` (origins, hours): the model's, which begin at rows `begun` of `here` and are without the level shift
    `level` (origins,); it is taken off the members' too. `moments`: as in `MemberHours.forecasts`. A member
    that departs from the model by more than LARGEST_ERROR counts as that far away: a number out of a broken
    file ruins no forecast."""
    hours = own.shape[1]
    rows = begun[:, None] + np.arange(hours)
    said = members.forecasts(begun, moments, hours) - here.base[rows][..., None]
    scaled = said / here.deviation - level[:, None, None]
    if trees:
        scaled = np.concatenate([scaled, tree_forecasts(trees, here, begun, hours)[..., None]], axis=-1)
    departure = np.clip(scaled - own[..., None], -LARGEST_ERROR, LARGEST_ERROR)
    return np.concatenate([own[..., None], own[..., None] + departure], axis=-1)


def _moved(quantiles: Matrix, median: Matrix) -> Matrix:
    return np.asarray(quantiles + (median - quantiles[..., 1])[..., None])
