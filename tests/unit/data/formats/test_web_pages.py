"""Web pages that are published under the name of a workbook, and pages that came instead of a file."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.data.formats.published import days
from tests.unit.data.formats.written import AUTUMN, BERLIN, Rows, local, naive, read, same, text
from trainer.errors import DataError


def test_the_longest_table_of_a_page(tmp_path: Path) -> None:
    """As Nord Pool's: a title over all columns, days without a header, `00&nbsp;-&nbsp;01`, commas."""
    demand = days(BERLIN, AUTUMN)
    cells = [
        f"<tr><td>{s:%d-%m-%Y}</td><td>{s:%H}&nbsp;-&nbsp;{(s.hour + 1) % 24:02d}"
        f"<td align=right>{f'{value:.1f}'.replace('.', ',')}</td><td>1,5</td></tr>"
        for s, value in zip(local(demand), demand, strict=True)
    ]
    page = (
        "<html><body><table><tr><td>menu</td></tr></table><table><tr><th colspan=4>Consumption</th></tr>"
        f"<tr><td></td><td>Hours</td><td>SE</td><td>FI</td></tr>{''.join(cells)}</table></body></html>"
    )
    same(read(page.encode(), tmp_path, columns={"SE": "demand"}), demand)


@pytest.mark.parametrize(
    "page", ["<!DOCTYPE html><title>Log in</title>", "<table><tr><td>No data</td></tr></table>"]
)
def test_a_page_that_came_instead_of_a_file_is_refused(page: str, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="is a web page without a table of hours, such as a log-in"):
        read(page.encode(), tmp_path)


def test_headers_in_angle_brackets_are_no_page(tmp_path: Path) -> None:
    demand = days(BERLIN, AUTUMN)
    columns = {"<TIME>": "time", "<MW>": "demand"}
    same(read(text("<TIME>,<MW>", naive(demand)), tmp_path, columns=columns), demand)


def test_a_line_longer_than_any_row_is_no_traceback(tmp_path: Path) -> None:
    rows: Rows = [*naive(days(BERLIN, AUTUMN))]
    with pytest.raises(DataError, match="more fields than the header"):
        read(b"x" * 200_000 + b"\n" + text("a,b,c", rows)[6:], tmp_path)
