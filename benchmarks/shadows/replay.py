"""Days of a region with an ensemble for champion and three shadows beside it, and all that was decided."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing
from datetime import datetime, timedelta
from datetime import time as clock
from typing import Any, Final

import psycopg

from benchmarks.shadows.decisions import decisions, forecasts, shadow_rows
from benchmarks.year.dag_run import Ended
from benchmarks.year.replay import Replay
from demand_forecast.promotion import deployments, shadows
from demand_forecast.promotion.deployment_rows import Status, read_rows
from trainer.contract import ShadowKind

EFFORT: Final = {"lookback_days": 400, "holdout_days": 14, "trials": 1, "epochs": 1}
ASKED_EVERY: Final = 28
"""Days after which the shadow that is a version asks for promotion."""
_STANDING: Final = {"naive": ShadowKind.BASELINE, "weatherless": ShadowKind.WEATHERLESS}
"""Shadows of all days, as far as the region has weather."""
_NOON: Final = clock(12)


class ShadowReplay(Replay):
    """From the first training on the seasonal naive forecast and the champion's twin without weather are in
    shadow, and from the second on a rival: the candidate that was turned away, or the champion that it
    followed. Every `asked_every` days the rival asks for promotion; turned away it makes room for the next.
    Further arguments are those of `Replay`."""

    def __init__(self, *args: Any, asked_every: int = ASKED_EVERY, **options: Any) -> None:
        super().__init__(*args, **options)
        self._asked_every = asked_every
        self._weights: dict[str, Mapping[str, float]] = {}
        self._failed_shadows: dict[str, Mapping[str, str]] = {}
        self._asked = 0

    def found(self) -> dict[str, Any]:
        """JSON-able: what was decided, compared, weighed and forecast, and nothing that the clock tells."""
        region = self._here.region
        with closing(psycopg.connect(self._here.database)) as connection:
            return {
                "region": region.title,
                "first": self._first.isoformat(),
                "ensemble": list(region.ensemble),
                **{name: getattr(self.year, name) for name in ("days", "trainings", "promotions", "refits")},
                "failures": self.year.failures,
                "failed_shadows": self._failed_shadows,
                "decisions": decisions(connection, region.name),
                "shadows": shadow_rows(connection, region.name),
                "weights": self._weights,
                "forecasts": forecasts(connection, region.name),
            }

    def _retrain(self, moment: datetime) -> None:
        first = self.year.trainings == 0
        super()._retrain(moment)
        if first:
            for name, kind in _STANDING.items():
                if kind is ShadowKind.BASELINE or self._here.region.weather:
                    self._shadow(moment, "add", name, kind=kind.value)
        else:
            self._next_rival(moment)

    def _day(self, midnight: datetime, day: int) -> None:
        super()._day(midnight, day)
        if day % self._asked_every == self._asked_every - 1 and (rival := self._rival()):
            noon = datetime.combine(midnight.date(), _NOON, self._here.region.zone)
            self._shadow(noon, "promote", rival)
            if self._rival():
                self._shadow(noon, "remove", rival)
            self._next_rival(noon)

    def _next_rival(self, moment: datetime) -> None:
        if self._rival() is None:
            self._shadow(moment, "add", f"rival-{self._asked}", **self._turned_away())

    def _rival(self) -> str | None:
        with closing(psycopg.connect(self._here.database)) as connection:
            live = shadows.live(connection, self._here.region.name)
        return next((one.name for one in live if one.kind is ShadowKind.VERSION), None)

    def _turned_away(self) -> dict[str, str]:
        """The loser of the last decision between a champion and a candidate."""
        name = self._here.region.name
        with closing(psycopg.connect(self._here.database)) as connection:
            last = next(
                row
                for row in deployments.history(connection, name)
                if row.status is not Status.REJECTED or row.run_id.startswith("weekly_retrain")
            )
            if last.status is Status.REJECTED:
                return {"run": last.run_id}
            followed = read_rows(
                connection,
                "region = %(region)s AND status = 'archived' "
                "AND coalesce(judged_version, version) <> %(judged)s",
                {"region": name, "judged": last.judged},
                limit=1,
            )
        return {"version": followed[0].version}

    def _shadow(self, moment: datetime, action: str, name: str, **which: str) -> None:
        """A run of shadow_model. Each has a second of its own, since a run's id is made of its moment."""
        self._asked += 1
        conf = {"action": action, "name": name, "reason": f"{action}, by the replay", **which}
        self._run("shadow_model", moment + timedelta(seconds=self._asked), conf)

    def _run(self, dag: str, moment: datetime, conf: Mapping[str, Any] | None = None) -> Ended:
        ended = super()._run(dag, moment, conf)
        for step in ("train", "refit", "forecast"):
            done = ended.results.get(step)
            facts = done["facts"] if isinstance(done, Mapping) else {}
            if members := facts.get("members"):
                self._weights[f"{step} {moment.isoformat()}"] = members
            if failed := facts.get("shadow_failures"):
                self._failed_shadows[f"{step} {moment.isoformat()}"] = failed
        return ended
