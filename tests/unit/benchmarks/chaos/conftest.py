"""A site without servers, to which faults of files, processes and answers can be done."""

from __future__ import annotations

import random
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd
import pytest

from benchmarks.chaos.injection import Injection
from benchmarks.year.site import Site
from stack.state import State
from tests.unit.data.series import KOREA


@pytest.fixture
def one(tmp_path: Path) -> Injection:
    source = tmp_path / "source.csv"
    source.write_text("time,demand\n" + "2023-01-01,5\n" * 50)
    return Injection(
        Site(State(tmp_path), KOREA, pd.DataFrame(), "", None, source),
        random.Random(1),
        datetime(2023, 1, 2, tzinfo=UTC),
    )
