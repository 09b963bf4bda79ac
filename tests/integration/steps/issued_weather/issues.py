"""Weather of one moment as three issues had it, one of them from after it."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

from tests.unit.data.issues import issue_of
from trainer.store import Run

MakeRun = Callable[..., Run]
AS_OF = pd.Timestamp("2024-03-15", tz="Asia/Seoul").tz_convert("UTC")


def issues(*shifts: float) -> pd.DataFrame:
    """Three of 48 hours each: of six hours before AS_OF, of AS_OF, and of six hours after it; `shifts`: what
    all of their temperatures are."""
    parts = [
        issue_of(
            AS_OF + pd.Timedelta(hours=hours),
            AS_OF + pd.Timedelta(hours=hours),
            temperature=np.full(48, shift),
        )
        for hours, shift in zip((-6, 0, 6), shifts, strict=True)
    ]
    return pd.concat(parts, ignore_index=True)
