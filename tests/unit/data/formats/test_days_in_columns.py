"""Tables with an hour in each row and a day in each column."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from tests.unit.data.formats.published import by_hour, days
from tests.unit.data.formats.workbook import workbook
from tests.unit.data.formats.written import AUTUMN, BERLIN, SPRING, SUMMER, local, naive, packed, read, same
from trainer.data.hours import SourceHours
from trainer.data.proposal import proposal
from trainer.data.sources import read_source
from trainer.errors import DataError

Cells = list[list[object]]


def _days(demand: pd.Series[float]) -> dict[pd.Timestamp, list[float]]:
    return {pd.Timestamp(str(day)): list(of_day) for day, of_day in demand.groupby(local(demand).date)}


def by_number(
    demand: pd.Series[float], label: str = "{}", *, corner: str = "Hour", day: str = "%Y-%m-%d"
) -> Cells:
    """A row for each number of an hour; of 25, where clocks go back, the last is empty on all other days."""
    columns = _days(demand)
    rows = range(max(map(len, columns.values())))
    return [
        [corner, *(f"{each:{day}}" for each in columns)],
        *([label.format(n + 1), *(c[n] if n < len(c) else "" for c in columns.values())] for n in rows),
    ]


def by_clock(demand: pd.Series[float], label: Callable[[int], str], *, minutes: int = 60) -> Cells:
    """A row for each hour of the clock, two for one that the clocks repeat on some day."""
    shown = local(demand)
    told = pd.DataFrame(
        {"day": shown.date, "minute": shown.hour * 60 + shown.minute, "mw": demand.to_numpy()}
    )
    told["again"] = told.groupby(["day", "minute"]).cumcount()
    table = told.pivot_table(index=["minute", "again"], columns="day", values="mw", sort=True)
    rows = [
        [label(minute), *(v if v == v else "" for v in row)]
        for (minute, _), row in zip(table.index, table.to_numpy().tolist(), strict=True)
    ]
    return [["Hour", *map(str, table.columns)], *rows]


def text(cells: Cells, delimiter: str = ",") -> bytes:
    return ("\n".join(delimiter.join(map(str, row)) for row in cells) + "\n").encode()


def _texts(found: SourceHours, kind: str) -> list[str]:
    return [finding.text for finding in found.findings if finding.kind == kind]


@pytest.mark.parametrize("first", [AUTUMN, SPRING, SUMMER])
@pytest.mark.parametrize("label", ["{}", "HE {}", "H{}", "Hora {}", "Std. {}", "{}시", "{}時", "{} h"])
def test_rows_may_be_numbered_as_the_hours_of_a_day(label: str, first: str, tmp_path: Path) -> None:
    demand = days(BERLIN, first)
    found = read(text(by_number(demand, label)), tmp_path, unit="MW")
    same(found, demand)
    assert _texts(found, "days_across") == ["hours stand in rows and days in columns: 16 days"]


@pytest.mark.parametrize("first", [AUTUMN, SPRING, SUMMER])
@pytest.mark.parametrize(
    "label",
    [
        lambda minute: f"{minute // 60:02d}:00",
        lambda minute: f"{minute // 60 + 1:02d}:00",
        lambda minute: f"{minute // 60:02d}:00 - {minute // 60 + 1:02d}:00",
        lambda minute: f"{minute // 60}-{minute // 60 + 1}",
        lambda minute: f"{minute // 60}",
        lambda minute: f"{(minute // 60 + 11) % 12 + 1} {'AM' if minute < 720 else 'PM'}",
    ],
    ids=["beginnings", "ends", "both", "numbers of both", "numbers from 0", "halves of a day"],
)
def test_rows_may_name_hours_of_the_clock(label: Callable[[int], str], first: str, tmp_path: Path) -> None:
    demand = days(BERLIN, first)
    same(read(text(by_clock(demand, label)), tmp_path, unit="MW"), demand)


@pytest.mark.parametrize(
    "day",
    [
        *(
            "%d.%m.%Y",
            "%d/%m/%Y",
            "%m/%d/%Y",
            "%Y%m%d",
            "%d-%b-%Y",
            "%d-%b-%y",
            "%Y/%-m/%-d",
            "%Y년 %m월 %d일",
        ),
        *("%Y-%m-%d 00:00:00", "%a %d.%m.%Y", "%d.%m.%Y (%a)", '"%b %-d, %Y"'),
    ],
)
def test_days_in_headers_are_read_in_any_usual_spelling(day: str, tmp_path: Path) -> None:
    demand = days(BERLIN, AUTUMN)
    same(read(text(by_number(demand, day=day)), tmp_path, unit="MW"), demand)


@pytest.mark.parametrize("minutes", [30, 15])
def test_rows_may_be_parts_of_hours(minutes: int, tmp_path: Path) -> None:
    demand = days(BERLIN, AUTUMN, minutes=minutes)
    same(read(text(by_number(demand)), tmp_path, unit="MW"), by_hour(demand))
    cells = by_clock(demand, lambda minute: f"{minute // 60:02d}:{minute % 60:02d}")
    same(read(text(cells), tmp_path, unit="MW"), by_hour(demand))


def test_beginnings_and_ends_in_columns_of_their_own(tmp_path: Path) -> None:
    demand = days(BERLIN, SUMMER)
    cells = by_number(demand)
    head: Cells = [["From", "To", *cells[0][1:]]]
    rows = [[f"{n:02d}:00", f"{n + 1:02d}:00", *row[1:]] for n, row in enumerate(cells[1:])]
    same(read(text(head + rows), tmp_path, unit="MW"), demand)


@pytest.mark.parametrize("nothing", [0, "-", "n/a"])
def test_a_25th_hour_that_other_days_do_not_have(nothing: object, tmp_path: Path) -> None:
    demand = days(BERLIN, AUTUMN)
    cells = [[nothing if cell == "" else cell for cell in row] for row in by_number(demand)]
    same(read(text(cells), tmp_path, unit="MW"), demand)


def test_an_empty_cell_is_an_unknown_hour(tmp_path: Path) -> None:
    demand = days(BERLIN, SUMMER)
    cells = by_number(demand)
    cells[5][4] = ""
    same(read(text(cells), tmp_path, unit="MW"), demand.where(demand.index != demand.index[3 * 24 + 4]))


def test_quoted_cells_with_a_byte_order_mark_and_empty_columns(tmp_path: Path) -> None:
    demand = days(BERLIN, AUTUMN)
    cells = [[f'"{cell}"' for cell in [*row, "", ""]] for row in by_number(demand, corner="")]
    same(read(b"\xef\xbb\xbf" + text(cells).replace(b"\n", b"\r\n"), tmp_path, unit="MW"), demand)


def test_it_may_have_decimal_commas_and_titles(tmp_path: Path) -> None:
    demand = days(BERLIN, AUTUMN)
    cells = [[str(cell).replace(".", ",") for cell in row] for row in by_number(demand)]
    title = b"Netzlast in MW;\nZeitraum;25.10.2021\n\n"
    same(read(title + text(cells, ";"), tmp_path), demand)


@pytest.mark.parametrize("where", ["corner", "row"])
def test_the_unit_is_that_of_the_corner_or_of_a_row_of_units(where: str, tmp_path: Path) -> None:
    demand = days(BERLIN, AUTUMN)
    cells = by_number(demand, corner="Hour [kW]" if where == "corner" else "Hour")
    if where == "row":
        cells.insert(1, ["", *["kW"] * 16])
    same(read(text(cells), tmp_path), demand / 1000)


def test_a_table_that_names_no_unit_is_asked_about(tmp_path: Path) -> None:
    with pytest.raises(
        DataError, match='nothing says the unit of its numbers; say it in the region: unit = "MW"'
    ):
        read(text(by_number(days(BERLIN, SUMMER))), tmp_path)


def test_sums_beside_the_days_and_below_the_hours_are_left_out_and_told_of(tmp_path: Path) -> None:
    demand = days(BERLIN, AUTUMN)
    cells = [[*row, "Average" if n == 0 else n] for n, row in enumerate(by_number(demand))]
    cells += [["Peak", *range(17)], ["", *["Mo"] * 16]]
    found = read(text(cells), tmp_path, unit="MW")
    same(found, demand)
    assert _texts(found, "beside_days") == ["beside hours and days, left out: 'Average', 'Peak'"]


@pytest.mark.parametrize("note", ["Date of issue,2022-07-01", "\nSource: grid\nCreated,2022-07-01,\n"])
def test_a_day_in_a_note_below_begins_no_other_month(note: str, tmp_path: Path) -> None:
    demand = days(BERLIN, SUMMER)
    same(read(text(by_number(demand)) + note.encode(), tmp_path, unit="MW"), demand)


def test_a_part_of_a_day_is_read_where_the_region_says_that_it_is_such_a_table(tmp_path: Path) -> None:
    demand = days(BERLIN, SUMMER).iloc[:20]
    same(read(text(by_number(demand)), tmp_path, unit="MW", wide=True), demand)


def test_rows_that_contradict_each_other_are_told_by_their_lines(tmp_path: Path) -> None:
    demand = days(BERLIN, SUMMER)
    cells = by_number(demand)
    cells.insert(6, [5, *[1] * 16])
    found = read(text(cells), tmp_path, unit="MW")
    assert len(found.reasons) == 16
    assert "(line 6: demand 35206.2; line 7: demand 1)" in _texts(found, "contradictions")[0]


def test_a_row_and_a_day_that_are_there_twice_are_copies(tmp_path: Path) -> None:
    demand = days(BERLIN, AUTUMN)
    cells = [[*row, row[3]] for row in by_number(demand)]
    same(read(text([*cells[:6], cells[5], *cells[6:]]), tmp_path, unit="MW"), demand)


@pytest.mark.parametrize("kind", ["sheets", "files", "one below the other", "in one sheet"])
@pytest.mark.parametrize("cut", ["2021-11-01", "2021-10-28"])
def test_months_are_one_series(kind: str, cut: str, tmp_path: Path) -> None:
    demand = days(BERLIN, AUTUMN)
    months = {
        "1": by_number(demand[local(demand) < cut]),
        "2": by_number(demand[local(demand) >= cut], "0{}" if kind == "files" else "{}"),
    }
    contents = {
        "sheets": workbook({"Notes": [["made", "by"], ["a", "b"]], **months}),
        "files": packed({f"{name}.csv": text(cells) for name, cells in months.items()}),
        "one below the other": text(months["1"]) + b"\n" + text(months["2"]),
        "in one sheet": workbook({"1": [*months["1"], [""], *months["2"]]}),
    }
    found = read(contents[kind], tmp_path, unit="MW")
    same(found, demand)
    assert _texts(found, "days_across") == ["hours stand in rows and days in columns: 16 days"]


def test_months_in_different_units_are_refused(tmp_path: Path) -> None:
    demand = days(BERLIN, AUTUMN)
    halves = [demand[local(demand) < "2021-11-01"], demand[local(demand) >= "2021-11-01"]]
    files = {
        f"{unit}.csv": text(by_number(half, corner=f"Hour ({unit})"))
        for unit, half in zip(("MW", "kW"), halves, strict=True)
    }
    with pytest.raises(DataError, match="are in different units, kw, mw; write them in one"):
        read(packed(files), tmp_path)
    same(read(packed(files), tmp_path, where={"file": "kW.csv"}), halves[1] / 1000)


def _zones(demand: pd.Series[float]) -> Cells:
    head, *rows = by_number(demand)
    return [
        ["Zone", *head],
        *(
            [zone, row[0], *(float(str(v)) * part for v in row[1:])]
            for zone, part in (("N", 1), ("S", 2))
            for row in rows
        ),
    ]


def test_zones_are_asked_about_chosen_and_added_up(tmp_path: Path) -> None:
    demand = days(BERLIN, SUMMER)
    content = text(_zones(demand))
    with pytest.raises(DataError, match="told apart by column 'Zone': N, S; say which"):
        read(content, tmp_path, unit="MW")
    same(read(content, tmp_path, unit="MW", where={"Zone": "S"}), demand * 2)
    same(read(content, tmp_path, unit="MW", where={"Zone": ["N", "S"]}), demand * 3)


def test_zones_one_below_the_other_are_asked_about_chosen_and_added_up(tmp_path: Path) -> None:
    demand = days(BERLIN, SUMMER)
    content = b"North\n" + text(by_number(demand)) + b"\nSouth\n" + text(by_number(demand * 2))
    with pytest.raises(DataError, match=r"more than one can be demand: .* where = \{table = 1\}"):
        read(content, tmp_path, unit="MW")
    same(read(content, tmp_path, unit="MW", where={"table": 2}), demand * 2)
    same(read(content, tmp_path, unit="MW", where={"table": [1, 2]}), demand * 3)


def test_a_table_of_one_day_is_enough(tmp_path: Path) -> None:
    demand = days(BERLIN, SUMMER).iloc[:24]
    same(read(b"Load in MW\n\n" + text(by_number(demand)), tmp_path), demand)


@pytest.mark.parametrize(("day", "shown"), [("%d.%m.", "25.10., 26.10."), ("%-d-%b", "25-Oct, 26-Oct")])
def test_days_without_a_year_are_refused(day: str, shown: str, tmp_path: Path) -> None:
    cells = by_number(days(BERLIN, AUTUMN), day=day)
    with pytest.raises(
        DataError, match=rf"days in columns, but the headers of these \({shown}, ...\) are no whole"
    ):
        read(text(cells), tmp_path, unit="MW")


def test_days_of_a_month_by_number_are_refused(tmp_path: Path) -> None:
    cells: Cells = [["Hour", *range(1, 31)], *([hour, *[500] * 30] for hour in range(1, 25))]
    with pytest.raises(
        DataError, match=r"headers of these \(1, 2, ...\) are no whole dates; write them with"
    ):
        read(text(cells), tmp_path, unit="MW")


@pytest.mark.parametrize("corner", ["Zone", "Feeder no.", "meter_id"])
def test_numbers_of_something_else_are_no_hours(corner: str, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no column for 'time'"):
        read(text(by_number(days(BERLIN, SUMMER), corner=corner)), tmp_path, unit="MW")


def test_the_verb_region_needs_no_answer_for_it(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(text(by_number(days(BERLIN, SUMMER), corner="Stunde")))
    found = proposal(read_source(BERLIN, source=str(path)), BERLIN)
    assert (found.columns, found.date_columns) == ({}, ())


def test_months_below_lines_that_are_skipped(tmp_path: Path) -> None:
    demand = days(BERLIN, AUTUMN)
    months = [
        by_number(demand[local(demand) < "2021-11-01"]),
        by_number(demand[local(demand) >= "2021-11-01"]),
    ]
    content = b"Hour,made,by\n1,2,3\n" + b"\n".join(map(text, months))
    same(read(content, tmp_path, unit="MW", skip_lines=2), demand)


def test_a_table_with_a_time_in_each_row_is_not_turned(tmp_path: Path) -> None:
    demand = days(BERLIN, SUMMER)
    rows: Cells = [[n, stamp, value, value / 2] for n, (stamp, value) in enumerate(naive(demand))]
    content = text([["n", "time", "2022-06-01", "2021-06-01"], *rows])
    same(read(content, tmp_path, columns={"2022-06-01": "demand"}), demand)
    with pytest.raises(DataError, match="no column for 'demand'"):
        read(content, tmp_path)


def test_another_table_beside_a_month_of_days_is_told_of(tmp_path: Path) -> None:
    demand = days(BERLIN, SUMMER)
    content = text(by_number(demand)) + b"\nstation,temp,wind\nTempelhof,20,3\nDahlem,19,2\n"
    found = read(content, tmp_path, unit="MW")
    same(found, demand)
    assert "left out: table 2 (line 27, rows: 2, station, temp, wind)" in _texts(found, "tables")[0]
