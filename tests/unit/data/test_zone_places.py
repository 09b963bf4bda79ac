"""From a country or a zone to where a region lies."""

from __future__ import annotations

import pytest

from trainer.data.zone_places import place_of
from trainer.errors import UsageError


def test_a_country_of_one_clock_needs_no_zone() -> None:
    found = place_of("DE", None)
    assert (found.timezone, found.latitude, found.longitude) == ("Europe/Berlin", 52.5, 13.37)


def test_a_zone_tells_its_country() -> None:
    found = place_of(None, "Australia/Sydney")
    assert (found.country, found.latitude) == ("AU", -33.87)


def test_a_country_of_several_clocks_is_asked_for_its_zone() -> None:
    with pytest.raises(UsageError, match=r"US has several clocks.*--timezone, one of .*America/Chicago"):
        place_of("US", None)


def test_a_zone_of_no_country_takes_the_country_s_first_town() -> None:
    found = place_of("AU", "Etc/GMT-10")
    assert (found.timezone, found.country) == ("Etc/GMT-10", "AU")
    with pytest.raises(UsageError, match="'Etc/GMT-10' does not belong to one country; name that with"):
        place_of(None, "Etc/GMT-10")


@pytest.mark.parametrize(("country", "said"), [(None, "name the country"), ("XX", "'XX' is not a country")])
def test_without_a_country_there_is_no_place(country: str | None, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        place_of(country, None)
