"""Cells of a sheet -> the table in them."""

from __future__ import annotations

import pandas as pd

from trainer.contract import Region
from trainer.data.files.days_across import with_days_in_rows
from trainer.data.files.days_of_titles import with_days_of_titles
from trainer.data.files.header_row import header_row
from trainer.data.files.side_by_side import one_below_the_other
from trainer.data.files.table import Table, headers_of


def table_of_cells(cells: pd.DataFrame, region: Region, place: str) -> Table | None:
    """The table in `cells` (text, None where empty), below its header; None where there is none. Raises
    DataError for days without a year."""
    rows = cells.fillna("").to_numpy().tolist()
    begin = region.files.skip_lines if region.files.skip_lines is not None else header_row(rows)
    if begin is None or begin + 1 >= len(rows):
        return None
    headers = headers_of([str(cell) for cell in rows[begin]], rows[begin + 1])
    frame = cells.iloc[begin + 1 :].set_axis(headers, axis=1).reset_index(drop=True).dropna(how="all")
    if frame.empty:
        return None
    above = tuple(" ".join(filter(None, row)) for row in rows[:begin] if any(row))
    titles = [str(cell) for cell in rows[begin - 1]] if begin else []
    stacked = one_below_the_other(frame, titles, region.columns)
    line = begin + 2 if len(stacked) == len(frame) else None
    table = with_days_of_titles(Table(stacked, line, above), place)
    return with_days_in_rows(table, region, place)
