"""What the search before a backtest may see."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from tests.unit.data.series import KOREA, hours_of, load
from trainer.contract import Region
from trainer.contract.products import Product, market_product
from trainer.errors import UsageError
from trainer.model.production_replay import Schedule
from trainer.model.progress import Silent
from trainer.steps import backtest as step


class SearchedError(Exception):
    """Ends the backtest when it has begun its search."""


def begin_backtest(
    region: Region, source: Path, *, product: Product | None, as_produced: Schedule | None = None
) -> None:
    """Of two days of April, with the least effort; its hours would come to lie beside `source`."""
    step.backtest(
        region,
        source=str(source),
        test_start=date(2021, 4, 1),
        test_end=date(2021, 4, 2),
        refit=None,
        as_produced=as_produced,
        weather="none",
        weather_issued=None,
        product=product,
        trials=1,
        epochs=1,
        seed=0,
        device="cpu",
        progress=Silent(),
        hourly_path=source.with_name("hourly.csv"),
    )


@pytest.mark.parametrize(
    ("zone", "product", "begin"),
    [
        ("Asia/Seoul", None, "2021-03-31 15:00"),
        ("Asia/Kolkata", None, "2021-03-31 18:00"),  # 23:30 in Kolkata
        ("Asia/Seoul", market_product(10), "2021-03-31 01:00"),
        ("Asia/Kolkata", market_product(10), "2021-03-31 04:00"),
    ],
)
def test_no_hour_of_the_window_is_searched_on(
    zone: str, product: Product | None, begin: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    region = replace(KOREA, timezone=zone, weather=())
    seen: list[pd.Timestamp] = []

    def search(*_: Any, train_until: pd.Timestamp, **__: Any) -> None:
        seen.append(train_until)
        raise SearchedError

    monkeypatch.setattr(step, "search", search)
    source = tmp_path / "demand.csv"
    load(hours_of(KOREA, "2021-03-01", 40), region).to_csv(source)
    with pytest.raises(SearchedError):
        begin_backtest(region, source, product=product)
    assert seen == [pd.Timestamp(begin, tz="UTC")]


def test_what_contradicts_itself_is_refused_before_the_file_is_read(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="leave the product out"):
        begin_backtest(KOREA, tmp_path / "nowhere.csv", product=market_product(10), as_produced=Schedule())
