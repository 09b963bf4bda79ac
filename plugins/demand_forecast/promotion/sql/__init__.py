"""The statements that write model_deployments: one file each, shared by the DAGs and deployments.py.

A DAG hands the file names to PostgresOperator and SQL_FOLDER to its `template_searchpath`; Airflow then
shows the statements in the task's rendered template. Each tuple runs as one transaction.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Final

SQL_FOLDER: Final = Path(__file__).parent

RECORD_DEPLOYMENT: Final = ("archive_champion.sql", "insert_champion.sql", "end_shadow.sql")
RECORD_REJECTION: Final = ("insert_rejected.sql",)
RECORD_REFIT: Final = ("refit_archive.sql", "refit_insert.sql")
ROLL_BACK: Final = ("rollback_archive.sql", "rollback_insert.sql")


@cache
def statement(name: str) -> str:
    """The SQL in the file of this name; its placeholders are psycopg's, `%(name)s`."""
    return (SQL_FOLDER / name).read_text(encoding="utf-8")
