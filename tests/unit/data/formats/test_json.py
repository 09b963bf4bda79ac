"""Files of JSON: whatever the shape of the rows in them, they are read as the same table of text would be."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from tests.unit.data.formats.published import days
from tests.unit.data.formats.written import AUTUMN, BERLIN, SPRING, SUMMER, read, same
from trainer.data.files import json_tables
from trainer.data.sources import read_source
from trainer.errors import DataError

DEMAND = days(BERLIN, SPRING)
PAIRS = [(time.isoformat(), value) for time, value in DEMAND.items()]  # type: ignore[attr-defined]
SECONDS = [int(time.timestamp()) for time in DEMAND.index]
VALUES = DEMAND.tolist()


@pytest.mark.parametrize(
    "value",
    [
        [{"time": time, "load": value} for time, value in PAIRS],
        {"total": 384, "data": [{"time": time, "load": str(value)} for time, value in PAIRS]},
        {
            "details": [{"date": time, "values": {"load": value}} for time, value in PAIRS],
            "last": PAIRS[-1][0],
        },
        {"series": [[second * 1000, value] for second, value in zip(SECONDS, VALUES, strict=True)]},
        {"columns": ["time", "load"], "data": PAIRS},
        {"fields": [{"id": "time"}, {"id": "load"}], "records": PAIRS},
        {"results": [{"series": [{"name": "grid", "columns": ["time", "load"], "values": PAIRS}]}]},
        {"metric": {"name": "load"}, "result": [{"metric": {"area": "DE"}, "values": PAIRS}]},
        {"unix": SECONDS, "production": [{"name": "Load", "data": VALUES}], "deprecated": False},
        {"labels": [time for time, _ in PAIRS], "load": VALUES},
        {"load": dict(PAIRS)},
        {time: {"load": value} for time, value in PAIRS},
        dict(PAIRS),
        json.loads(pd.DataFrame(PAIRS, columns=["time", "load"]).to_json()),
        json.loads(pd.DataFrame(PAIRS, columns=["time", "load"]).to_json(orient="split")),
    ],
    ids=[
        *("records", "records within", "objects in records", "pairs", "columns beside lists", "named fields"),
        *("values of a series", "values of a metric", "columns by name", "columns", "by key", "by time"),
        *("values by time", "columns of pandas", "split by pandas"),
    ],
)
def test_rows_are_found_in_any_shape(value: Any, tmp_path: Path) -> None:
    headers = set(read_source(BERLIN, source=str(written(value, tmp_path))).frame.columns)
    times = {"unix", "date", "labels", "time"} & headers
    demand = {"load", "Load", "value"} & headers
    columns = {times.pop(): "time", demand.pop(): "demand"}
    same(read(json.dumps(value).encode(), tmp_path, columns=columns), DEMAND)


def test_a_value_in_each_line_is_a_row(tmp_path: Path) -> None:
    lines = "\n".join(json.dumps({"time": time, "load": value}) for time, value in PAIRS)
    same(read(lines.encode(), tmp_path), DEMAND)


def test_several_series_are_asked_about_and_chosen(tmp_path: Path) -> None:
    series = [
        {"Name": name, "Data": [{"time": time, "load": value * size} for time, value in PAIRS]}
        for name, size in (("executed", 1), ("programme", 2))
    ]
    content = json.dumps({"Chart": {"Series": series, "Title": "x"}}).encode()
    with pytest.raises(DataError, match=r'where = \{"Name" = "executed"\}'):
        read(content, tmp_path)
    same(read(content, tmp_path, where={"Name": "executed"}), DEMAND)


@pytest.mark.parametrize(
    ("demand", "other"), [("actual", "forecast"), ("load", "temperature"), ("zapotrzebowanie", "prognoza")]
)
def test_of_several_tables_the_one_whose_name_speaks_of_demand_is_read(
    demand: str, other: str, tmp_path: Path
) -> None:
    rows = [[{"time": time, "value": value * size} for time, value in PAIRS] for size in (1, 2)]
    content = json.dumps({other: rows[1] + rows[1][-1:], demand: rows[0]}).encode()
    columns = {"value": "demand"}
    found = read(content, tmp_path, columns=columns)
    same(found, DEMAND)
    assert f"rows read from '{demand}'; of '{other}' ({len(PAIRS) + 1} rows)" in found.findings[0].text
    same(read(content, tmp_path, columns=columns, where={"table": other}), DEMAND * 2)


def test_several_tables_that_nothing_tells_apart_are_asked_about(tmp_path: Path) -> None:
    rows = [{"time": time, "load": value} for time, value in PAIRS]
    for value in (
        {"a": rows, "b": rows},
        [{"day": 1, "a": rows, "b": rows}, {"day": 2, "a": rows, "b": rows}],
    ):
        with pytest.raises(DataError, match=r"several tables, .* where = \{table = \"a\"\}"):
            read(json.dumps(value).encode(), tmp_path)


@pytest.mark.parametrize("by_key", [False, True])
def test_a_list_of_the_values_of_each_day_is_read_as_hours(by_key: bool, tmp_path: Path) -> None:
    demand = days(BERLIN, "2022-06-06")
    local = pd.DatetimeIndex(demand.index).tz_convert("Europe/Berlin").strftime("%Y-%m-%d")
    lists = {day: values.tolist() for day, values in demand.groupby(local)}
    value = lists if by_key else {"days": [{"date": day, "values": values} for day, values in lists.items()]}
    same(read(json.dumps(value).encode(), tmp_path, unit="MW"), demand)


def test_local_times_are_read_as_those_of_a_file_of_text(tmp_path: Path) -> None:
    demand = days(BERLIN, AUTUMN)
    local = pd.DatetimeIndex(demand.index).tz_convert("Europe/Berlin")
    rows = [
        {"time": f"{time:%d.%m.%Y %H:%M}", "load": value} for time, value in zip(local, demand, strict=True)
    ]
    same(read(json.dumps(rows).encode(), tmp_path), demand)


def test_what_is_unknown_stays_unknown(tmp_path: Path) -> None:
    rows: list[dict[str, Any]] = [{"time": time, "load": value} for time, value in PAIRS]
    rows[5]["load"], rows[6]["load"] = None, "n/a"
    del rows[7]["load"]
    found = read(json.dumps(rows).encode(), tmp_path)
    assert found.frame["demand"].isna().to_numpy().nonzero()[0].tolist() == [5, 6, 7]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"error": {"code": 403, "message": "no key"}}', "JSON without a table of hours"),
        ('{"data": []}', "JSON without a table of hours"),
        ('{"data": [{"time": "2024-01-01T00:00"', "damaged JSON"),
    ],
)
def test_what_is_no_table_is_refused(text: str, said: str, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=said):
        read(text.encode(), tmp_path)


@pytest.mark.parametrize("deep", ['[{"a":', "[["])
def test_values_within_values_without_end_are_refused(deep: str, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="values nested too deeply"):
        read((deep * 50_000).encode(), tmp_path)


def test_many_lists_in_many_objects_are_looked_through_once() -> None:
    rows = [{"time": time, "load": value} for time, value in PAIRS[:2]]
    value = {"data": [{f"series {number}": rows for number in range(60)} for _ in range(60)]}
    looked = 0

    def counted(*said: Any) -> Any:
        nonlocal looked
        looked += 1
        return of_list(*said)

    of_list = json_tables._rows_of_list
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(json_tables, "_rows_of_list", counted)
        tables = json_tables.tables_in(value)
    assert len(tables) == 60
    assert looked < 3 * 60 * 60


def test_a_file_is_known_by_what_it_holds_whatever_its_name(tmp_path: Path) -> None:
    path = tmp_path / "export"
    path.write_text("time;demand\n2024-01-01 00:00;5\n2024-01-01 01:00;6\n")
    assert read_source(BERLIN, source=str(path)).frame["demand"].tolist() == ["5", "6"]


def written(value: Any, folder: Path) -> Path:
    path = folder / "a.json"
    path.write_text(json.dumps(value))
    return path


ROWS = [{"time": time, "value": value} for time, value in PAIRS]


def test_a_short_table_of_demand_goes_before_a_long_one_of_generation(tmp_path: Path) -> None:
    long = [{"time": f"2021-01-{n % 28 + 1:02d}T00:00Z", "value": n} for n in range(20 * len(ROWS))]
    content = json.dumps({"generation": long, "demand": ROWS}).encode()
    same(read(content, tmp_path, columns={"value": "demand"}), DEMAND)


def test_the_only_table_is_asked_about_where_it_speaks_of_a_forecast(tmp_path: Path) -> None:
    content = json.dumps({"forecast": ROWS}).encode()
    with pytest.raises(
        DataError, match=r"'forecast' speaks of a forecast.* where = \{table = \"forecast\"\}"
    ):
        read(content, tmp_path, columns={"value": "demand"})
    same(read(content, tmp_path, columns={"value": "demand"}, where={"table": "forecast"}), DEMAND)


def test_columns_that_are_shorter_than_their_times_are_refused(tmp_path: Path) -> None:
    value = {"time": [time for time, _ in PAIRS], "load": VALUES[:-3], "load_forecast": VALUES}
    with pytest.raises(DataError, match=r"'time' has 383 values and 'load' beside it 380: .* give null"):
        read(json.dumps(value).encode(), tmp_path)


@pytest.mark.parametrize(
    "said",
    [
        {"meta": {"unit": "GW", "timezone": "UTC"}},
        {"units": {"load": "GW", "temperature": "C"}, "time_zone": "Etc/GMT"},
        {"unit": "GW", "info": {"tz": "UTC"}},
    ],
)
def test_units_and_clocks_that_stand_about_a_table_are_heard(said: Any, tmp_path: Path) -> None:
    demand = days(BERLIN, SUMMER)
    rows = [
        {"time": f"{time:%Y-%m-%dT%H:%M}", "load": value}
        for time, value in zip(demand.index, (demand / 1000).round(6), strict=True)
    ]
    same(read(json.dumps({**said, "data": rows}).encode(), tmp_path), demand)
