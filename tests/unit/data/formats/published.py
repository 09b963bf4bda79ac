"""The same sixteen days around a change of the clocks, written in every format that is known."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from trainer.contract import Region

_DAYS = 16


def region_in(timezone: str, country: str) -> Region:
    return Region(
        name="X", title="X", timezone=timezone, country=country, latitude=45.0, longitude=10.0, source="x.csv"
    )


@dataclass(frozen=True)
class Written:
    """A file, and what it holds."""

    content: bytes
    region: Region
    demand: pd.Series[float]
    """MW by UTC hour, as it should be read."""
    has_reference: bool = False


def days(region: Region, first: str, *, minutes: int = 60) -> pd.Series[float]:
    """MW by UTC, rows of `minutes`, from local midnight of `first` on; in tenths, none twice."""
    start = pd.Timestamp(first, tz=region.timezone)
    end = (pd.Timestamp(first) + pd.Timedelta(days=_DAYS)).tz_localize(region.timezone)
    index = pd.date_range(start, end, freq=f"{minutes}min", inclusive="left").tz_convert("UTC")
    place = np.arange(len(index))
    shape = 9_000 * np.sin(2 * np.pi * (place * minutes / 60 - 8) / 24)
    return pd.Series(np.round(43_000 + shape + place * 0.1, 1), index=index.rename("time"), name="demand")


def by_hour(demand: pd.Series[float]) -> pd.Series[float]:
    return demand.groupby(demand.index.floor("h")).mean()


def lines(header: str, rows: Iterator[str] | list[str], *, encoding: str = "utf-8") -> bytes:
    return ("\n".join([header, *rows]) + "\n").encode(encoding)


def by_clock(demand: pd.Series[float], zone: str) -> pd.DatetimeIndex:
    return pd.DatetimeIndex(demand.index).tz_convert(zone)


def entsoe() -> Written:
    region = region_in("Europe/Athens", "GR")
    demand = days(region, "2021-10-25", minutes=15)
    begin, end = (
        by_clock(demand, "Europe/Brussels"),
        by_clock(demand, "Europe/Brussels") + pd.Timedelta(minutes=15),
    )
    rows = [
        f'"{a:%d.%m.%Y %H:%M} - {b:%d.%m.%Y %H:%M}","{value + 500:g}","{value:.1f}"'
        for a, b, value in zip(begin, end, demand, strict=True)
    ]
    rows[5] = rows[5].rsplit(",", 1)[0] + ',"n/e"'
    demand.iloc[5] = np.nan
    header = (
        '"Time (CET/CEST)","Day-ahead Total Load Forecast [MW] - BZN|GR","Actual Total Load [MW] - BZN|GR"'
    )
    return Written(lines(header, rows), region, by_hour(demand), has_reference=True)


def entsoe_of_today() -> Written:
    region = region_in("Europe/Berlin", "DE")
    demand = days(region, "2021-10-25")
    local = by_clock(demand, "Europe/Berlin")
    rows = [
        f'"{a:%d/%m/%Y %H:%M:%S} ({a.tzname()}) - {b:%d/%m/%Y %H:%M:%S} ({b.tzname()})","DE","{value}","-"'
        for a, b, value in zip(local, local + pd.Timedelta(hours=1), demand, strict=True)
    ]
    header = '"MTU (CET/CEST)","Area","Actual Total Load (MW)","Day-ahead Total Load Forecast (MW)"'
    return Written(lines(header, rows), region, demand)


def _german(value: float) -> str:
    return f"{value:,.2f}".translate(str.maketrans(",.", ".,"))


def smard() -> Written:
    region = region_in("Europe/Berlin", "DE")
    demand = (days(region, "2021-10-25", minutes=15) / 4).round(1) * 4
    local = by_clock(demand, "Europe/Berlin")
    rows = [
        f"{a:%d.%m.%Y %H:%M};{b:%d.%m.%Y %H:%M};{_german(value / 4)};-"
        for a, b, value in zip(local, local + pd.Timedelta(minutes=15), demand, strict=True)
    ]
    header = "\N{BYTE ORDER MARK}Datum von;Datum bis;Netzlast [MWh] Originalauflösungen;Residuallast [MWh]"
    return Written(lines(header, rows), region, by_hour(demand))


def smard_in_english() -> Written:
    region = region_in("Europe/Berlin", "DE")
    demand = days(region, "2022-03-20")
    local = by_clock(demand, "Europe/Berlin")
    rows = [
        f"{a:%b %-d, %Y %-I:%M %p};{b:%b %-d, %Y %-I:%M %p};{value:,.2f}"
        for a, b, value in zip(local, local + pd.Timedelta(hours=1), demand, strict=True)
    ]
    return Written(lines("Start date;End date;grid load [MWh] Original resolutions", rows), region, demand)


def neso() -> Written:
    region = region_in("Europe/London", "GB")
    demand = days(region, "2021-10-25", minutes=30)
    local = by_clock(demand, "Europe/London")
    period = demand.groupby(local.date).cumcount() + 1
    rows = [
        f"{a:%d-%b-%Y},{number},{value},{value + 600}".upper()
        for a, number, value in zip(local, period, demand, strict=True)
    ]
    return Written(lines("SETTLEMENT_DATE,SETTLEMENT_PERIOD,ND,TSD", rows), region, by_hour(demand))


def opsd() -> Written:
    region = region_in("Europe/Berlin", "DE")
    demand = days(region, "2021-10-25")
    rows = [
        f"{a:%Y-%m-%dT%H:%M:%SZ},{b.isoformat()},{value - 9000},{value},{value + 300}"
        for a, b, value in zip(demand.index, by_clock(demand, "Europe/Berlin"), demand, strict=True)
    ]
    source = "entsoe_transparency"
    header = (
        f"utc_timestamp,cet_cest_timestamp,AT_load_actual_{source},DE_load_actual_{source},"
        f"DE_load_forecast_{source}"
    )
    return Written(lines(header, rows), region, demand, has_reference=True)


def eco2mix() -> Written:
    region = region_in("Europe/Paris", "FR")
    demand = days(region, "2021-10-25", minutes=30)
    rows = [
        f"France\tDonnées définitives\t{a:%Y-%m-%d}\t{a:%H:%M}\t{value}\t{value + 200}"
        for a, value in zip(by_clock(demand, "Europe/Paris"), demand, strict=True)
    ]
    header = "Périmètre\tNature\tDate\tHeures\tConsommation\tPrévision J-1"
    return Written(lines(header, rows, encoding="latin-1"), region, by_hour(demand), has_reference=True)


def energinet() -> Written:
    region = region_in("Europe/Copenhagen", "DK")
    demand = days(region, "2021-10-25")
    rows = [
        f"{a:%Y-%m-%dT%H:%M:%S};{b:%Y-%m-%dT%H:%M:%S};DK1;{value:.1f}".replace(".", ",")
        for a, b, value in zip(demand.index, by_clock(demand, "Europe/Copenhagen"), demand, strict=True)
    ]
    return Written(lines("HourUTC;HourDK;PriceArea;GrossConsumptionMWh", rows), region, demand)


def entsoe_library() -> Written:
    region = region_in("Europe/Vienna", "AT")
    demand = days(region, "2021-10-25", minutes=15)
    rows = [
        f"{time:%Y-%m-%d %H:%M:%S}\tPT15M\t10YAT-APG------L\tAustria\tCTY\tAT\t{value:.2f}\t2022-01-01"
        for time, value in demand.items()
    ]
    header = (
        "DateTime(UTC)\tResolutionCode\tAreaCode\tAreaDisplayName\tAreaTypeCode\tAreaMapCode\tTotalLoad[MW]\t"
        "UpdateTime(UTC)"
    )
    return Written(lines(header, rows), region, by_hour(demand))
