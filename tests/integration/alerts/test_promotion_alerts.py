"""What people are told of a promotion, of a refusal and of a rollback, as it arrives."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from airflow.sdk.exceptions import AirflowFailException

from demand_forecast.promotion import deployments, retrain, rollback
from demand_forecast.promotion.superseded import refuse_superseded
from tests.artifacts import leave_artifact
from tests.integration.alerts.told import FIGURES, KR, Said, dag_run, leave, link, record, task
from trainer.store import Store

pytestmark = [
    pytest.mark.integration,
    # Apprise looks for what Python 3.13 no longer has, in order to replace it there.
    pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning"),
]


def test_a_promotion_is_told_with_its_reason_its_figures_and_a_link(
    said: Said, database: Any, tmp_path: Path
) -> None:
    run = dag_run("weekly_retrain")
    record(database, f"{run.dag_id}/{run.run_id}")
    leave(tmp_path, "weekly_retrain", "evaluate", metrics={"challenger": FIGURES})
    retrain.notify_of_decision(
        KR, dag_run=run, ti=task(reason="The candidate is 28.9% better: 1.42 % < 2.00 %")
    )
    assert said().splitlines() == [
        "South Korea: new champion",
        "The candidate is 28.9% better: 1.42 % < 2.00 %",
        "Champion: KR-new",
        "Candidate on the held-out days: MAPE 1.421 %, SMAPE 1.4 %, MAE 812.4 MW, RMSE 1049 MW, R2 0.981",
        link("weekly_retrain"),
    ]


def test_a_refusal_names_the_champion_that_stays(said: Said, database: Any, tmp_path: Path) -> None:
    record(database, "an earlier run", version="KR-old")
    leave(tmp_path, "weekly_retrain", "evaluate", metrics={"challenger": FIGURES})
    retrain.notify_of_decision(
        KR, dag_run=dag_run("weekly_retrain"), ti=task(reason="Kept: it must win by 1 %")
    )
    told = said()
    assert told.startswith("South Korea: nothing promoted\nKept: it must win by 1 %\nChampion: KR-old\n")
    assert "MAPE 1.421 %" in told
    assert told.endswith(link("weekly_retrain"))


BACK = {"version": "KR-old", "reason": "too high on holidays"}


def regret(database: Any, store: Path) -> None:
    """KR-new is champion, and KR-old, whose files are there, was before it."""
    checksum = leave_artifact(Store.at(store), "KR/models/KR-old")
    old = {"version": "KR-old", "artifact_path": "KR/models/KR-old", "artifact_checksum": checksum}
    record(database, "first", **old)
    record(database, "second", champion_version="KR-old")


def test_a_rollback_says_to_what_and_why(said: Said, database: Any, tmp_path: Path) -> None:
    regret(database, tmp_path)
    rollback.roll_back(KR, dag_run=dag_run("rollback_model"), params=BACK)
    assert said().splitlines() == [
        "South Korea: rolled back to KR-old",
        "Rolled back: too high on holidays",
        link("rollback_model"),
    ]


def test_a_rollback_to_the_champion_itself_changes_nothing_and_alerts_nobody(
    said: Said, webhook: Any, database: Any, tmp_path: Path
) -> None:
    regret(database, tmp_path)
    told = rollback.roll_back(KR, dag_run=dag_run("rollback_model"), params={**BACK, "version": "KR-new"})
    assert told == {"version": "KR-new", "reason": "KR-new is champion already; nothing was changed"}
    received, _ = webhook
    assert received == []


@pytest.mark.parametrize(("content", "words"), [(None, "is missing"), (b"other", "is not the one on record")])
def test_a_rollback_to_a_model_that_cannot_serve_changes_nothing(
    configured, database: Any, tmp_path: Path, content: bytes | None, words: str
) -> None:
    configured(STORE_URL=tmp_path.as_uri())
    regret(database, tmp_path)
    weights = tmp_path / "KR/models/KR-old/lstm_model.safetensors"
    weights.unlink() if content is None else weights.write_bytes(content)
    with pytest.raises(AirflowFailException, match=f"KR-old: lstm_model.safetensors {words}"):
        rollback.roll_back(KR, dag_run=dag_run("rollback_model"), params=BACK)
    champion = deployments.active(database, "KR")
    assert champion is not None
    assert champion.version == "KR-new"


def test_a_rollback_cleared_after_its_champion_was_followed_says_who_is_champion_and_alerts_nobody(
    said: Said, database: Any, tmp_path: Path
) -> None:
    regret(database, tmp_path)
    rollback.roll_back(KR, dag_run=dag_run("rollback_model"), params=BACK)
    record(database, "third", version="KR-newer", champion_version="KR-old")
    with pytest.raises(AirflowFailException, match=r"made KR-old champion .* KR-newer is, and stays it"):
        rollback.roll_back(KR, dag_run=dag_run("rollback_model"), params=BACK)
    assert said().startswith("South Korea: rolled back to KR-old")  # the one message of the first time


def test_a_promotion_cleared_while_its_model_is_champion_again_is_not_refused(
    database: Any, tmp_path: Path
) -> None:
    run = dag_run("weekly_retrain")
    record(database, f"{run.dag_id}/{run.run_id}", version="KR-old")
    record(database, "second", champion_version="KR-old")
    with pytest.raises(AirflowFailException, match=r"KR-new is, and stays it"):
        refuse_superseded(database, KR, run)
    deployments.rollback(database, region="KR", version="KR-old", run_id="third", reason="Rolled back")
    refuse_superseded(database, KR, run)
