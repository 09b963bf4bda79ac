"""What a region may have its model averaged with."""

from __future__ import annotations

import json

import pytest

from tests.unit.data.series import KOREA
from trainer.contract import ContractError, Region


def asked(values: object) -> Region:
    return Region.parse("KR", {**KOREA.to_dict(), "ensemble": values})


@pytest.mark.parametrize("values", [[], ["reference"], ["seasonal"], ["reference", "seasonal", "reference"]])
def test_a_region_reads_back_the_members_that_it_asks_for(values: list[str]) -> None:
    region = asked(values)
    assert Region.parse("KR", json.loads(json.dumps(region.to_dict()))) == region
    assert set(region.ensemble) == set(values)
    assert len(region.ensemble) == len(set(values))


def test_a_region_that_says_nothing_has_boosted_trees_and_goes_on_saying_nothing() -> None:
    assert KOREA.ensemble == ("trees",)
    assert "ensemble" not in KOREA.to_dict()


def test_a_model_is_left_alone_where_that_is_said() -> None:
    assert asked([]).ensemble == ()


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ("reference", r'KR: ensemble \'reference\' is not a list of members; write it as \["reference"\]'),
        (["lightgbm"], r"KR: ensemble: \['lightgbm'\] are no members; there are seasonal, reference"),
        ([[]], r"KR: ensemble: \[\[\]\] are no members"),
    ],
)
def test_what_is_no_member_is_refused_by_name(values: object, message: str) -> None:
    with pytest.raises(ContractError, match=message):
        asked(values)
