"""The trainer's side of PostgreSQL: one connection, versioned tables, reads and writes in domain terms.

The model deployments have their writers in plugins/demand_forecast/promotion/deployments.py, since Airflow,
not the trainer, decides what is champion; here they are read alone. The tables' revisions are in `schema`,
which only who migrates loads: it brings in Alembic and SQLAlchemy.
"""

from trainer.database.connection import connect

__all__ = ["connect"]
