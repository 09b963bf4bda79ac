"""The same, in the formats of grids outside Europe, and all of them by name."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd

from tests.unit.data.formats.published import (
    Written,
    by_clock,
    by_hour,
    days,
    eco2mix,
    energinet,
    entsoe,
    entsoe_library,
    entsoe_of_today,
    lines,
    neso,
    opsd,
    region_in,
    smard,
    smard_in_english,
)


def aemo() -> Written:
    region = region_in("Australia/Sydney", "AU")
    demand = days(region, "2021-09-27", minutes=30)
    ends = by_clock(demand, "Etc/GMT-10") + pd.Timedelta(minutes=30)
    rows = [
        f"NSW1,{end:%Y/%m/%d %H:%M:%S},{value},45.1,TRADE" for end, value in zip(ends, demand, strict=True)
    ]
    return Written(lines("REGION,SETTLEMENTDATE,TOTALDEMAND,RRP,PERIODTYPE", rows), region, by_hour(demand))


def pjm_miner() -> Written:
    region = region_in("America/New_York", "US")
    demand = days(region, "2021-11-01")
    utc, local = by_clock(demand, "UTC"), by_clock(demand, "America/New_York")
    rows = [
        f"{a:%-m/%-d/%Y %-I:%M:%S %p},{b:%-m/%-d/%Y %-I:%M:%S %p},RTO,{value},True"
        for a, b, value in zip(utc, local, demand, strict=True)
    ]
    header = "datetime_beginning_utc,datetime_beginning_ept,load_area,mw,is_verified"
    return Written(lines(header, rows), region, demand)


def pjm() -> Written:
    region = region_in("America/New_York", "US")
    demand = days(region, "2021-11-01")
    rows = [
        f"{a:%Y-%m-%d %H:%M:%S},{v}"
        for a, v in zip(by_clock(demand, "America/New_York"), demand, strict=True)
    ]
    return Written(lines("Datetime,PJME_MW", [*rows[240:], *rows[:240]]), region, demand)


def eia() -> Written:
    region = region_in("America/Los_Angeles", "US")
    demand = days(region, "2021-11-01").round()
    ends = by_clock(demand, "UTC") + pd.Timedelta(hours=1)
    local = by_clock(demand, "America/Los_Angeles")
    rows = [
        f'CISO,{a:%m/%d/%Y},1,{a:%m/%d/%Y %I:%M:%S %p},{b:%m/%d/%Y %I:%M:%S %p},"{v + 700:,.0f}","{v:,.0f}"'
        for a, b, v in zip(local, ends, demand, strict=True)
    ]
    header = (
        "Balancing Authority,Data Date,Hour Number,Local Time at End of Hour,UTC Time at End of Hour,"
        "Demand Forecast (MW),Demand (MW)"
    )
    return Written(lines(header, rows), region, demand, has_reference=True)


def kpx() -> Written:
    region = region_in("Asia/Seoul", "KR")
    demand = days(region, "2021-10-25").round()
    table = demand.to_numpy().reshape(-1, 24)
    first = by_clock(demand, "Asia/Seoul")[::24]
    rows = [
        f"{day:%Y-%m-%d}," + ",".join(f"{v:.0f}" for v in row) for day, row in zip(first, table, strict=True)
    ]
    header = "날짜," + ",".join(f"{hour}시" for hour in range(1, 25))
    return Written(lines(header, rows, encoding="cp949"), region, demand)


def ieso() -> Written:
    region = region_in("America/Toronto", "CA")
    demand = days(region, "2021-11-01").round()
    local = by_clock(demand, "Etc/GMT+5")
    rows = [f"{a:%Y-%m-%d},{a.hour + 1},{v + 900:.0f},{v:.0f}" for a, v in zip(local, demand, strict=True)]
    title = ["\\\\Hourly Demand Report", "\\\\Created at 2022-01-01 07:00:01", "\\\\For 2021"]
    content = "\n".join([*title, "Date,Hour,Market Demand,Ontario Demand", *rows, ""])
    return Written(content.encode(), region, demand)


def japan() -> Written:
    region = region_in("Asia/Tokyo", "JP")
    demand = (days(region, "2021-10-25") / 10).round() * 10
    rows = [
        f"{a.year}/{a.month}/{a.day},{a.hour}:00,{value / 10:.0f}"
        for a, value in zip(by_clock(demand, "Asia/Tokyo"), demand, strict=True)
    ]
    content = "\n".join(["2022/1/1 0:30 UPDATE", "DATE,TIME,実績(万kW)", *rows, ""])
    return Written(content.encode("cp932"), region, demand)


SAMPLES: dict[str, tuple[Callable[[], Written], ...]] = {
    "an ENTSO-E export": (entsoe, entsoe_of_today),
    "ENTSO-E's file library": (entsoe_library,),
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
