"""What the day networks see from an origin: a week of demand as it was metered, and the day ahead.

They know nothing of trend and seasonality, so their errors have other causes than those of the other parts,
and an average of both is better than either.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Self

import numpy as np

from trainer.model.features import Surroundings
from trainer.model.outlook import DAY, Block, Outlook, Rows, coarse, sun_growth
from trainer.model.weather import TEMPERATURE

WEEK: Final = 7 * DAY
_NEIGHBOURS: Final = (-2, -1, 1, 2)
"""Days from a festival that are told apart."""
_HEATED, _COOLED = 8.0, 18.0
"""C; below the first buildings are heated, above the second cooled."""
_YEAR: Final = 365.25


@dataclass(frozen=True)
class DayInputs:
    """Hours with their facts, ready for any origin among them."""

    dates: Block
    """(local dates, flags): the kind of day."""
    date: Rows
    """(hours,): row of `dates` that each hour lies on."""
    clock: Block
    """(hours, 7): place in the year and in the day, and the years since the epoch."""
    sun: Block
    """(hours,): its elevation's sine times the growth of the panels."""
    weather: Block
    """(hours, columns of the region's weather)."""
    anomalies: Block
    """The same less their mean at the same hour of the 14 days before."""
    columns: tuple[str, ...]

    @classmethod
    def of(cls, facts: Surroundings, outlook: Outlook, epoch: str) -> Self:
        table, calendar = facts.calendar.table, facts.calendar
        flags = [
            *table.kinds,
            table.run_length,
            table.run_position,
            table.place > 0,
            *(table.festival == distance for distance in _NEIGHBOURS),
            *(table.weekday == number for number in range(7)),
            table.turn <= 2,
        ]
        year = 2 * np.pi * np.asarray(calendar.local.day_of_year, dtype=np.float64) / _YEAR
        hour = 2 * np.pi * calendar.hour / 24
        waves = [wave(angle) for angle in (year, 2 * year, hour) for wave in (np.sin, np.cos)]
        years = facts.years_since(epoch)
        return cls(
            dates=np.column_stack(flags).astype(np.float32),
            date=calendar.day,
            clock=np.column_stack([*waves, years]).astype(np.float32),
            sun=(facts.sun * sun_growth(years)).astype(np.float32),
            weather=outlook.weather,
            anomalies=outlook.anomalies,
            columns=outlook.columns,
        )

    def __call__(self, origins: Rows, weeks: Block) -> Block:
        """(origins, features) from a week after the first hour on; `weeks` (origins, 168) is the log demand
        before each, less its mean."""
        return np.concatenate([weeks, *self._blocks(origins)], axis=1)

    @property
    def features(self) -> int:
        """How many; of at least ten days of hours."""
        origin = np.array([WEEK + DAY])
        return int(self(origin, np.zeros((1, WEEK), dtype=np.float32)).shape[1])

    def _blocks(self, origins: Rows) -> Iterator[Block]:
        """Beside the week's demand, each (origins, ...)."""
        ahead = origins[:, None] + np.arange(DAY)
        first, last = self.date[origins], self.date[ahead[:, -1]]  # a day past midnight lies on two dates
        for back in range(7, 0, -1):
            yield self.dates[first - back]
        yield self.dates[first]
        yield self.dates[last]
        yield self.clock[origins]
        sun = coarse(self.sun[ahead])
        yield sun
        week = origins[:, None] + np.arange(-WEEK, 0)
        for number, name in enumerate(self.columns):
            level, unusual = coarse(self.weather[ahead, number]), coarse(self.anomalies[ahead, number])
            yield level
            yield unusual
            yield unusual * sun
            yield self.weather[week, number].reshape(len(origins), 7, DAY).mean(-1)
            if name == TEMPERATURE:
                yield np.maximum(level - _COOLED, 0)
                yield np.maximum(_HEATED - level, 0)
