"""Files of some fifty publishers, over both changes of the clocks, are read to what was written."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.data.formats.published import by_hour
from tests.unit.data.formats.publishers_elsewhere import ELSEWHERE
from tests.unit.data.formats.publishers_of_europe import EUROPE
from tests.unit.data.formats.publishers_of_the_americas import AMERICAS
from tests.unit.data.formats.written import read, same

PUBLISHERS = {**EUROPE, **AMERICAS, **ELSEWHERE}
FIRST_DAYS = {
    "Pacific/Auckland": ("2021-09-20", "2022-03-28"),
    "America/Santiago": ("2021-08-30", "2022-03-28"),
}
"""Of sixteen with a change of the clocks each; elsewhere those below."""
OF_AMERICA, OF_EUROPE = ("2021-11-01", "2022-03-07"), ("2021-10-25", "2022-03-20")


def first_days(timezone: str, country: str) -> tuple[str, str]:
    return FIRST_DAYS.get(timezone, OF_AMERICA if country in ("US", "CA") else OF_EUROPE)


@pytest.mark.parametrize("change", [0, 1])
@pytest.mark.parametrize("name", PUBLISHERS)
def test_a_publisher_s_file_is_read_to_what_was_written(name: str, change: int, tmp_path: Path) -> None:
    publisher = PUBLISHERS[name]
    content, demand = publisher.write(first_days(publisher.timezone, publisher.country)[change])
    found = read(content, tmp_path, publisher.region, columns=publisher.columns, **publisher.said)
    same(found, by_hour(demand))
