"""The connections that requests share tell nobody the password of a URL that is wrong."""

from __future__ import annotations

import logging
import traceback

import pytest

from trainer.api.problems import Problem
from trainer.api.read import Database

SECRET = "tr0ub4dor"


@pytest.mark.parametrize(
    "url",
    [f"postgresql://operator:{SECRET}%zz@127.0.0.1/power", f"password={SECRET}%", SECRET],
    ids=["bad escape", "key and value", "a word"],
)
def test_a_wrong_url_is_answered_at_once_and_repeated_neither_in_the_answer_nor_in_the_log(
    url: str, caplog: pytest.LogCaptureFixture
) -> None:
    database = Database(url)
    with (
        caplog.at_level(logging.DEBUG),
        pytest.raises(Problem, match="no PostgreSQL URL") as caught,
        database.connect(),
    ):
        pass
    database.close()

    assert (caught.value.status, caught.value.name) == (503, "database-unavailable")
    assert "DEMAND_FORECAST_POSTGRES_URL" in caught.value.mend
    assert SECRET not in caplog.text + "".join(traceback.format_exception(caught.value))
