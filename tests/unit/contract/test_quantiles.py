"""The quantiles that a region asks for: what is one, and what its column is called."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.data.series import KOREA
from trainer.contract import ContractError, Region
from trainer.contract.quantiles import (
    BAND,
    DEFAULT_QUANTILES,
    MAX_QUANTILES,
    beside_band,
    quantile_column,
    quantile_levels,
)

levels = st.one_of(st.integers(1, 99), st.integers(1, 99_999).map(lambda number: number / 1000))


def asked(values: object) -> Region:
    return Region.parse("KR", {**KOREA.to_dict(), "quantiles": values})


@given(st.lists(levels, max_size=MAX_QUANTILES - len(BAND)))
def test_a_region_reads_back_the_quantiles_that_it_asks_for(values: list[float]) -> None:
    region = asked(values)
    assert Region.parse("KR", json.loads(json.dumps(region.to_dict()))) == region
    assert list(region.quantiles) == sorted({*values, 10, 50, 90})


@given(st.sets(levels, min_size=1))
def test_each_quantile_has_a_column_of_its_own_that_names_it(values: set[float]) -> None:
    columns = [quantile_column(level) for level in values]
    assert quantile_levels(["forecast", *columns, "lower"]) == dict(
        sorted(zip(columns, values, strict=True), key=lambda column: column[1])
    )


def test_columns_are_called_after_the_percentage() -> None:
    assert [quantile_column(level) for level in (5, 25.0, 97.5)] == ["q5", "q25", "q97.5"]


def test_a_region_that_asks_for_nothing_has_seven_and_tells_nothing_of_them() -> None:
    assert KOREA.quantiles == DEFAULT_QUANTILES
    assert "quantiles" not in KOREA.to_dict()


def test_the_band_and_the_forecast_have_no_column_beside_their_own() -> None:
    assert beside_band(asked([]).quantiles) == ()
    assert beside_band(DEFAULT_QUANTILES) == (5, 25, 75, 95)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (5, r"KR: quantiles 5 is not a list of percentages; write it as \[5, 25, 75, 95\]"),
        ("5", "quantiles '5' is not a list"),
        ([0], "quantiles: 0 is no percentage between 0 and 100; write one such as 5"),
        ([100], "100 is no percentage"),
        ([float("nan")], "nan is no percentage"),
        (["5"], "'5' is no percentage"),
        ([True], "True is no percentage"),
        ([33.33333], r"33.33333 is too fine; write at most 3 decimals"),
        (list(range(1, 25)), "quantiles are 26, with 10, 50 and 90"),
    ],
)
def test_what_are_no_quantiles_is_refused_with_what_to_write(values: object, message: str) -> None:
    with pytest.raises(ContractError, match=message):
        asked(values)
