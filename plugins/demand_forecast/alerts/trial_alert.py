"""python -m demand_forecast.alerts.trial_alert: one alert to every configured place, to see it arrive."""

from __future__ import annotations

import logging
import sys
from typing import Final

from demand_forecast.alerts import notify
from demand_forecast.settings import PREFIX, settings

_NOWHERE: Final = f"""\
no place is configured: the environment of this command, under `make alert` the shell's, has none.
Set {PREFIX}NOTIFY_URLS there, such as '["mailto://user:password@example.org"]'.
What .env or the chart sets is seen by Airflow's containers alone; send the trial from there:
  docker compose -f docker-compose.airflow.yml exec airflow-api-server \
python -m demand_forecast.alerts.trial_alert
  kubectl -n demand-forecast exec deploy/airflow-scheduler -- python -m demand_forecast.alerts.trial_alert"""


def main() -> int:
    """0 when every place took it, 2 when none is configured, 4 when one did not."""
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    if not settings().notify_urls:
        print(_NOWHERE, file=sys.stderr)
        return 2
    body = "This is a trial. Real ones tell of promotion, refusal, failure, fallback, drift and lateness."
    return 0 if notify.send("demand-forecast: alerts arrive here", body, kind="info") else 4


if __name__ == "__main__":
    sys.exit(main())
