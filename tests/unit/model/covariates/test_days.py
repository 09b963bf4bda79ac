"""The table of a region's dates."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from tests.unit.data.series import KOREA
from trainer.model.covariates.days import day_table


def test_a_date_that_the_calendar_skipped_has_a_row_as_any_other() -> None:
    samoa = replace(KOREA, timezone="Pacific/Apia", country="WS")  # no 30 December in 2011
    table = day_table(np.datetime64("2011-12-29"), np.datetime64("2012-01-01"), samoa)
    assert table.days.astype(str).tolist() == ["2011-12-29", "2011-12-30", "2011-12-31", "2012-01-01"]
    assert table.weekday.tolist()[0::2] == [3, 5]
    assert table.holiday.tolist()[-1] == 1
