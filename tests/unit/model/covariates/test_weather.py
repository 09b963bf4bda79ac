"""Weather beyond the last known hour."""

from __future__ import annotations

import numpy as np

from trainer.model.covariates.weather import carried_on

DAY = np.sin(np.linspace(0, 2 * np.pi, 24, endpoint=False))


def test_weather_is_carried_on_as_it_was_a_day_before() -> None:
    whole = np.tile(DAY, 4)
    cut = np.where(np.arange(96) < 57, whole, np.nan)
    np.testing.assert_allclose(carried_on(cut), whole, atol=1e-12)


def test_a_departure_from_the_day_before_fades() -> None:
    values = np.concatenate([DAY + 9, DAY - 9, DAY, DAY[:12] + 2, np.full(12, np.nan)])
    departure = carried_on(values)[84:] - DAY[12:]
    np.testing.assert_allclose(departure[[0, 1, 11]], [1.8, 1.62, 2 * 0.9**12])


def test_no_sun_is_carried_into_the_night() -> None:
    night, noon = [0.0] * 6, [300.0] * 6
    day = np.array([*night, *noon, *noon, *night])
    brighter = np.array([*night, *noon, *(2 * np.array(noon)), *night])
    values = carried_on(np.concatenate([day, brighter, day[:10], np.full(14, np.nan)]))
    brightest = carried_on(np.concatenate([day, brighter, day[:10] + 50, np.full(14, np.nan)]))
    assert values[-6:].tolist() == brightest[-6:].tolist() == night


def test_only_earlier_weather_is_used() -> None:
    values = np.concatenate([np.tile(DAY, 2), [np.nan], DAY[1:]])
    other = np.concatenate([values[:49], DAY[1:] + 5])
    assert carried_on(values)[48] == carried_on(other)[48] == DAY[0]
