"""Whether the daily forecast draws its picture is a setting."""

from __future__ import annotations

from demand_forecast.forecasting.tasks import plot_options


def test_without_a_word_nothing_is_drawn(configure) -> None:
    configure()
    assert plot_options() == {"no-plot": None}


def test_a_setting_asks_for_the_picture(configure) -> None:
    configure(PLOT_FORECASTS="true")
    assert plot_options() == {}
