"""What is printed and recorded of a source names the file and opens nothing."""

from __future__ import annotations

import pytest

from trainer.redaction import redacted, without_secrets


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("https://user:s3cret@host:8443/a/demand.csv", "https://host:8443/a/demand.csv"),
        ("https://s3cret@host/demand.csv", "https://host/demand.csv"),
        ("https://host/demand.csv?X-Amz-Signature=s3cret", "https://host/demand.csv"),
        (
            "https://x.blob.core.windows.net/b/d.parquet?sv=1&sig=s3cret",
            "https://x.blob.core.windows.net/b/d.parquet",
        ),
        ("https://host/demand.csv#access_token=s3cret", "https://host/demand.csv"),
        ("https://user:s3cret@[::1]:80/demand.csv?s3cret", "https://[::1]:80/demand.csv"),
        ("https://user:p/s3cret@host/demand.csv", "https://host/demand.csv"),
        ("https://user:p?s3cret@host/demand.csv", "https://host/demand.csv"),
        ("simplecache::https://u:s3cret@host/d.csv?s3cret", "simplecache::https://host/d.csv"),
        ("zip://d.csv::https://u:s3cret@host/d.zip?s3cret", "zip://d.csv::https://host/d.zip"),
    ],
)
def test_a_url_is_shown_without_what_opens_it(source: str, expected: str) -> None:
    assert redacted(source) == expected


@pytest.mark.parametrize(
    "source",
    [
        "data/수요 100%.csv",
        "/home/a@b/what?.csv",
        "raw_demand",
        "sample:greece",
        "s3://bucket/a@b/demand.csv",
    ],
)
def test_what_opens_nothing_is_shown_as_it_is(source: str) -> None:
    assert redacted(source) == source


@pytest.mark.parametrize(
    "text",
    [
        "403, message='Forbidden', url='https://user:s3cret@host/d.csv?sig=s3cret%2B'",
        "Max retries exceeded with url: /d.csv?sig=s3cret%2B",
        "no such key: d.csv?sig=s3cret+",
        "cannot log in as user:s3cret",
    ],
)
def test_an_error_tells_its_reason_and_no_secret_of_the_source(text: str) -> None:
    told = without_secrets(text, "https://user:s3cret@host/d.csv?sig=s3cret%2B")
    assert "s3cret" not in told
    assert told[:12] == text[:12]
