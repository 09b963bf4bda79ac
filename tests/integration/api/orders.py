"""What a request for a forecast says."""

from __future__ import annotations

from typing import Any

from tests.integration.api.sample import LAST_MIDNIGHT, actuals

AS_OF = LAST_MIDNIGHT.isoformat()


def history(days: int = 63) -> list[dict[str, Any]]:
    """As a request gives it: until the last actual."""
    return [
        {
            "time": time.isoformat(),
            "demand_mw": row["demand"],
            "weather": {"temperature": row["temperature"], "humidity": row["humidity"]},
        }
        for time, row in actuals(days).iterrows()
    ]


def weather(hours: int = 48) -> list[dict[str, Any]]:
    """After the last actual."""
    ahead = actuals(0, days_ahead=8).iloc[:hours]
    return [
        {
            "time": time.isoformat(),
            "weather": {"temperature": row["temperature"], "humidity": row["humidity"]},
        }
        for time, row in ahead.iterrows()
    ]
