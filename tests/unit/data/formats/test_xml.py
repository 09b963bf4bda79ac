"""Files of XML: market documents, records, and workbooks as spreadsheets wrote them in 2003."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from tests.unit.data.formats.published import by_hour, days
from tests.unit.data.formats.written import AUTUMN, BERLIN, SPRING, local, read, same
from trainer.data.files import xml_text
from trainer.errors import DataError

DAYS = pytest.mark.parametrize("day", [SPRING, AUTUMN])


def market_document(demand: pd.Series[float], *, curve: str = "A01", unit: str = "MAW") -> bytes:
    """A period for each local day; of the curve A03 no point that repeats the one before."""
    step = demand.index[1] - demand.index[0]
    periods = ""
    for _, of_day in demand.groupby(local(demand).date):
        points = "".join(
            f"<Point><position>{place}</position><quantity>{value}</quantity></Point>"
            for place, value in enumerate(of_day, start=1)
            if curve == "A01" or place == 1 or value != of_day.iloc[place - 2]
        )
        first, last = of_day.index[0], of_day.index[-1] + step
        periods += (
            f"<Period><timeInterval><start>{first:%Y-%m-%dT%H:%MZ}</start><end>{last:%Y-%m-%dT%H:%MZ}</end>"
            f"</timeInterval><resolution>PT{step // pd.Timedelta(minutes=1)}M</resolution>{points}</Period>"
        )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<GL_MarketDocument xmlns="urn:iec62325.351:tc57wg16:451-6:'
        'generationloaddocument:3:0"><type>A65</type><TimeSeries><mRID>1</mRID>'
        f"<quantity_Measure_Unit.name>{unit}</quantity_Measure_Unit.name><curveType>{curve}</curveType>"
        f"{periods}</TimeSeries></GL_MarketDocument>"
    ).encode()


@DAYS
@pytest.mark.parametrize("minutes", [15, 60])
def test_a_market_document_is_read_by_its_periods(day: str, minutes: int, tmp_path: Path) -> None:
    demand = days(BERLIN, day, minutes=minutes)
    found = read(market_document(demand), tmp_path, columns={"quantity [MW]": "demand"})
    same(found, by_hour(demand))


def test_points_of_a_curve_of_blocks_hold_until_the_next_one(tmp_path: Path) -> None:
    demand = days(BERLIN, SPRING)
    demand = demand.where(demand.index.hour % 3 == 0).ffill()
    content = market_document(demand, curve="A03")
    assert content.count(b"<Point>") < len(demand)
    same(read(content, tmp_path, columns={"quantity [MW]": "demand"}), demand)


@pytest.mark.parametrize(
    ("told", "header"),
    [
        ("<type>A65</type><process.processType>A01</process.processType>", "forecast quantity [MW]"),
        ("<type>A75</type><process.processType>A16</process.processType>", "generation [MW]"),
    ],
)
def test_a_document_of_something_else_than_measured_load_says_so(
    told: str, header: str, tmp_path: Path
) -> None:
    demand = days(BERLIN, SPRING)
    content = market_document(demand).replace(b"<type>A65</type>", told.encode())
    same(read(content, tmp_path, columns={header: "demand"}), demand)


def test_two_quantities_of_one_position_are_a_doubt(tmp_path: Path) -> None:
    demand = days(BERLIN, SPRING)
    again = b"<Point><position>5</position><quantity>1</quantity></Point></Period>"
    content = market_document(demand).replace(b"</Period>", again, 1)
    found = read(content, tmp_path, columns={"quantity [MW]": "demand"})
    assert [*found.reasons] == [demand.index[4]]
    same(found, demand.where(demand.index != demand.index[4]))


def test_the_unit_of_a_market_document_is_believed(tmp_path: Path) -> None:
    demand = days(BERLIN, SPRING)
    content = market_document(demand * 1000, unit="KWT")
    same(read(content, tmp_path, columns={"quantity [kW]": "demand"}), demand)


@DAYS
def test_records_are_rows(day: str, tmp_path: Path) -> None:
    demand = days(BERLIN, day)
    items = "".join(
        f"<item><from>{time:%Y-%m-%dT%H:%M:%S%z}</from><load>{value}</load></item>"
        for time, value in demand.items()  # type: ignore[attr-defined]
    )
    content = f"<response><made>2022-01-01</made><items>{items}</items></response>".encode()
    same(read(content, tmp_path, columns={"from": "time"}), demand)


def test_attributes_are_columns_and_what_is_said_of_series_stands_beside_their_rows(tmp_path: Path) -> None:
    demand = days(BERLIN, AUTUMN)
    series = "".join(
        f'<series name="{name}">'
        + "".join(f'<v t="{int(time.timestamp())}" mw="{value * size}"/>' for time, value in demand.items())  # type: ignore[attr-defined]
        + "</series>"
        for name, size in (("measured", 1), ("plan", 2))
    )
    content = f"<data>{series}</data>".encode()
    columns = {"t": "time", "mw": "demand"}
    with pytest.raises(DataError, match=r'where = \{"name" = "measured"\}'):
        read(content, tmp_path, columns=columns)
    same(read(content, tmp_path, columns=columns, where={"name": "measured"}), demand)


def test_a_workbook_of_2003_is_read_as_any_other(tmp_path: Path) -> None:
    demand = days(BERLIN, AUTUMN)
    rows = "".join(
        f'<Row><Cell><Data ss:Type="DateTime">{time:%Y-%m-%dT%H:%M:%S.000}</Data></Cell>'
        f'<Cell ss:Index="3"><Data ss:Type="Number">{value}</Data></Cell></Row>'
        for time, value in zip(local(demand), demand, strict=True)
    )
    header = "".join(
        f'<Cell><Data ss:Type="String">{name}</Data></Cell>' for name in ("time", "note", "demand")
    )
    content = (
        '<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet" xmlns:ss="urn:'
        'schemas-microsoft-com:office:spreadsheet"><Worksheet ss:Name="Load"><Table><Row><Cell><Data ss:Type='
        f'"String">Load of Germany</Data></Cell></Row><Row/><Row>{header}</Row>{rows}</Table></Worksheet>'
        "</Workbook>"
    )
    same(read(content.encode(), tmp_path), demand)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (
            "<?xml version='1.0'?><Ack><Reason><text>No matching data found</text></Reason></Ack>",
            "No matching data",
        ),
        ("<?xml version='1.0'?><a><b>1</b>", "damaged XML"),
    ],
)
def test_what_has_no_rows_is_refused(content: str, said: str, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=said):
        read(content.encode(), tmp_path)


@pytest.mark.parametrize("resolution", ["P1M", "PT0M", ""])
def test_a_resolution_that_is_no_length_of_time_is_refused(resolution: str, tmp_path: Path) -> None:
    content = market_document(days(BERLIN, SPRING), curve="A03").replace(b"PT60M", resolution.encode())
    with pytest.raises(DataError, match="no readable times"):
        read(content, tmp_path)


@pytest.mark.parametrize("start", [b"", b"2024-01-01T00:00", b"the first"])
def test_a_period_without_its_beginning_is_refused(start: bytes, tmp_path: Path) -> None:
    content = market_document(days(BERLIN, SPRING), curve="A03")
    begin = content.index(b"<start>") + len(b"<start>")
    end = content.index(b"</start>")
    with pytest.raises(DataError, match="no readable times"):
        read(content[:begin] + start + content[end:], tmp_path)


def test_blocks_that_claim_more_points_than_any_series_has_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(xml_text, "_MOST_POINTS", 1000)
    content = market_document(days(BERLIN, SPRING), curve="A03").replace(b"PT60M", b"PT1S")
    with pytest.raises(DataError, match="more than 1,000 points"):
        read(content, tmp_path)


def test_a_cell_beyond_any_sheet_is_refused(tmp_path: Path) -> None:
    row = '<Row><Cell ss:Index="999999999"><Data ss:Type="Number">1</Data></Cell></Row>'
    content = (
        '<?xml version="1.0"?><Workbook xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet">'
        f'<Worksheet ss:Name="1"><Table>{row}</Table></Worksheet></Workbook>'
    )
    with pytest.raises(DataError, match="stands in column 999,999,999"):
        read(content.encode(), tmp_path)


@pytest.mark.parametrize(
    ("declared", "said"),
    [
        ('<!ENTITY a SYSTEM "file:///etc/hostname">', "undefined entity"),
        ('<!ENTITY b "{}"><!ENTITY a "{}">'.format("x" * 1000, "&b;" * 20_000), "amplification"),
    ],
    ids=["external", "expanding"],
)
def test_entities_reach_no_file_and_fill_no_memory(declared: str, said: str, tmp_path: Path) -> None:
    rows = "<row><time>2024-01-01</time><load>&a;</load></row>" * 2
    content = f'<?xml version="1.0"?><!DOCTYPE data [{declared}]><data>{rows}</data>'
    with pytest.raises(DataError, match=said):
        read(content.encode(), tmp_path)


def test_elements_within_elements_without_end_are_refused(tmp_path: Path) -> None:
    content = b'<?xml version="1.0"?>' + b"<a>" * 100_000 + b"</a>" * 100_000
    with pytest.raises(DataError, match="values nested too deeply"):
        read(content, tmp_path)
