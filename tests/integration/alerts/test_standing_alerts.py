"""What lasts over the runs of an hourly product is told when it begins, when it changes, and once a day."""

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from demand_forecast.alerts import notify
from demand_forecast.alerts.notify import Alert
from demand_forecast.forecasting import standing_alerts

pytestmark = pytest.mark.integration

BEGAN = datetime(2026, 1, 4, 3, 0, 20, tzinfo=UTC)
"""A run at 03:00; the others begin to the second as these do."""


@pytest.fixture
def sent(configured: Any, database: Any, monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str]]:
    """Title and text of each message, of targets that take all."""
    configured()
    messages: list[tuple[str, str]] = []

    def send(title: str, body: str, *, kind: str) -> bool:
        messages.append((title, body))
        return True

    monkeypatch.setattr(notify, "send", send)
    return messages


def dead(cause: str = "gone.csv does not exist") -> Alert:
    return Alert(of="source", title="The source brought nothing", body="See why.", cause=cause)


OLD = Alert(of="actuals", title="Old actuals", body="See why.")


def tell(*alerts: Alert, hours: float = 0, product: str = "intraday") -> None:
    """As the run does that begins `hours` after the first one, a few seconds sooner or later."""
    standing_alerts.tell("KR", product, alerts, now=BEGAN + timedelta(hours=hours, seconds=-7 * (hours % 2)))


def test_an_outage_of_two_days_is_told_when_it_begins_and_after_each_day(sent: list[tuple[str, str]]) -> None:
    for hour in range(49):
        before = len(sent)
        tell(dead(), hours=hour)
        assert len(sent) - before == (hour in (0, 24, 48)), hour
    assert sent[0] == ("The source brought nothing", "See why.\nWhile it lasts, it is told once a day.")
    assert sent[1][1].splitlines()[1:] == [
        "It was told first at 2026-01-04 03:00 UTC. While it lasts, it is told once a day."
    ]


def test_one_that_comes_back_is_told_anew(sent: list[tuple[str, str]], database: Any) -> None:
    tell(dead())
    tell(hours=1)
    assert database.execute("SELECT count(*) FROM standing_alerts").fetchone() == (0,)
    database.commit()
    tell(dead(), hours=2)
    assert len(sent) == 2


def test_another_cause_is_told_and_counts_from_then_on(sent: list[tuple[str, str]]) -> None:
    tell(dead())
    tell(dead("it answers: Forbidden"), hours=20)
    tell(dead("it answers: Forbidden"), hours=25)
    assert len(sent) == 2
    assert "told first at 2026-01-04 03:00 UTC" in sent[1][1]


def test_moments_and_counts_make_no_other_cause(sent: list[tuple[str, str]]) -> None:
    tell(dead("no hour before 2026-01-04T03:00 is known, 25 h are missing; see <reader at 0x7f3a>"))
    tell(dead("no hour before 2026-01-04T04:00 is known, 26 h are missing; see <reader at 0x8bc1>"), hours=1)
    assert len(sent) == 1


def test_each_alert_of_each_product_is_told_by_itself(sent: list[tuple[str, str]]) -> None:
    tell(dead())
    tell(dead(), OLD, hours=1)
    tell(dead(), hours=1, product="quarter")
    assert [title for title, _ in sent] == [dead().title, OLD.title, dead().title]


def test_what_did_not_arrive_is_sent_again_by_the_next_run(
    configured: Any, database: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    configured()
    arrives, tries = [False, True], []

    def send(title: str, *_: str, **__: str) -> bool:
        tries.append(title)
        return arrives[len(tries) - 1]

    monkeypatch.setattr(notify, "send", send)
    for hour in range(3):
        tell(dead(), hours=hour)
    assert len(tries) == 2


def test_what_is_not_told_again_stands_in_the_log(
    sent: list[tuple[str, str]], caplog: pytest.LogCaptureFixture
) -> None:
    tell(dead())
    tell(dead(), hours=1)
    assert "The source brought nothing, as told at 2026-01-04 03:00 UTC\nSee why." in caplog.text


def test_without_the_table_everything_is_told(
    sent: list[tuple[str, str]], database: Any, caplog: pytest.LogCaptureFixture
) -> None:
    database.execute("DROP TABLE standing_alerts")
    database.commit()
    with caplog.at_level(logging.ERROR):
        tell(dead())
        tell(dead(), hours=1)
    assert len(sent) == 2
    assert "told again" in caplog.text
