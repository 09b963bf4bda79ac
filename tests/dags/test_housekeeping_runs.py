"""Housekeeping through its own DAG: by hand as a dry run, then as it runs every Saturday."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.dags.replay import Outcome, Replay, replay
from tests.dags.site import Site
from tests.integration.housekeeping.upkeep import NOW, Upkeep, region
from trainer.contract import manifest_path, slug

pytestmark = [pytest.mark.integration, pytest.mark.timeout(600)]

KEEP = {"keep_champions": 3}


@dataclass(frozen=True)
class Kept:
    """Six champions of long ago, one after the other, and what two runs made of them."""

    upkeep: Upkeep
    outcomes: list[Outcome]
    facts: list[dict[str, Any]]


def run_of(upkeep: Upkeep, hours_ago: int, **conf: Any) -> Replay:
    moment = (NOW - timedelta(hours=hours_ago)).replace(microsecond=0).isoformat()
    return Replay(
        dag_id=f"housekeeping_{upkeep.region.name}",
        logical_date=moment,
        run_after=moment,
        conf={**KEEP, **conf},
    )


@pytest.fixture(scope="module")
def kept(site: Site) -> Kept:
    upkeep = Upkeep(Path(site.store.locate("")), site.database, region())
    for number in range(1, 7):
        upkeep.promoted(f"v{number}", over=f"v{number - 1}" if number > 1 else None)
    upkeep.long_ago()
    environ = {
        **site.environ_of([upkeep.region.name], "housekeeping.py"),
        "DEMAND_FORECAST_REGIONS": json.dumps({upkeep.region.name: upkeep.region.to_dict()}),
    }
    # Said both times: runs of one process share what a form sets, unlike Airflow's tasks.
    runs = [run_of(upkeep, 2, dry_run=True), run_of(upkeep, 1, dry_run=False)]
    outcomes, log = replay(runs, environ)
    assert [outcome.state for outcome in outcomes] == ["success", "success"], log[-5000:]
    paths = [manifest_path(upkeep.region.name, run.run_id, "housekeeping") for run in runs]
    return Kept(upkeep, outcomes, [json.loads(site.store.read(path))["facts"] for path in paths])


def test_a_dry_run_names_what_the_next_run_removes(kept: Kept) -> None:
    dry, real = kept.facts
    assert (dry["dry_run"], real["dry_run"]) == (True, False)
    assert set(dry["versions"]) == {f"{kept.upkeep.region.name}/models/v{number}" for number in (1, 2, 3)}
    assert dry["versions"] == real["versions"]


def test_the_form_s_last_champions_stay_whole_and_the_others_are_gone(kept: Kept) -> None:
    assert kept.upkeep.folders("models") == {"v4", "v5", "v6"}
    assert all(kept.upkeep.is_whole(version) for version in ("v4", "v5", "v6"))
    assert kept.upkeep.retired() == {"v1", "v2", "v3"}


def test_runs_of_champions_that_are_gone_go_with_their_snapshots(kept: Kept) -> None:
    stay = {slug(f"v{number}") for number in (4, 5, 6)}
    assert {path.split("/")[2] for path in kept.upkeep.snapshot_paths()} == stay
    assert not {slug("v1"), slug("v2"), slug("v3")} & kept.upkeep.folders("runs")
