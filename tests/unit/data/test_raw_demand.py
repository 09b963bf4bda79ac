"""The table raw_demand as a source, on a real PostgreSQL."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tests.unit.data.series import KOREA, NOW, hours_of, load
from trainer.contract import Env
from trainer.data.sources import read_source
from trainer.data.validation import canonical
from trainer.database.actuals import upsert_actuals
from trainer.database.connection import connect
from trainer.errors import DataError, InfrastructureError

pytestmark = pytest.mark.integration


def test_what_was_ingested_comes_back(database_url: str) -> None:
    frame = load(hours_of(KOREA, "2024-03-01", 7), KOREA)
    frame.iloc[-24:, 0] = np.nan  # tomorrow: weather alone
    with connect(database_url) as connection:
        upsert_actuals(connection, frame, region="KR", source="test")
    found = canonical(read_source(KOREA, environ={Env.POSTGRES_URL: database_url}), KOREA, now=NOW)
    history, report = found.frame, found.report
    pd.testing.assert_frame_equal(history, frame, check_freq=False, check_index_type=False, rtol=1e-12)
    assert report.place == "table raw_demand, region KR"


def test_temperatures_of_places_come_back_beside_their_mean(database_url: str) -> None:
    frame = load(hours_of(KOREA, "2024-03-01", 7), KOREA)
    towns = {"temperature_busan": frame["temperature"] + 2, "temperature_seoul": frame["temperature"] - 2}
    frame = frame.assign(**towns)
    frame.iloc[:30, -1] = np.nan
    with connect(database_url) as connection:
        upsert_actuals(connection, frame, region="KR", source="test")
    found = canonical(read_source(KOREA, environ={Env.POSTGRES_URL: database_url}), KOREA, now=NOW)
    pd.testing.assert_frame_equal(found.frame, frame, check_freq=False, check_index_type=False, rtol=1e-12)
    told = [finding.text for finding in found.report.findings]
    assert "the other places stand for temperature_seoul in 30 rows" in told


def test_a_region_without_rows_is_told_how_to_load_them(database_url: str) -> None:
    with pytest.raises(DataError, match=r"nothing for region KR.*ingest --region KR"):
        read_source(KOREA, environ={Env.POSTGRES_URL: database_url})


def test_a_database_without_tables_is_told_how_to_make_them(postgres_url: str) -> None:
    with pytest.raises(InfrastructureError, match="create them with"):
        read_source(KOREA, environ={Env.POSTGRES_URL: postgres_url})
