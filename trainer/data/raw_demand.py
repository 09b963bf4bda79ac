"""The table raw_demand as a source: what ingestion has gathered for a region."""

from __future__ import annotations

import io
import os
from collections.abc import Mapping

import pandas as pd

from trainer.contract import Env, Region
from trainer.errors import DataError, InfrastructureError, UsageError


def read_raw_demand(region: Region, *, environ: Mapping[str, str] | None = None) -> pd.DataFrame:
    """Columns time (UTC), demand (MW, NaN in the future) and the region's weather, in order of time.

    The database is DEMAND_FORECAST_POSTGRES_URL. Raises UsageError without it, InfrastructureError when
    the server refuses, DataError when the table is not there or holds nothing for the region.
    """
    url = (os.environ if environ is None else environ).get(Env.POSTGRES_URL)
    if not url:
        raise UsageError(
            f"source raw_demand needs {Env.POSTGRES_URL}, such as postgresql://user:pw@host/database"
        )
    import psycopg  # noqa: PLC0415  files are read without a database driver
    from psycopg import sql  # noqa: PLC0415

    weather = [
        sql.SQL("(weather->>{})::float8 AS {}").format(sql.Literal(name), sql.Identifier(name))
        for name in region.weather
    ]
    # COPY: 40,000 rows arrive as one text that pandas parses, several times faster than row by row.
    query = sql.SQL(
        "COPY (SELECT extract(epoch FROM time)::bigint AS time, {} FROM raw_demand WHERE region = {}"
        " ORDER BY time) TO STDOUT WITH (FORMAT csv, HEADER true)"
    ).format(
        sql.SQL(", ").join([sql.SQL("demand_mw AS demand"), *weather]),
        sql.Literal(region.name),
    )
    content = io.BytesIO()
    try:
        with (
            psycopg.connect(url, connect_timeout=10) as connection,
            connection.cursor() as cursor,
            cursor.copy(query) as copy,
        ):
            for block in copy:
                content.write(block)
    except psycopg.errors.UndefinedTable as error:
        raise DataError(
            "the database has no table raw_demand; bring its schema up to date first (alembic upgrade head)"
        ) from error
    except psycopg.errors.DataException as error:
        raise DataError(
            f"raw_demand holds weather of region {region.name} that is no number: {error}"
        ) from error
    except psycopg.Error as error:
        raise InfrastructureError(f"PostgreSQL cannot be read: {error}; run again once it is back") from error
    content.seek(0)
    frame = pd.read_csv(content)
    if frame.empty:
        raise DataError(
            f"raw_demand holds nothing for region {region.name}; load it first: "
            f"python -m trainer ingest --region {region.name}"
        )
    frame["time"] = pd.to_datetime(frame["time"], unit="s", utc=True)
    return frame
