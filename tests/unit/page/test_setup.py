"""What the page is told first."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from pydantic import ValidationError

from demand_forecast.page.setup import setup
from demand_forecast.settings import load_settings

Address = Callable[[str | None, str | None], str | None]


@pytest.fixture
def mlflow(monkeypatch: pytest.MonkeyPatch) -> Address:
    """The page's address of MLflow under a tracking URI and a public address."""

    def address(tracking: str | None, public: str | None) -> str | None:
        given = {"MLFLOW_TRACKING_URI": tracking, "DEMAND_FORECAST_MLFLOW_PUBLIC_URL": public}
        for name, value in given.items():
            monkeypatch.delenv(name, raising=False)
            if value is not None:
                monkeypatch.setenv(name, value)
        return setup(load_settings(), [], "en").mlflow_url

    return address


def test_a_browser_is_sent_where_mlflow_is_tracked_unless_it_needs_another_address(mlflow: Address) -> None:
    assert mlflow("http://mlflow:5000/", None) == "http://mlflow:5000"
    assert mlflow("http://mlflow:5000", "https://mlflow.example.org/") == "https://mlflow.example.org"


def test_the_password_of_an_address_stays_with_the_verbs(mlflow: Address) -> None:
    assert mlflow("https://svc:S3cret@mlflow:5000/ui/", None) == "https://mlflow:5000/ui"
    assert mlflow(None, "https://svc:S3@cret@mlflow.example.org") == "https://mlflow.example.org"


@pytest.mark.parametrize("tracking", [None, "databricks", "sqlite:///mlflow.db"])
def test_without_an_address_that_a_browser_opens_there_is_no_link(
    mlflow: Address, tracking: str | None
) -> None:
    assert mlflow(tracking, None) is None


def test_a_public_address_that_no_browser_opens_is_refused(mlflow: Address) -> None:
    with pytest.raises(ValidationError, match="mlflow_public_url"):
        mlflow("http://mlflow:5000", "mlflow.example.org")
