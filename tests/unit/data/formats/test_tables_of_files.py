"""Where a table lies in a file: delimiters, encodings, lines above, one series of several."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.unit.data.formats.published import days
from tests.unit.data.formats.written import (
    BERLIN,
    SUMMER,
    Rows,
    local,
    naive,
    read,
    same,
    text,
)
from trainer.errors import DataError


@pytest.mark.parametrize("delimiter", ["|", "\t", "#"])
def test_a_region_names_its_delimiter(delimiter: str, tmp_path: Path) -> None:
    demand = days(BERLIN, SUMMER)
    same(read(text("time,demand", naive(demand), delimiter), tmp_path, delimiter=delimiter), demand)


@pytest.mark.parametrize("encoding", ["latin-1", "utf-16", "cp932"])
def test_a_region_names_its_encoding(encoding: str, tmp_path: Path) -> None:
    header = "time,エリア需要" if encoding == "cp932" else "time,Nachfrage für"
    demand = days(BERLIN, SUMMER)
    content = text(header, naive(demand)).decode().encode(encoding)
    same(read(content, tmp_path, encoding=encoding, columns={header.split(",")[1]: "demand"}), demand)


def test_lines_above_the_header_are_left_out_by_count_and_by_themselves(tmp_path: Path) -> None:
    demand = days(BERLIN, SUMMER)
    content = b"Total demand; made 2022-07-01\nLicence: CC-BY, see site\n\n" + text(
        "time,demand", naive(demand)
    )
    same(read(content, tmp_path, skip_lines=3), demand)
    found = read(content, tmp_path)
    same(found, demand)
    assert found.findings[0].text.startswith("lines above the header, left out: 2")


def test_where_chooses_one_series_of_several(tmp_path: Path) -> None:
    demand = days(BERLIN, SUMMER)
    rows: Rows = [
        (stamp, area, value + more)
        for stamp, value in naive(demand)
        for area, more in (("N", 0), ("S", 7000))
    ]
    content = text("time,area,demand", rows)
    with pytest.raises(DataError, match=r"told apart by column 'area': N, S; .* where = \{.area. = .N.\}"):
        read(content, tmp_path)
    same(read(content, tmp_path, where={"area": "N"}), demand)
    with pytest.raises(DataError, match="no row has 'area' = 'W', as `where` says; there are N, S"):
        read(content, tmp_path, where={"area": "W"})


def test_commas_of_titles_and_of_numbers_part_no_cells(tmp_path: Path) -> None:
    demand = days(BERLIN, SUMMER)
    rows: Rows = [(stamp, f"{value:.1f}".replace(".", ","), "OK") for stamp, value in naive(demand)]
    title = "Netz; Musterstadt, Werk 1\nErstellt am 01.02.2023, 10:00\n"
    same(read(title.encode() + text("time;demand;Status", rows, ";"), tmp_path), demand)


@pytest.mark.parametrize(
    ("country", "encoding", "header"),
    [
        ("TR", "cp1254", "Tüketim Miktarı"),
        ("PL", "cp1250", "Zużycie łączne"),
        ("GR", "cp1253", "Φορτίο"),
        ("UA", "cp1251", "Споживання"),
        ("LT", "cp1257", "Suvartojimas, iš viso ąčę"),
    ],
)
def test_headers_in_the_code_page_of_the_country(
    country: str, encoding: str, header: str, tmp_path: Path
) -> None:
    demand = days(BERLIN, SUMMER)
    content = text("time;demand", naive(demand), ";").decode().replace("demand", header).encode(encoding)
    same(read(content, tmp_path, replace(BERLIN, country=country), columns={header: "demand"}), demand)


def test_a_version_among_the_headers_is_no_measurement(tmp_path: Path) -> None:
    """As in the tables of AEMO's market system: lines C, I and D, a version beside the names."""
    demand = days(BERLIN, SUMMER)
    rows: Rows = [("D", "REGIONSUM", 4, stamp, 1, value) for stamp, value in naive(demand)]
    content = b"C,NEMP.WORLD,2022/06/06\n" + text("I,REGIONSUM,4,SETTLEMENT,RUN,MW", rows) + b"C,END,900\n"
    same(read(content, tmp_path, columns={"SETTLEMENT": "time", "MW": "demand"}), demand)


@pytest.mark.parametrize("spelling", ["%d-%b-%Y %H:%M", "%m/%d/%Y %I:%M %p"])
def test_a_first_row_without_a_measurement_is_no_row_of_headers(spelling: str, tmp_path: Path) -> None:
    demand = days(BERLIN, SUMMER)
    times = local(demand).strftime(spelling)
    rows: Rows = [(time, 7, value) for time, value in zip(times, demand, strict=True)]
    rows[0] = (times[0], 7, "n/a")
    same(read(text("time,version,demand", rows), tmp_path), demand.where(demand.index > demand.index[0]))
