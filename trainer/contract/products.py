"""Named forecasts of a region, as its users need them: when each is made, and which hours it covers.

A forecast is made at a moment, such as 10:00, and begins with the full hour of UTC at or before it, its
origin: in India that of 10:00 is 09:30 on the clock.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final, Self

from trainer.contract.errors import ContractError
from trainer.contract.local_days import HasZone, day_of, midnight, midnights
from trainer.contract.verbs import MAX_HORIZON

TOMORROW: Final = "tomorrow"
_EXAMPLE: Final = 'such as {at = "10:00", covers = "tomorrow"}'
_CLOCK: Final = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])")
_HOUR: Final = timedelta(hours=1)
_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, kw_only=True)
class Product:
    """Either `at` or `every` says when it is made, either `covers` or `hours` what of."""

    name: str
    at: time | None = None
    """Local time of day."""
    every: int | None = None
    """Hours between two, counted from 00:00 on the local clock."""
    covers: str | None = None
    """`tomorrow`: the whole local day after the one on which it is made, of 23, 24 or 25 hours."""
    hours: int | None = None
    """As many from its origin on."""

    @classmethod
    def parse(cls, region: str, name: str, values: object) -> Self:
        """Raises ContractError naming the region, the product, what is wrong and what to write."""
        place = f"region {region}: forecasts.{name}"
        if not re.fullmatch(r"[a-z][a-z0-9_]{0,31}", name):
            raise ContractError(
                f"region {region}: forecasts: {name!r} is no name of a product; use 1 to 32 small letters, "
                "digits or '_', a letter first"
            )
        if not isinstance(values, Mapping):
            raise ContractError(f"{place} {values!r} is not a table, {_EXAMPLE}")
        known = {f.name for f in fields(cls)} - {"name"}
        if unknown := sorted(set(values) - known):
            raise ContractError(f"{place}: unknown keys {unknown}; known are {sorted(known)}")
        for one, other in (("at", "every"), ("covers", "hours")):
            if (one in values) == (other in values):
                raise ContractError(f"{place}: give either `{one}` or `{other}`, {_EXAMPLE}")
        if values.get("covers", TOMORROW) != TOMORROW:
            raise ContractError(f'{place}: covers {values["covers"]!r} is not "tomorrow"')
        hours = values.get("hours", 1)
        if not isinstance(hours, int) or isinstance(hours, bool) or not 1 <= hours <= MAX_HORIZON:
            raise ContractError(f"{place}: hours {hours!r} is no whole number of 1..{MAX_HORIZON}")
        return cls(
            name=name,
            at=_clock(place, values["at"]) if "at" in values else None,
            every=_period(place, values["every"]) if "every" in values else None,
            covers=values.get("covers"),
            hours=values.get("hours"),
        )

    def to_dict(self) -> dict[str, Any]:
        """What `parse` reads back, without the name."""
        when = {"at": f"{self.at:%H:%M}"} if self.at else {"every": f"{self.every}h"}
        return when | ({"covers": self.covers} if self.covers else {"hours": self.hours})

    def moments(self, day: date, region: HasZone) -> list[datetime]:
        """The moments (UTC) of the local `day` at which it is made, ascending.

        A time `at` that the clocks skip is the one that it would have been, and the earlier of the two where
        they show it twice; of hours counted by `every` skipped ones have none, repeated ones two.
        """
        if self.at:
            return [datetime.combine(day, self.at, region.zone).astimezone(UTC)]
        assert self.every is not None
        shown = [
            datetime.combine(day, time(hour, fold=fold), region.zone)
            for hour in range(0, 24, self.every)
            for fold in (0, 1)
        ]
        return sorted(
            {
                moment
                for clock in shown
                for moment in [clock.astimezone(UTC)]
                if moment.astimezone(region.zone).replace(tzinfo=None) == clock.replace(tzinfo=None)
            }
        )

    def last_moment(self, now: datetime, region: HasZone) -> datetime:
        """The last of its moments (UTC) at or before `now` (aware)."""
        today = now.astimezone(region.zone).date()
        days = (today - n * _DAY for n in range(4))
        return max(moment for day in days for moment in self.moments(day, region) if moment <= now)

    def next_moment(self, now: datetime, region: HasZone) -> datetime:
        """The first of its moments (UTC) after `now` (aware)."""
        today = now.astimezone(region.zone).date()
        days = (today + n * _DAY for n in range(-1, 4))
        return min(moment for day in days for moment in self.moments(day, region) if moment > now)

    def lead_times(self, moment: datetime, region: HasZone) -> range:
        """The hours ahead of its origin that it covers when made at `moment` (aware), 1 being the origin's
        own: at 10:00 tomorrow is 15 to 38, where clocks go back on it 15 to 39."""
        if self.hours is not None:
            return range(1, self.hours + 1)
        after = moment.astimezone(region.zone).date() + _DAY
        tomorrow = midnights(after, after + 2 * _DAY, region)[0]  # the calendar may skip a day, as in Samoa
        end = midnight(day_of(tomorrow, region) + _DAY, region)
        start = origin_of(moment)
        return range((tomorrow - start) // _HOUR + 1, (end - start) // _HOUR + 1)

    def speaking_for(self, day: date, region: HasZone) -> list[datetime]:
        """The moments (UTC) at which it is made for the local `day`: those of the day before where it covers
        tomorrow, else those of the day itself."""
        made_on = day_of(midnight(day, region) - _HOUR, region) if self.covers else day
        return self.moments(made_on, region)

    def origin_hours(self, region: HasZone, year: int) -> frozenset[int]:
        """Local hours of the day, 0..23, that its origins lie in: two where half an hour of summer time moves
        them."""
        days = (date(year, 1, 1), date(year, 7, 1))
        moments = (moment for day in days for moment in self.moments(day, region))
        return frozenset(origin_of(moment).astimezone(region.zone).hour for moment in moments)


def origin_of(moment: datetime) -> datetime:
    """The full hour of UTC at or before `moment` (aware), which a forecast made then begins with."""
    return moment.astimezone(UTC).replace(minute=0, second=0, microsecond=0)


def asked_for(day: date, product: Product | None, region: HasZone) -> list[tuple[datetime, range]]:
    """The forecasts that speak for the local `day`, each by its origin (UTC) and its lead times; without a
    product the one at the day's own midnight, which has all of its hours."""
    if product is None:
        start, end = midnight(day, region), midnight(day + _DAY, region)
        return [(start, range(1, (end - start) // _HOUR + 1))]
    moments = product.speaking_for(day, region)
    return [(origin_of(moment), product.lead_times(moment, region)) for moment in moments]


def market_product(hour: int) -> Product:
    """Tomorrow, at `hour` (local, 0..23), as `backtest --origin` asks for it without a name."""
    return Product(name="", at=time(hour), covers=TOMORROW)


def product_dag_id(region: str, product: str) -> str:
    """The DAG that makes a region's named forecast; the one without a name has daily_forecast_<REGION>."""
    return f"forecast_{region}_{product}"


def parse_products(region: str, values: object) -> tuple[Product, ...]:
    """A region's `forecasts` in their order. Raises ContractError as `Product.parse` does."""
    if not isinstance(values, Mapping):
        raise ContractError(
            f"region {region}: forecasts {values!r} is not a table of products; write "
            f'[{region}.forecasts.day_ahead] and below it at = "10:00" and covers = "tomorrow"'
        )
    return tuple(Product.parse(region, str(name), product) for name, product in values.items())


def _clock(place: str, text: object) -> time:
    if not isinstance(text, str) or not (shown := _CLOCK.fullmatch(text)):
        raise ContractError(f'{place}: at {text!r} is no time of day; write it in quotes, such as "09:30"')
    return time(int(shown[1]), int(shown[2]))


def _period(place: str, text: object) -> int:
    hours = re.fullmatch(r"([1-9][0-9]?)h", text) if isinstance(text, str) else None
    if hours is None or int(hours[1]) > 12 or 24 % int(hours[1]):  # once a day is `at`
        allowed = ", ".join(f'"{n}h"' for n in range(1, 13) if 24 % n == 0)
        raise ContractError(f"{place}: every {text!r} does not divide the day; write one of {allowed}")
    return int(hours[1])
