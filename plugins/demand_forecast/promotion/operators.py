"""The operator that writes to the project's PostgreSQL database."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from airflow.providers.common.sql.operators.sql import SQLExecuteQueryOperator
from airflow.sdk.exceptions import AirflowFailException

from demand_forecast.promotion.deployments import explained


class PostgresOperator(SQLExecuteQueryOperator):
    """A list of statements as one transaction: all of them, or none.

    The provider's operator of this name is gone since its version 6; its successor runs a list on one
    connection and commits at the end, and the connection closes uncommitted when a statement fails. No
    statement may hold BEGIN or COMMIT, and with parameters each string may hold one statement only
    (psycopg 3 sends it as a prepared one).

    `sql` takes statements or the names of .sql files on the DAG's `template_searchpath`.
    `parameters` are best given as the output of an earlier task: rendered from Jinja, None would arrive
    as the text 'None'.
    """

    # Without ".json", which the provider adds: a parameter that is the path of a manifest is not a template.
    template_ext: Sequence[str] = (".sql",)

    def __init__(
        self,
        *,
        sql: str | Sequence[str],
        conn_id: str = "demand_forecast_postgres",
        **kwargs: Any,
    ) -> None:
        # A list of its own: Airflow replaces file names by their content in place.
        super().__init__(
            sql=sql if isinstance(sql, str) else list(sql), conn_id=conn_id, autocommit=False, **kwargs
        )

    def execute(self, context: Any) -> Any:
        """Raises AirflowFailException, which is not retried, when a constraint refuses: the same statements
        would be refused again. A server that is away raises what the driver raises, and is retried."""
        from psycopg import IntegrityError  # noqa: PLC0415  the driver is not needed to parse a DAG

        try:
            return super().execute(context)  # type: ignore[no-untyped-call]
        except IntegrityError as error:
            raise AirflowFailException(
                f"PostgreSQL refused, nothing was written: {explained(error)}"
            ) from error
