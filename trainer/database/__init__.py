"""The trainer's side of PostgreSQL: one connection, versioned tables, reads and writes in domain terms.

The model deployments have their readers and writers in plugins/demand_forecast/deployments.py,
since Airflow, not the trainer, decides what is champion.
"""

from trainer.database.connection import connect
from trainer.database.schema import current, downgrade, migrate

__all__ = ["connect", "current", "downgrade", "migrate"]
