"""The same sixteen days around a change of the clocks, written in every format that is known."""

from __future__ import annotations

from collections.abc import Callable, Iterator
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


def _lines(header: str, rows: Iterator[str] | list[str], *, encoding: str = "utf-8") -> bytes:
    return ("\n".join([header, *rows]) + "\n").encode(encoding)


def _local(demand: pd.Series[float], zone: str) -> pd.DatetimeIndex:
    return pd.DatetimeIndex(demand.index).tz_convert(zone)


def entsoe() -> Written:
    region = region_in("Europe/Athens", "GR")
    demand = days(region, "2021-10-25", minutes=15)
    begin, end = (
        _local(demand, "Europe/Brussels"),
        _local(demand, "Europe/Brussels") + pd.Timedelta(minutes=15),
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
    return Written(_lines(header, rows), region, by_hour(demand), has_reference=True)


def entsoe_of_today() -> Written:
    region = region_in("Europe/Berlin", "DE")
    demand = days(region, "2021-10-25")
    local = _local(demand, "Europe/Berlin")
    rows = [
        f'"{a:%d/%m/%Y %H:%M:%S} ({a.tzname()}) - {b:%d/%m/%Y %H:%M:%S} ({b.tzname()})","DE","{value}","-"'
        for a, b, value in zip(local, local + pd.Timedelta(hours=1), demand, strict=True)
    ]
    header = '"MTU (CET/CEST)","Area","Actual Total Load (MW)","Day-ahead Total Load Forecast (MW)"'
    return Written(_lines(header, rows), region, demand)


def _german(value: float) -> str:
    return f"{value:,.2f}".translate(str.maketrans(",.", ".,"))


def smard() -> Written:
    region = region_in("Europe/Berlin", "DE")
    demand = (days(region, "2021-10-25", minutes=15) / 4).round(1) * 4
    local = _local(demand, "Europe/Berlin")
    rows = [
        f"{a:%d.%m.%Y %H:%M};{b:%d.%m.%Y %H:%M};{_german(value / 4)};-"
        for a, b, value in zip(local, local + pd.Timedelta(minutes=15), demand, strict=True)
    ]
    header = "\N{BYTE ORDER MARK}Datum von;Datum bis;Netzlast [MWh] Originalauflösungen;Residuallast [MWh]"
    return Written(_lines(header, rows), region, by_hour(demand))


def smard_in_english() -> Written:
    region = region_in("Europe/Berlin", "DE")
    demand = days(region, "2022-03-20")
    local = _local(demand, "Europe/Berlin")
    rows = [
        f"{a:%b %-d, %Y %-I:%M %p};{b:%b %-d, %Y %-I:%M %p};{value:,.2f}"
        for a, b, value in zip(local, local + pd.Timedelta(hours=1), demand, strict=True)
    ]
    return Written(_lines("Start date;End date;grid load [MWh] Original resolutions", rows), region, demand)


def neso() -> Written:
    region = region_in("Europe/London", "GB")
    demand = days(region, "2021-10-25", minutes=30)
    local = _local(demand, "Europe/London")
    period = demand.groupby(local.date).cumcount() + 1
    rows = [
        f"{a:%d-%b-%Y},{number},{value},{value + 600}".upper()
        for a, number, value in zip(local, period, demand, strict=True)
    ]
    return Written(_lines("SETTLEMENT_DATE,SETTLEMENT_PERIOD,ND,TSD", rows), region, by_hour(demand))


def aemo() -> Written:
    region = region_in("Australia/Sydney", "AU")
    demand = days(region, "2021-09-27", minutes=30)
    ends = _local(demand, "Etc/GMT-10") + pd.Timedelta(minutes=30)
    rows = [
        f"NSW1,{end:%Y/%m/%d %H:%M:%S},{value},45.1,TRADE" for end, value in zip(ends, demand, strict=True)
    ]
    return Written(_lines("REGION,SETTLEMENTDATE,TOTALDEMAND,RRP,PERIODTYPE", rows), region, by_hour(demand))


def pjm_miner() -> Written:
    region = region_in("America/New_York", "US")
    demand = days(region, "2021-11-01")
    utc, local = _local(demand, "UTC"), _local(demand, "America/New_York")
    rows = [
        f"{a:%-m/%-d/%Y %-I:%M:%S %p},{b:%-m/%-d/%Y %-I:%M:%S %p},RTO,{value},True"
        for a, b, value in zip(utc, local, demand, strict=True)
    ]
    header = "datetime_beginning_utc,datetime_beginning_ept,load_area,mw,is_verified"
    return Written(_lines(header, rows), region, demand)


def pjm() -> Written:
    region = region_in("America/New_York", "US")
    demand = days(region, "2021-11-01")
    rows = [
        f"{a:%Y-%m-%d %H:%M:%S},{v}" for a, v in zip(_local(demand, "America/New_York"), demand, strict=True)
    ]
    return Written(_lines("Datetime,PJME_MW", [*rows[240:], *rows[:240]]), region, demand)


def eia() -> Written:
    region = region_in("America/Los_Angeles", "US")
    demand = days(region, "2021-11-01").round()
    ends = _local(demand, "UTC") + pd.Timedelta(hours=1)
    local = _local(demand, "America/Los_Angeles")
    rows = [
        f'CISO,{a:%m/%d/%Y},1,{a:%m/%d/%Y %I:%M:%S %p},{b:%m/%d/%Y %I:%M:%S %p},"{v + 700:,.0f}","{v:,.0f}"'
        for a, b, v in zip(local, ends, demand, strict=True)
    ]
    header = (
        "Balancing Authority,Data Date,Hour Number,Local Time at End of Hour,UTC Time at End of Hour,"
        "Demand Forecast (MW),Demand (MW)"
    )
    return Written(_lines(header, rows), region, demand, has_reference=True)


def kpx() -> Written:
    region = region_in("Asia/Seoul", "KR")
    demand = days(region, "2021-10-25").round()
    table = demand.to_numpy().reshape(-1, 24)
    first = _local(demand, "Asia/Seoul")[::24]
    rows = [
        f"{day:%Y-%m-%d}," + ",".join(f"{v:.0f}" for v in row) for day, row in zip(first, table, strict=True)
    ]
    header = "날짜," + ",".join(f"{hour}시" for hour in range(1, 25))
    return Written(_lines(header, rows, encoding="cp949"), region, demand)


def opsd() -> Written:
    region = region_in("Europe/Berlin", "DE")
    demand = days(region, "2021-10-25")
    rows = [
        f"{a:%Y-%m-%dT%H:%M:%SZ},{b.isoformat()},{value - 9000},{value},{value + 300}"
        for a, b, value in zip(demand.index, _local(demand, "Europe/Berlin"), demand, strict=True)
    ]
    source = "entsoe_transparency"
    header = (
        f"utc_timestamp,cet_cest_timestamp,AT_load_actual_{source},DE_load_actual_{source},"
        f"DE_load_forecast_{source}"
    )
    return Written(_lines(header, rows), region, demand, has_reference=True)


def eco2mix() -> Written:
    region = region_in("Europe/Paris", "FR")
    demand = days(region, "2021-10-25", minutes=30)
    rows = [
        f"France\tDonnées définitives\t{a:%Y-%m-%d}\t{a:%H:%M}\t{value}\t{value + 200}"
        for a, value in zip(_local(demand, "Europe/Paris"), demand, strict=True)
    ]
    header = "Périmètre\tNature\tDate\tHeures\tConsommation\tPrévision J-1"
    return Written(_lines(header, rows, encoding="latin-1"), region, by_hour(demand), has_reference=True)


def energinet() -> Written:
    region = region_in("Europe/Copenhagen", "DK")
    demand = days(region, "2021-10-25")
    rows = [
        f"{a:%Y-%m-%dT%H:%M:%S};{b:%Y-%m-%dT%H:%M:%S};DK1;{value:.1f}".replace(".", ",")
        for a, b, value in zip(demand.index, _local(demand, "Europe/Copenhagen"), demand, strict=True)
    ]
    return Written(_lines("HourUTC;HourDK;PriceArea;GrossConsumptionMWh", rows), region, demand)


def ieso() -> Written:
    region = region_in("America/Toronto", "CA")
    demand = days(region, "2021-11-01").round()
    local = _local(demand, "Etc/GMT+5")
    rows = [f"{a:%Y-%m-%d},{a.hour + 1},{v + 900:.0f},{v:.0f}" for a, v in zip(local, demand, strict=True)]
    title = ["\\\\Hourly Demand Report", "\\\\Created at 2022-01-01 07:00:01", "\\\\For 2021"]
    content = "\n".join([*title, "Date,Hour,Market Demand,Ontario Demand", *rows, ""])
    return Written(content.encode(), region, demand)


def japan() -> Written:
    region = region_in("Asia/Tokyo", "JP")
    demand = (days(region, "2021-10-25") / 10).round() * 10
    rows = [
        f"{a.year}/{a.month}/{a.day},{a.hour}:00,{value / 10:.0f}"
        for a, value in zip(_local(demand, "Asia/Tokyo"), demand, strict=True)
    ]
    content = "\n".join(["2022/1/1 0:30 UPDATE", "DATE,TIME,実績(万kW)", *rows, ""])
    return Written(content.encode("cp932"), region, demand)


SAMPLES: dict[str, tuple[Callable[[], Written], ...]] = {
    "an ENTSO-E export": (entsoe, entsoe_of_today),
    "a SMARD export": (smard,),
    "a SMARD export in English": (smard_in_english,),
    "NESO's demand data": (neso,),
    "AEMO's price and demand": (aemo,),
    "PJM's hourly metered load": (pjm_miner,),
    "PJM's hourly demand": (pjm,),
    "EIA-930's balance": (eia,),
    "a KPX table of days": (kpx,),
    "OPSD's time series": (opsd,),
    "RTE's éCO2mix": (eco2mix,),
    "Energinet's settled consumption": (energinet,),
    "IESO's hourly demand": (ieso,),
    "a Japanese utility's area demand": (japan,),
}
"""By name of a format, how its files look."""
