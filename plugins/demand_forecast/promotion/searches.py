"""The searches that decisions have on record: for which moment each was made, and with how much effort."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, Self

from demand_forecast.promotion.deployment_rows import read_rows
from trainer.contract import Manifest

_SEARCH: Final = "search"
"""The fact of an evaluation that has its search's effort, and among the metrics of a decision that effort and
its moment. None, or absent, where the run made no search."""
_DECISIONS_READ: Final = 1000
"""The newest decisions that had a search: years of them."""


@dataclass(frozen=True, kw_only=True)
class Search:
    """One search of a region."""

    moment: datetime
    """That its run spoke for."""
    trials: int
    epochs: int
    """Of a trial, at most."""

    @classmethod
    def parse(cls, found: Any) -> Self | None:
        """From a decision's metrics; None where they have none, or one that is damaged."""
        try:
            moment = datetime.fromisoformat(found["as_of"]).astimezone(UTC)
            return cls(moment=moment, trials=int(found["trials"]), epochs=int(found["epochs"]))
        except (KeyError, TypeError, ValueError, OverflowError):
            return None


def search_on_record(evaluation: Manifest) -> dict[str, Any]:
    """What the metrics of a decision have of the search of its run; nothing where that made none."""
    effort = evaluation.facts.get(_SEARCH)
    return {_SEARCH: {"as_of": evaluation.as_of, **effort}} if isinstance(effort, Mapping) else {}


def last_search(
    connection: Any, region: str, *, before: datetime, trials: int, epochs: int
) -> datetime | None:
    """The moment of the region's last search, whichever way its decision fell, among those for moments before
    this one that had at least as many trials and epochs. None where none is on record."""
    where = f"region = %(region)s AND parent IS NULL AND metrics -> '{_SEARCH}' IS NOT NULL"
    rows = read_rows(connection, where, {"region": region}, limit=_DECISIONS_READ)
    searches = [search for row in rows if (search := Search.parse(row.metrics[_SEARCH]))]
    enough = (
        search.moment
        for search in searches
        if search.moment < before and search.trials >= trials and search.epochs >= epochs
    )
    return max(enough, default=None)
