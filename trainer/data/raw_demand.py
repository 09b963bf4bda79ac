"""The table raw_demand as a source: what ingestion has gathered for a region."""

from __future__ import annotations

import io
from collections.abc import Mapping

import pandas as pd

from trainer.contract import Region
from trainer.data.weather.columns import place_columns
from trainer.environment import require_database_url
from trainer.errors import DataError


def read_raw_demand(region: Region, *, environ: Mapping[str, str] | None = None) -> pd.DataFrame:
    """Columns time (UTC), demand (MW, NaN in the future), the region's weather, temperatures of its places
    where it has several and, where any hour has one, the grid operator's `reference` (MW), in order of time.

    The database is DEMAND_FORECAST_POSTGRES_URL. Raises UsageError without it, InfrastructureError when
    the server refuses or lacks the table, DataError when the table holds nothing for the region.
    """
    # Imported here: files are read without a database driver.
    from psycopg import sql  # noqa: PLC0415

    from trainer.database.actuals import stored_weather  # noqa: PLC0415
    from trainer.database.connection import connect  # noqa: PLC0415

    content = io.BytesIO()
    with connect(require_database_url("source raw_demand", environ)) as connection:
        names = [*region.weather]
        if names:
            names += place_columns(stored_weather(connection, region.name), region)
        weather = [
            sql.SQL("(weather ->> {})::float8 AS {}").format(sql.Literal(name), sql.Identifier(name))
            for name in names
        ]
        # COPY: 40,000 rows arrive as one text that pandas parses, several times faster than row by row.
        query = sql.SQL(
            "COPY (SELECT extract(epoch FROM time)::bigint AS time, {} FROM raw_demand WHERE region = {}"
            " ORDER BY time) TO STDOUT WITH (FORMAT csv, HEADER true)"
        ).format(
            sql.SQL(", ").join([sql.SQL("demand_mw AS demand, reference_mw AS reference"), *weather]),
            sql.Literal(region.name),
        )
        with connection.cursor() as cursor, cursor.copy(query) as copy:
            for block in copy:
                content.write(block)
    content.seek(0)
    frame = pd.read_csv(content)
    if frame.empty:
        raise DataError(
            f"raw_demand holds nothing for region {region.name}; load it first: "
            f"python -m trainer ingest --region {region.name} --csv data.csv"
        )
    if frame["reference"].isna().all():
        del frame["reference"]
    frame["time"] = pd.to_datetime(frame["time"], unit="s", utc=True)
    return frame
