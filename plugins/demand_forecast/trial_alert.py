"""python -m demand_forecast.trial_alert: one alert to every configured place, to see that it arrives."""

from __future__ import annotations

import logging
import sys

from demand_forecast import notify
from demand_forecast.settings import PREFIX, settings


def main() -> int:
    """0 when every place took it, 2 when none is configured, 4 when one did not."""
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    if not settings().notify_urls:
        print(
            f"no place is configured; set {PREFIX}NOTIFY_URLS, such as '[\"mailto://user:password@example.org\"]'",
            file=sys.stderr,
        )
        return 2
    body = "This is a trial. Real ones tell of promotion, refusal, failure, fallback, drift and lateness."
    return 0 if notify.send("demand-forecast: alerts arrive here", body, kind="info") else 4


if __name__ == "__main__":
    sys.exit(main())
