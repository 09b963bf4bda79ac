"""What is on record of a region's size after its housekeeping."""

from __future__ import annotations

import psycopg
import pytest

from tests.integration.housekeeping.upkeep import Killed, Upkeep, killed_after
from trainer.database.connection import connect
from trainer.database.sizes import RegionSize, newest_size, rows_of

pytestmark = pytest.mark.integration


def size(upkeep: Upkeep) -> RegionSize | None:
    with connect(upkeep.database) as connection:
        return newest_size(connection, upkeep.region.name)


def in_store(upkeep: Upkeep, *, without: str = "") -> int:
    files = upkeep.store.files(upkeep.region.name)
    return sum(file.bytes for file in files if not (without and file.path.startswith(without)))


def test_it_says_what_is_left_in_the_store_and_what_was_freed(upkeep: Upkeep) -> None:
    upkeep.daily("old", days_old=400)
    upkeep.daily("young", days_old=1)
    before = in_store(upkeep)
    done = upkeep.keep_house()
    recorded = size(upkeep)
    assert recorded is not None
    assert recorded.freed_bytes == done.facts["bytes_freed"] > 0
    assert recorded.store_bytes == before - recorded.freed_bytes
    assert recorded.store_bytes == in_store(upkeep, without=upkeep.run("housekeeping").folder)


def test_rows_are_counted_in_all_tables_and_of_this_region_alone(upkeep: Upkeep) -> None:
    other = Upkeep(upkeep.folder, upkeep.database)
    other.promoted("theirs", over=None)
    upkeep.promoted("v1", over=None)  # a deployment and the snapshot of its run
    with connect(upkeep.database) as connection:
        rows, size_of_them = rows_of(connection, upkeep.region.name)
        connection.execute(
            "INSERT INTO raw_demand (region, time, demand_mw, source) VALUES (%s, now(), 5, '')",
            [upkeep.region.name],
        )
        one_more, larger = rows_of(connection, upkeep.region.name)
    assert (rows, one_more) == (2, 3)
    assert 0 < size_of_them < larger


def test_a_table_that_is_added_later_counts_as_well(upkeep: Upkeep) -> None:
    with psycopg.connect(upkeep.database) as connection:
        before, _ = rows_of(connection, upkeep.region.name)
        connection.execute("CREATE TABLE added_later AS SELECT %s::text AS region", [upkeep.region.name])
        assert rows_of(connection, upkeep.region.name)[0] == before + 1
        connection.rollback()


def test_a_run_that_was_cleared_tells_what_both_of_its_parts_freed(upkeep: Upkeep) -> None:
    upkeep.daily("old", days_old=400)
    first = upkeep.keep_house().facts["bytes_freed"]
    upkeep.daily("another", days_old=400)
    second = upkeep.keep_house().facts["bytes_freed"]
    recorded = size(upkeep)
    assert recorded is not None
    assert recorded.freed_bytes == first + second


def test_a_dry_run_and_one_that_was_killed_record_nothing(upkeep: Upkeep) -> None:
    upkeep.daily("old", days_old=400)
    upkeep.keep_house(dry_run=True)
    assert size(upkeep) is None
    with killed_after(2), pytest.raises(Killed):
        upkeep.keep_house()
    assert size(upkeep) is None
