"""Rows on their way into a table: a temporary one, filled by COPY, to upsert from in one statement."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
import numpy.typing as npt
from psycopg import Cursor, sql

from trainer.database.connection import Connection


@contextmanager
def incoming(
    connection: Connection, columns: Mapping[str, str], rows: Iterable[Sequence[Any]]
) -> Iterator[Cursor[tuple[Any, ...]]]:
    """A transaction in which `rows` are the temporary table `incoming`. `columns`: name -> type, in the order
    of the rows' values."""
    defined = [sql.SQL("{} {}").format(sql.Identifier(name), sql.SQL(kind)) for name, kind in columns.items()]
    with connection.transaction(), connection.cursor() as cursor:
        cursor.execute(
            sql.SQL("CREATE TEMP TABLE incoming ({}) ON COMMIT DROP").format(sql.SQL(", ").join(defined))
        )
        with cursor.copy("COPY incoming FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)
        yield cursor
        cursor.execute("DROP TABLE incoming")  # the transaction may be part of a longer one


def known_weather(names: Sequence[str], values: npt.NDArray[np.float64]) -> str:
    """The figures of `names` that are known, as JSON."""
    known = {name: float(value) for name, value in zip(names, values, strict=True) if not np.isnan(value)}
    return json.dumps(known)
