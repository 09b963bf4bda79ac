"""The hours of an answer as a file of CSV, for a spreadsheet or a script without JSON."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from datetime import date
from typing import Annotated, Any, Final, Literal, Protocol, TypeVar

from fastapi import Query, Response
from pydantic import BaseModel

Format = Literal["json", "csv"]
AnswerFormat = Annotated[
    Format,
    Query(
        alias="format",
        description="csv: the hours alone, a line each, under the names that JSON has for them; a quantile "
        "is a column of its own, such as q5_mw",
    ),
]
CSV: Final = "text/csv; charset=utf-8"
DESCRIPTION: Final[dict[int | str, dict[str, Any]]] = {
    200: {"content": {"text/csv": {"schema": {"type": "string"}, "example": "time,local_time,actual_mw\r\n"}}}
}
"""Of a route's answer, beside JSON."""


class WithHours(Protocol):
    """An answer that has hours."""

    @property
    def hours(self) -> Sequence[BaseModel]: ...


Body = TypeVar("Body", bound=WithHours)


def as_asked(
    answer_format: Format, body: Body, of: type[BaseModel], name: tuple[str, str, str, date]
) -> Body | Response:
    """`body`, or its hours, each an `of`, as CSV: by RFC 4180, times in ISO 8601, an empty cell for a figure
    that is not known; without hours the header alone.

    `name`: region, product, what it is, and its first local day or moment, as in
    KR_day_ahead_forecast_2023-10-30.csv.
    """
    if answer_format == "json":
        return body
    text = io.StringIO()
    rows = [hour.model_dump(mode="json") for hour in body.hours]
    of_quantiles = [
        {f"q{level}_mw": value for level, value in (row.pop("quantiles", None) or {}).items()} for row in rows
    ]
    columns = [name for name in of.model_fields if name != "quantiles"]
    table = csv.DictWriter(text, [*columns, *(of_quantiles[0] if rows else [])])
    table.writeheader()
    table.writerows(row | quantiles for row, quantiles in zip(rows, of_quantiles, strict=True))
    region, product, what, start = name
    file = "_".join(part for part in (region, product, what, f"{start:%Y-%m-%d}") if part)
    return Response(
        text.getvalue(), media_type=CSV, headers={"Content-Disposition": f'attachment; filename="{file}.csv"'}
    )
