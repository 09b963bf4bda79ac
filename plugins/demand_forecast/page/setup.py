"""What the page asks first: its language and texts, the regions this user may see, where links lead."""

from __future__ import annotations

import json
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Final, Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, Field

from demand_forecast.settings import Settings
from trainer.contract import Region

_TWO_WEEKS: Final = 15
"""Days from one decision to the second scheduled retraining after it, and one to run it."""
TEXTS: Final = Path(__file__).with_name("texts")
Language = Literal["en", "ko"]


class RegionOfPage(BaseModel):
    name: str
    title: str
    timezone: str
    products: list[str] = Field(description="its named forecasts beside the daily one")


class Setup(BaseModel):
    language: Language
    texts: dict[str, str]
    regions: list[RegionOfPage] = Field(description="those whose DAGs the user may read")
    drift_mape: float = Field(description="percent; above it the region is retrained")
    stale_hours: int = Field(description="hours without demand up to now that make it late")
    old_days: int = Field(description="days since the end of its training data that make a model old")
    mlflow_url: str | None = Field(description="None where MLflow has no address that a browser can open")


@cache
def texts(language: Language) -> dict[str, str]:
    """Key -> text, of the file that ships with the page."""
    content = json.loads((TEXTS / f"{language}.json").read_text(encoding="utf-8"))
    return {str(key): str(text) for key, text in content.items()}


def setup(config: Settings, regions: Iterable[Region], language: Language) -> Setup:
    """`regions`: those that the user may read."""
    return Setup(
        language=language,
        texts=texts(language),
        regions=[
            RegionOfPage(
                name=region.name,
                title=region.title,
                timezone=region.timezone,
                products=[product.name for product in region.forecasts],
            )
            for region in regions
        ],
        drift_mape=config.drift_mape,
        stale_hours=config.stale_hours,
        # A model is as old as the days held out when it is born.
        old_days=config.holdout_days + _TWO_WEEKS,
        mlflow_url=_in_browser(config.mlflow_public_url or config.mlflow_tracking_uri or ""),
    )


def _in_browser(url: str) -> str | None:
    """The URL without a user and a password, which are the verbs' and not the page's readers'."""
    if not url.startswith(("http://", "https://")):
        return None
    parts = urlsplit(url)
    return parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl().rstrip("/")
