"""Names that fixtures and tests share."""

from typing import Final

AIRFLOW_TEMPLATE: Final = "airflow_migrated"
"""Database with Airflow's tables and nothing else; the fixture `airflow_environment` makes it."""
TRAINER_IMAGE: Final = "registry.example/demand-forecast-trainer:0.2.0"
"""What pods of the fixture `on_kubernetes` run."""
