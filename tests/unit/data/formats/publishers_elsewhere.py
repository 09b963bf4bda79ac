"""Files of the grids of Africa, Asia and Oceania, and those that programs and meters write."""

from __future__ import annotations

from typing import Final

import pandas as pd

from tests.unit.data.formats.publisher import Publisher, comma

ELSEWHERE: Final = {
    "Eskom": Publisher(
        timezone="Africa/Johannesburg",
        country="ZA",
        header="Date Time Hour Beginning,RSA Contracted Demand,Residual Demand",
        row=lambda r: f"{r.local:%Y-%m-%d %I:%M:%S %p},{r.mw},{r.mw - 900:.1f}",
        columns={"Date Time Hour Beginning": "time", "RSA Contracted Demand": "demand"},
    ),
    "Taipower": Publisher(
        timezone="Asia/Taipei",
        country="TW",
        minutes=10,
        header="日期,時間,用電量(萬瓩)",
        row=lambda r: f"{r.local:%Y/%m/%d},{r.local:%H:%M},{r.mw / 10:.2f}",
        columns={"用電量(萬瓩)": "demand"},
        encoding="cp950",
    ),
    "Kansai": Publisher(
        timezone="Asia/Tokyo",
        country="JP",
        above="単位[万kW],,\n",
        header="日付,時刻,エリア需要",
        row=lambda r: f"{r.local.year}/{r.local.month}/{r.local.day},{r.local.hour}:00,{r.mw / 10:.2f}",
        columns={"エリア需要": "demand"},
        encoding="cp932",
    ),
    "Grid-India": Publisher(
        timezone="Asia/Kolkata",
        country="IN",
        minutes=15,
        header="Date,Block,Period,Demand Met (MW)",
        row=lambda r: f"{r.local:%d-%m-%Y},{r.number},{r.local:%H:%M}-{r.end:%H:%M},{r.mw}",
        columns={"Demand Met (MW)": "demand"},
    ),
    "EMA": Publisher(
        timezone="Asia/Singapore",
        country="SG",
        minutes=30,
        header="Date,Period Ending Time,System Demand (Actual)(MW)",
        row=lambda r: f"{r.local:%d %b %Y},{r.end:%H:%M},{r.mw}",
        columns={"System Demand (Actual)(MW)": "demand"},
        said={"date_columns": ["Date", "Period Ending Time"]},
    ),
    "EMI": Publisher(
        timezone="Pacific/Auckland",
        country="NZ",
        minutes=30,
        header="Trading date,Trading period,Region,Demand (GWh)",
        row=lambda r: f"{r.local:%d/%m/%Y},{r.number},NZ,{r.mw / 2000:.8f}",
        columns={"Demand (GWh)": "demand"},
    ),
    "WEM": Publisher(
        timezone="Australia/Perth",
        country="AU",
        minutes=30,
        header="Trading Date,Interval Number,Trading Interval,Operational Demand (MW)",
        row=lambda r: (
            f"{r.local - pd.Timedelta(hours=8):%Y-%m-%d},{r.number},{r.local:%Y-%m-%d %H:%M:%S},{r.mw}"
        ),
        columns={"Trading Interval": "time", "Operational Demand (MW)": "demand"},
    ),
    "KPX of Jeju": Publisher(
        timezone="Asia/Seoul",
        country="KR",
        header="거래일,시간,전력수요(MWh)",
        row=lambda r: f"{r.local:%Y-%m-%d},{r.local.hour + 1},{r.mw}",
        encoding="cp949",
    ),
    "a smart meter's feeder": Publisher(
        timezone="Europe/Berlin",
        country="DE",
        minutes=15,
        header="Zählernummer;Ab-Datum;Bis-Datum;Verbrauch (kWh)",
        row=lambda r: f"1EMH001;{r.local:%d.%m.%Y %H:%M};{r.end:%d.%m.%Y %H:%M};{comma(r.mw * 250)}",
        columns={"Ab-Datum": "time", "Verbrauch (kWh)": "demand"},
    ),
    "Home Assistant": Publisher(
        timezone="Europe/Berlin",
        country="DE",
        header="entity_id,state,last_changed",
        row=lambda r: f"sensor.grid,{r.mw * 1000:.1f},{r.utc:%Y-%m-%dT%H:%M:%S}.000Z",
        columns={"last_changed": "time", "state": "demand"},
        said={"unit": "kW"},
    ),
    "InfluxDB's annotated CSV": Publisher(
        timezone="Europe/Berlin",
        country="DE",
        minutes=15,
        above="#group,false,false,true,true,false,false,true\n"
        "#datatype,string,long,dateTime:RFC3339,dateTime:RFC3339,dateTime:RFC3339,double,string\n"
        "#default,_result,,,,,,\n",
        header=",result,table,_start,_stop,_time,_value,_field",
        row=lambda r: (
            f",,0,2021-10-01T00:00:00Z,2022-10-01T00:00:00Z,{r.utc:%Y-%m-%dT%H:%M:%SZ},{r.mw},demand"
        ),
        columns={"_time": "time", "_value": "demand"},
    ),
    "InfluxDB's line export": Publisher(
        timezone="Europe/Berlin",
        country="DE",
        minutes=1,
        header="name,time,mean",
        row=lambda r: f"load,{r.utc.value},{r.mw}",
        columns={"mean": "demand"},
    ),
    "Grafana": Publisher(
        timezone="Europe/Berlin",
        country="DE",
        header='"Time","demand"',
        row=lambda r: f"{r.local:%Y-%m-%d %H:%M:%S},{r.mw / 1000:.4f} GW",
    ),
    "pandas with an index": Publisher(
        timezone="Europe/Berlin",
        country="DE",
        header=",load",
        row=lambda r: f"{r.local},{r.mw}",
    ),
    "pandas with numbered rows": Publisher(
        timezone="Europe/Berlin",
        country="DE",
        header=",datetime,load",
        row=lambda r: f"{int((r.utc.value // 10**9) % 10**6)},{r.utc:%Y-%m-%d %H:%M:%S}+00:00,{r.mw}",
    ),
    "a workbook with merged titles": Publisher(
        timezone="Europe/Berlin",
        country="DE",
        above="Netzlast,,,\nAlle Werte in MW,,,\n,,,\n",
        header="Zeit,,Last,",
        below="Datum,Uhrzeit,Ist,Plan\n",
        row=lambda r: f"{r.local:%d.%m.%Y},{r.local:%H:%M},{r.mw},{r.mw + 100:.1f}",
        columns={"Ist": "demand"},
    ),
}
