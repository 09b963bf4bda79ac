"""Every format of the table is recognised and read to the hours and values that its file holds."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tests.unit.data.formats.published import Written
from tests.unit.data.formats.published_elsewhere import SAMPLES
from tests.unit.data.series import NOW
from trainer.data.formats import FORMATS
from trainer.data.hours import SourceHours, hours_of
from trainer.data.sources import read_source
from trainer.errors import DataError

EACH = [
    pytest.param(name, write, id=write.__name__) for name, writers in SAMPLES.items() for write in writers
]


def read(written: Written, folder: Path) -> SourceHours:
    path = folder / "a.csv"
    path.write_bytes(written.content)
    return hours_of(read_source(written.region, source=str(path)), written.region, as_of=None, now=NOW)


def test_each_format_has_a_sample() -> None:
    assert set(SAMPLES) == {known.name for known in FORMATS}


@pytest.mark.parametrize(("name", "write"), EACH)
def test_a_published_file_is_recognised(name: str, write: Callable[[], Written], tmp_path: Path) -> None:
    texts = [finding.text for finding in read(write(), tmp_path).findings]
    assert f"read as {name}" in texts


@pytest.mark.parametrize(("name", "write"), EACH)
def test_it_is_read_to_its_hours_and_megawatts(
    name: str, write: Callable[[], Written], tmp_path: Path
) -> None:
    written = write()
    demand = read(written, tmp_path).frame["demand"]
    pd.testing.assert_series_equal(
        demand, written.demand, check_freq=False, check_index_type=False, atol=1e-6, rtol=0, obj=name
    )


@pytest.mark.parametrize(("name", "write"), EACH)
def test_the_operator_s_own_forecast_is_read_where_the_file_has_one(
    name: str, write: Callable[[], Written], tmp_path: Path
) -> None:
    written = write()
    frame = read(written, tmp_path).frame
    if written.has_reference:
        ahead = frame["reference"] - frame["demand"]
        assert np.nanmin(ahead) > 100, name
    else:
        assert "reference" not in frame or frame["reference"].isna().all()


def test_of_two_series_in_a_recognised_file_the_one_is_asked_for(tmp_path: Path) -> None:
    written = SAMPLES["AEMO's price and demand"][0]()
    header, *rows = written.content.decode().strip().split("\n")
    both = "\n".join([header, *rows, *(row.replace("NSW1", "QLD1") for row in rows)]).encode()
    with pytest.raises(DataError, match=r"column 'REGION': NSW1, QLD1; .* where = \{\"REGION\" = \"NSW1\"\}"):
        read(Written(both, written.region, written.demand), tmp_path)


@pytest.mark.parametrize("other", ["WIND_MW", "solar_mw", "FCST_MW"])
def test_a_column_in_megawatts_beside_demand_is_no_zone_of_pjm(other: str, tmp_path: Path) -> None:
    written = SAMPLES["PJM's hourly demand"][0]()
    _, *rows = written.content.decode().strip().split("\n")
    content = "\n".join([f"Datetime,{other},demand", *(row.replace(",", ",1,") for row in rows)]).encode()
    demand = read(Written(content, written.region, written.demand), tmp_path).frame["demand"]
    pd.testing.assert_series_equal(demand, written.demand, check_freq=False, check_index_type=False)
