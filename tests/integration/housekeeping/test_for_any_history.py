"""Whatever happened in a region, and wherever the process dies: what is named is whole; a rerun ends it."""

from __future__ import annotations

import tempfile
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.integration.housekeeping.upkeep import Killed, Upkeep, killed_after
from trainer.contract import slug

pytestmark = [pytest.mark.integration, pytest.mark.timeout(600)]

KEEP = 3
COMMON = ("promoted", "refitted", "refitted", "refitted", "daily")
events = st.lists(
    st.tuples(
        st.sampled_from([*COMMON, *COMMON, "rolled back", "turned away", "open", "long ago"]),
        st.integers(min_value=0, max_value=9),
        st.sampled_from([40.0, 200.0, 1.0]),
    ),
    min_size=8,
    max_size=20,
)


def happened(upkeep: Upkeep, history: list[tuple[str, int, float]]) -> None:
    champion: str | None = None
    for number, (event, choice, days_old) in enumerate(history):
        name = f"{number}-{event}".replace(" ", "-")
        champions = [row.version for row in reversed(upkeep.rows()) if row.status != "rejected"]
        if event == "promoted":
            upkeep.promoted(name, over=champion, days_old=days_old)
            champion = name
        elif event == "refitted" and champion:
            upkeep.refitted(name, parent=champion, days_old=days_old)
            champion = name
        elif event == "rolled back" and champions:
            champion = upkeep.rolled_back(champions[choice % len(champions)], name).version
        elif event == "turned away" and champion:
            upkeep.turned_away(name, over=champion, days_old=days_old)
        elif event == "daily":
            upkeep.daily(name, days_old=days_old)
        elif event == "open":
            upkeep.training(name, days_old=min(days_old, 80))
        elif event == "long ago":
            upkeep.long_ago()


def named(upkeep: Upkeep) -> set[str]:
    """The champion, the last three champions, and what these were made from: read off the rows by hand."""
    rows = [row for row in upkeep.rows() if row.status != "rejected"]  # newest first
    last = list(dict.fromkeys(row.version for row in rows))[:KEEP]
    # Where several were turned away, as many others stay; those are looked at by name elsewhere.
    kin = {version for row in rows if row.version in last for version in (row.parent, row.judged_version)}
    return {*last, *(row.version for row in rows if row.status == "active"), *kin} - {None}


def assert_what_is_named_is_whole(upkeep: Upkeep, wanted: set[str], young_or_open: set[str]) -> None:
    retired = upkeep.retired()
    for row in upkeep.rows():
        if row.status != "rejected" and row.version not in retired:
            assert upkeep.is_whole(row.version), f"{row.version} is on record with its files, and has not all"
    for version in wanted:
        assert version not in retired
        assert upkeep.is_whole(version)
        assert slug(version) in upkeep.folders("runs")
    assert young_or_open <= upkeep.folders("runs")
    for path in upkeep.snapshot_paths():
        assert upkeep.store.exists(path)
    for manifest in upkeep.manifests():
        for ref in (*manifest.outputs.values(), *manifest.inputs.values()):
            upkeep.store.read_checked(ref)


@settings(max_examples=50)
@given(
    history=events,
    dies_after=st.lists(st.integers(min_value=0, max_value=20), min_size=1, max_size=3),
    recent=st.booleans(),
)
def test_a_crash_leaves_nothing_half_removed_that_is_named_and_a_rerun_ends_it(
    tidied_database: str, history: list[tuple[str, int, float]], dies_after: list[int], recent: bool
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        upkeep = Upkeep(Path(folder), tidied_database)
        happened(upkeep, history)
        if not recent:
            upkeep.long_ago()
        wanted = named(upkeep)
        young_or_open = {
            slug(f"{number}-{event}".replace(" ", "-"))
            for number, (event, _, days_old) in enumerate(history)
            if event == "open" or (event == "daily" and days_old < 28)
        }
        for removals in dies_after:
            with suppress(Killed), killed_after(removals):
                upkeep.keep_house(keep=KEEP)
            assert_what_is_named_is_whole(upkeep, wanted, young_or_open)
        upkeep.keep_house(keep=KEEP)
        assert_what_is_named_is_whole(upkeep, wanted, young_or_open)
        again = upkeep.keep_house(keep=KEEP, dry_run=True).facts
        assert (again["versions"], again["runs"]) == ({}, {})
        # Nothing is left of what went but what is kept, young, open, or too young to go.
        left = upkeep.folders("models")
        assert left.isdisjoint(upkeep.retired())


@pytest.mark.parametrize("removals", range(12))
def test_killed_at_any_instant_of_a_version_s_removal_nothing_of_it_is_left_by_the_next_run(
    tidied_database: str, tmp_path: Path, removals: int
) -> None:
    upkeep = Upkeep(tmp_path, tidied_database)
    happened(upkeep, [("promoted", 0, 40.0)] * 5)
    upkeep.long_ago()
    with suppress(Killed), killed_after(removals):
        upkeep.keep_house(keep=KEEP)
    upkeep.keep_house(keep=KEEP)
    assert upkeep.retired()
    assert upkeep.folders("models").isdisjoint(upkeep.retired())
