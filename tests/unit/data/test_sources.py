"""Reading files, URLs and the sample."""

from __future__ import annotations

import gzip
import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pandas as pd
import pytest

from tests.unit.data.series import GREECE, KOREA, NOW, hours_of, load, naive, write_csv
from trainer.data.sources import read_source
from trainer.data.validation import canonical
from trainer.errors import DataError, InfrastructureError, UsageError

KOREAN_HEADERS = {"time": "일시", "demand": "전력수요(MW)", "temperature": "기온", "humidity": "습도"}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp949"])
def test_korean_csv_reads_the_same_in_every_encoding(tmp_path: Path, encoding: str) -> None:
    frame = load(hours_of(KOREA, "2024-03-01", 3), KOREA)
    path = write_csv(tmp_path / "a.csv", naive(frame, KOREA).rename(columns=KOREAN_HEADERS), encoding)
    history = canonical(read_source(KOREA, source=path), KOREA, now=NOW).frame
    pd.testing.assert_frame_equal(history, frame, check_freq=False, check_index_type=False, rtol=1e-12)


def test_text_in_no_known_encoding_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes("time,demand \x81\n2024-01-01,1\n".encode("latin-1"))
    with pytest.raises(
        DataError, match="text is not utf-8 nor cp1253 nor cp949 nor cp1252; save the file as UTF-8"
    ):
        read_source(GREECE, source=str(path))


@pytest.mark.parametrize("delimiter", [";", "\t"])
def test_other_delimiters_are_recognised(tmp_path: Path, delimiter: str) -> None:
    path = tmp_path / "a.csv"
    path.write_text(f"time{delimiter}demand\n2024-01-01 00:00{delimiter}5\n", encoding="utf-8")
    assert list(read_source(GREECE, source=str(path)).frame) == ["time", "demand"]


def test_rows_keep_their_line_numbers_across_blank_lines(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("\n\ntime,demand\n2024-01-01 00:00,5\n\n2024-01-01 01:00,wrong\n", encoding="utf-8")
    report = canonical(read_source(GREECE, source=str(path)), GREECE, now=NOW).report
    assert "'wrong' in column 'demand', line 6" in report.findings[0].text


@pytest.mark.parametrize("content", ["", "\n\n", "time,demand\n", "time,demand\n\n\n"])
def test_an_empty_file_is_refused(tmp_path: Path, content: str) -> None:
    path = tmp_path / "a.csv"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(DataError, match=r"a\.csv is empty"):
        read_source(GREECE, source=str(path))


def test_a_row_with_too_many_fields_is_refused_by_line(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("time,demand\n2024-01-01 00:00,5\n2024-01-01 01:00,5,7,8\n", encoding="utf-8")
    with pytest.raises(DataError, match=r"not a well-formed CSV file.*line 3"):
        read_source(GREECE, source=str(path))


def test_a_delimiter_at_the_end_of_every_row_is_none_too_many(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("time,demand\n2024-01-01 00:00,5,\n2024-01-01 01:00,6,\n", encoding="utf-8")
    assert read_source(GREECE, source=str(path)).frame["demand"].tolist() == ["5", "6"]


def test_a_field_too_many_in_every_row_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("time,demand\n2024-01-01 00:00,5,2\n2024-01-01 01:00,5,3\n", encoding="utf-8")
    with pytest.raises(DataError, match="rows have more fields than the header"):
        read_source(GREECE, source=str(path))


def test_parquet_with_a_time_index_reads_like_csv(tmp_path: Path) -> None:
    frame = load(hours_of(KOREA, "2024-03-01", 3), KOREA)
    frame.to_parquet(tmp_path / "a.parquet")
    history = canonical(read_source(KOREA, source=str(tmp_path / "a.parquet")), KOREA, now=NOW).frame
    pd.testing.assert_frame_equal(history, frame, check_freq=False, check_index_type=False, rtol=1e-12)


def test_a_damaged_parquet_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    path.write_bytes(b"PAR1 but no more")
    with pytest.raises(DataError, match="is not a Parquet file"):
        read_source(GREECE, source=str(path))


def test_a_file_of_arrow_is_read_as_one_of_parquet(tmp_path: Path) -> None:
    frame = pd.DataFrame({"time": pd.date_range("2024-01-01", periods=3, freq="h", tz="UTC"), "demand": 5.0})
    frame.to_feather(tmp_path / "demand.feather")
    assert read_source(GREECE, source=str(tmp_path / "demand.feather")).frame["demand"].tolist() == [5.0] * 3


def test_an_url_of_any_file_system_is_read(tmp_path: Path) -> None:
    import fsspec

    with fsspec.open("memory://bucket/demand.csv", "w") as stream:
        stream.write("time,demand\n2024-01-01 00:00,5\n")
    assert len(read_source(GREECE, source="memory://bucket/demand.csv").frame) == 1


@pytest.mark.parametrize(
    "source",
    [
        "/nowhere/demand.csv",
        "memory://nowhere/demand.csv",
        "nosuch://host/a.csv",
        "https:///a.csv",
        "data.xlsx",
    ],
)
def test_a_source_that_cannot_be_there_is_a_usage_error(source: str) -> None:
    with pytest.raises(UsageError):
        read_source(GREECE, source=source)


class Refusing(BaseHTTPRequestHandler):
    """Answers every request with the status that its path begins with; `/0.csv` is never answered."""

    def do_GET(self) -> None:
        if status := int(self.path.strip("/").partition(".")[0]):
            self.send_error(status)
        else:
            self.close_connection = True

    def do_HEAD(self) -> None:
        self.do_GET()

    def log_message(self, *_: object) -> None:
        """Not among the tests' own output."""


@pytest.fixture(scope="module")
def refusing() -> Iterator[str]:
    """URL of an HTTP server that has no file."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Refusing) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.mark.parametrize("status", [404, 410])
def test_a_file_that_its_server_does_not_have_is_a_usage_error(refusing: str, status: int) -> None:
    with pytest.raises(UsageError, match="does not exist"):
        read_source(GREECE, source=f"{refusing}/{status}.csv")


@pytest.mark.parametrize(
    ("path", "reason"),
    [("503.csv", "503"), ("429.parquet", "429"), ("403.csv", "403"), ("0.csv", "Server disconnected")],
)
def test_a_server_that_does_not_give_the_file_now_is_an_infrastructure_error(
    refusing: str, path: str, reason: str
) -> None:
    with pytest.raises(InfrastructureError, match=f"{reason}.*try again later"):
        read_source(GREECE, source=f"{refusing}/{path}")


@pytest.mark.parametrize("name", ["404.csv", "403.csv", "0.csv"])
def test_an_error_of_a_server_repeats_no_password_and_no_signature(refusing: str, name: str) -> None:
    source = f"{refusing.replace('://', '://operator:tr0ub4dor@')}/{name}?X-Amz-Signature=tr0ub4dor"
    with pytest.raises((UsageError, InfrastructureError), match=f"{refusing}/{name}") as caught:
        read_source(GREECE, source=source)
    assert "tr0ub4dor" not in str(caught.value)


@pytest.mark.parametrize(
    "source",
    [
        "nosuch://operator:tr0ub4dor@host/a.csv?tr0ub4dor",
        "https://operator:tr0ub4dor@host/a.xlsx?tr0ub4dor",
        "https://operator:tr0ub4dor/7@host/a.csv",
    ],
    ids=["unknown protocol", "unknown format", "malformed"],
)
def test_a_url_that_cannot_be_opened_is_refused_without_its_password(source: str) -> None:
    with pytest.raises((UsageError, InfrastructureError)) as caught:
        read_source(GREECE, source=source)
    assert "tr0ub4dor" not in str(caught.value)


def test_data_that_came_by_a_presigned_url_are_reported_under_the_file_s_own(tmp_path: Path) -> None:
    import fsspec

    with fsspec.open("memory://bucket/presigned.csv", "w") as stream:
        stream.write("time,demand\n2024-01-01 00:00,5\n")
    with fsspec.open("memory://bucket/presigned.csv?sig=tr0ub4dor", "w") as stream:
        stream.write("time,demand\n2024-01-01 00:00,6\n")
    read = read_source(GREECE, source="memory://bucket/presigned.csv?sig=tr0ub4dor")
    assert read.place == "memory://bucket/presigned.csv"
    assert read.frame["demand"].to_list() == ["6"]


def test_a_server_that_is_down_is_an_infrastructure_error() -> None:
    with socket.socket() as bound:  # and not listening: connections are refused
        bound.bind(("127.0.0.1", 0))
        host, port = bound.getsockname()
        with pytest.raises(InfrastructureError, match=f"Cannot connect to host {host}:{port}"):
            read_source(GREECE, source=f"http://{host}:{port}/demand.csv")


def test_a_refused_database_is_an_infrastructure_error() -> None:
    closed = {"DEMAND_FORECAST_POSTGRES_URL": "postgresql://nobody@127.0.0.1:9/none"}
    with pytest.raises(InfrastructureError, match=r"127\.0\.0\.1:9"):
        read_source(KOREA, environ=closed)


def test_the_table_without_a_database_says_which_variable_to_set() -> None:
    with pytest.raises(UsageError, match="DEMAND_FORECAST_POSTGRES_URL"):
        read_source(KOREA, environ={})


def test_the_sample_is_complete_but_for_the_autumn_hours_it_lacks() -> None:
    found = canonical(read_source(GREECE), GREECE, now=NOW)
    history = found.frame
    assert len(history) == 33_624
    assert history.index[0] == pd.Timestamp("2016-12-31T22:00Z")
    # The 25th hour of each day on which the clocks go back.
    lost = history.index[history["demand"].isna()].tz_convert("Europe/Athens")
    assert [f"{hour:%Y-%m-%d %H:%M}" for hour in lost] == [
        "2017-10-29 23:00",
        "2018-10-28 23:00",
        "2019-10-27 23:00",
        "2020-10-25 23:00",
    ]


def test_the_sample_numbers_the_hours_of_days_when_clocks_go_forward() -> None:
    raw = read_source(GREECE).frame.set_index("time")["Total load [MW]"]
    local = raw.tz_convert("Europe/Athens")["2018-03-25"]
    assert len(local) == 23
    assert local.index[-1].hour == 23
    assert local.idxmax().hour in {20, 21}  # the evening peak of the days around it; 19 by the file's stamps


def test_a_gzipped_file_is_read_as_what_it_holds(tmp_path: Path) -> None:
    plain = write_csv(tmp_path / "a.csv", naive(load(hours_of(GREECE, "2024-03-01", 3), GREECE), GREECE))
    packed = tmp_path / "a.csv.gz"
    packed.write_bytes(gzip.compress(Path(plain).read_bytes()))
    found, expected = (read_source(GREECE, source=str(path)).frame for path in (packed, plain))
    pd.testing.assert_frame_equal(found, expected)
