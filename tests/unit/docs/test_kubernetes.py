"""docs/kubernetes.md says of each Secret which verbs' pods see it."""

from __future__ import annotations

import re
from collections.abc import Set

import pytest

from tests.unit.docs.shell import REPOSITORY
from trainer.contract import DATABASE_VERBS, INFLUXDB_VERBS, MLFLOW_VERBS, Verb

PAGE = (REPOSITORY / "docs/kubernetes.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("secret", "verbs"),
    [
        ("demand-forecast-postgres", DATABASE_VERBS),
        ("demand-forecast-influxdb", INFLUXDB_VERBS),
        ("mlflow.secret", MLFLOW_VERBS),
    ],
)
def test_the_verbs_whose_pods_see_a_secret_are_named(secret: str, verbs: Set[Verb]) -> None:
    (seen_by,) = re.findall(rf"^\| `{secret}` \| .+ \| pods of ([^;|]+)", PAGE, flags=re.MULTILINE)
    assert set(re.split(r", | and ", seen_by.strip())) == verbs
