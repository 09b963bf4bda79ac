"""docs/fault-replay.md, as a replay gives it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from stack.state import REPOSITORY
from tests.dags.fault_replay.faults import LEVEL_JUMP, Where
from tests.dags.fault_replay.replayed import days_of, own_days, sound_days, until_accepted
from tests.dags.fault_replay.schedule import DAYS, Occurrence
from trainer.data.quality.level import ACCEPTED_AFTER_DAYS

if TYPE_CHECKING:
    from tests.dags.fault_replay.conftest import World

PAGE: Final = REPOSITORY / "docs" / "fault-replay.md"
_HEAD: Final = f"""\
# Sixty days with every fault

`tests/dags/fault_replay` runs the tasks of `daily_forecast` for {DAYS} days over a synthetic region with a
small model, twice: over a clean series, and over one into which each fault falls at a random hour. Every day
of both has its 24 published hours in PostgreSQL. InfluxDB is away for three days, told of, and has every hour
in the end. This page is written by `make fault-replay`, and the suite holds it to what the replay gives.

MAPE is of the forecasts for the days of the fault and the day after, against what was really consumed.

| Fault | What the system did | Days | MAPE % clean | MAPE % with it |
|---|---|---|---|---|
"""
_SPOKE: Final = {
    "none": "the champion forecast",
    "weatherless": "its weatherless twin forecast",
    "previous": "the previous champion forecast",
    "baseline": "the seasonal baseline forecast",
}
_ROW: Final = re.compile(r"\| (.+?) \| (.+?) \| (\d+) \| ([\d.]+) \| ([\d.]+) \|")


@dataclass(frozen=True)
class Row:
    fault: str
    did: str
    days: int
    clean: float
    faulty: float

    def __str__(self) -> str:
        return f"| {self.fault} | {self.did} | {self.days} | {self.clean:.2f} | {self.faulty:.2f} |"


def page(world: World) -> str:
    return _HEAD + "\n".join(str(row) for row in rows(world)) + "\n"


def written() -> list[Row]:
    """The rows of the page in docs/."""
    found = _ROW.findall(PAGE.read_text(encoding="utf-8"))
    return [Row(fault, did, int(days), float(a), float(b)) for fault, did, days, a, b in found]


def rows(world: World) -> list[Row]:
    """By fault, in the order of their names, and last all days without one."""
    clean, faulty = world.clean.errors(), world.faulty.errors()

    def row(fault: str, did: str, days: list[int]) -> Row:
        return Row(fault, did, len(days), float(np.mean(clean[days])), float(np.mean(faulty[days])))

    start, found = world.faulty.start, []
    for one in sorted(world.faults, key=lambda one: (one.fault is LEVEL_JUMP, one.fault.name)):
        name = one.fault.name
        if one.fault is LEVEL_JUMP:
            accepted = until_accepted(one)
            held = f"measured, since it held for {ACCEPTED_AFTER_DAYS} days; {_SPOKE['none']}"
            found.append(row(f"{name}: its first days", _did(world, one), [*range(one.begins, accepted)]))
            found.append(row(f"{name}: from then on", held, [*range(accepted, DAYS)]))
        else:
            found.append(row(name, _did(world, one), _alone(world, one)))
    found.append(row("none", _SPOKE["none"], sound_days(world.faults, start)))
    return found


def _alone(world: World, one: Occurrence) -> list[int]:
    """Its days, those of a hole that lies in the past without what befalls them by themselves."""
    days = days_of(one, world.faulty.start)
    if one.fault.where is not Where.HISTORY:
        return days
    return [day for day in sound_days(world.faults, world.faulty.start) if day in days]


def _did(world: World, one: Occurrence) -> str:
    days, fault = _alone(world, one), one.fault
    own = days if fault.where is Where.HISTORY else own_days(one, world.faulty.start)
    (mark,) = set.union(*(world.faulty.marks(day) for day in own))
    titles = {alert["title"].partition(": ")[2] for day in days for alert in world.faulty.alerts[day]}
    return f"{fault.verdict}; {_SPOKE[mark]}{'; alert' if fault.alert in titles else ''}"
