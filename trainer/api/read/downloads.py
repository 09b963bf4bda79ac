"""The hours of an answer as a file of CSV, for a spreadsheet or a script without JSON."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from datetime import date
from typing import Annotated, Any, Final, Literal

from fastapi import Query, Response
from pydantic import BaseModel

Format = Literal["json", "csv"]
AnswerFormat = Annotated[
    Format,
    Query(
        alias="format",
        description="csv: the hours alone, a line each, under the names that JSON has for them",
    ),
]
CSV: Final = "text/csv; charset=utf-8"
DESCRIPTION: Final[dict[int | str, dict[str, Any]]] = {
    200: {"content": {"text/csv": {"schema": {"type": "string"}, "example": "time,local_time,actual_mw\r\n"}}}
}
"""Of a route's answer, beside JSON."""


def as_csv(of: type[BaseModel], hours: Sequence[BaseModel], name: str) -> Response:
    """`hours`, each an `of`, to be kept as `name`.csv: by RFC 4180, times in ISO 8601, an empty cell for a
    figure that is not known. Without hours the header alone."""
    text = io.StringIO()
    table = csv.DictWriter(text, list(of.model_fields))
    table.writeheader()
    table.writerows(hour.model_dump(mode="json") for hour in hours)
    return Response(
        text.getvalue(), media_type=CSV, headers={"Content-Disposition": f'attachment; filename="{name}.csv"'}
    )


def file_name(region: str, product: str, what: str, start: date) -> str:
    """Such as KR_day_ahead_forecast_2023-10-31; `start` is a day or a moment."""
    return "_".join([region, *([product] if product else []), what, f"{start:%Y-%m-%d}"])
