"""Ours beside the grid operator's own forecast, on the hours of which both are known."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from trainer.model.metrics import finite_or_none, scores


def beside_reference(
    actual: pd.Series[float], reference: pd.Series[float], forecasts: Mapping[str, pd.Series[float]]
) -> dict[str, Any] | None:
    """The scores of the operator's forecast (`reference`) and of each of `forecasts` by its name, over the
    hours of which the operator's is known, and the number of these (`hours`). None where there are none.

    All in MW, indexed alike; `actual` and `forecasts` without NaN. Raises DataError as `scores` does.
    """
    there = reference.notna()
    if not there.any():
        return None
    all_of_them = {"reference": reference, **forecasts}
    of_each = {name: finite_or_none(scores(actual[there], one[there])) for name, one in all_of_them.items()}
    return {"hours": int(there.sum()), **of_each}
