"""The unit that the header of demand names among its words, and what beside it makes another of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.data.formats.published import days
from tests.unit.data.formats.written import BERLIN, SUMMER, naive, read, same, text
from trainer.errors import DataError


@pytest.mark.parametrize(
    "header", ["loadKW", "consumptionKwh", "Last [kWel]", "Load kWe", "Load in kilowatts", "Kilowattstunden"]
)
def test_a_unit_is_heard_however_it_is_written_among_the_words(header: str, tmp_path: Path) -> None:
    demand = days(BERLIN, SUMMER)
    rows = [(stamp, f"{value * 1000:.0f}") for stamp, value in naive(demand)]
    same(read(text(f"time,{header}", rows), tmp_path, columns={header: "demand"}), demand)


@pytest.mark.parametrize(
    "header",
    [
        *("Verbrauch in Tsd. kWh", "Consumption (million kWh)", "Load in thousands of MW", "Energy met (MU)"),
        *("Load (MWh/day)", "Load (GWh/yr)", "Load MWd", "Load (p.u.)", "Load (%)"),
    ],
)
def test_a_multiple_or_a_share_that_no_unit_has_is_asked_about(header: str, tmp_path: Path) -> None:
    demand = days(BERLIN, SUMMER)
    content = text(f"time,{header}", naive(demand))
    with pytest.raises(DataError, match=r"which is no unit of power that is known.* unit = \"1000 kWh\""):
        read(content, tmp_path, columns={header: "demand"})
    same(read(content, tmp_path, columns={header: "demand"}, unit="MWh"), demand)
