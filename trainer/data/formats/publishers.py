"""The formats that are read as they come. Sources: the publishers' own files and descriptions of columns."""

from __future__ import annotations

from typing import Final

from trainer.contract import FileSettings
from trainer.data.formats.file_format import FileFormat

_ENTSOE_TIME: Final = r"(?:Time|MTU) \(.*\)"
_ENTSOE_DEMAND: Final = r"Actual Total Load ?[\[(]MW[\])].*"
_SMARD_DEMAND: Final = r"(?:Netzlast|Gesamt \(Netzlast\)) \[MWh\].*"
_PJM_ZONE: Final = (
    r"(?:AE|AEP|APS|ATSI|BGE|COMED|DAYTON|DEOK|DOM|DPL|DUQ|EKPC|FE|JC|ME|NI|OVEC|PE|PEP|PJM[EW]|PL|PN|PS|RECO"
    r"|RTO)_MW"
)
_SMARD_ENGLISH: Final = r"(?:grid load|Total \(grid load\)) \[MWh\].*"

FORMATS: Final = (
    FileFormat(
        name="an ENTSO-E export",
        known_by=(_ENTSOE_TIME, _ENTSOE_DEMAND),
        columns={
            "time": _ENTSOE_TIME,
            "demand": _ENTSOE_DEMAND,
            "reference": r"Day-ahead Total Load Forecast ?[\[(]MW[\])].*",
        },
        settings=FileSettings(stamp="start"),
        holds="Total Load of the Transparency Platform, hours or quarters; times as `a - b` in the zone that "
        "the header names; `n/e`, `-` where nothing is known",
    ),
    FileFormat(
        name="ENTSO-E's file library",
        known_by=(r"DateTime(?: ?\(UTC\))?", r"ResolutionCode", r"TotalLoad(?:Value| ?\[MW\])"),
        columns={"time": r"DateTime(?: ?\(UTC\))?", "demand": r"TotalLoad(?:Value| ?\[MW\])"},
        settings=FileSettings(stamp="start", stamp_timezone="UTC", unit="MW"),
        holds="Total Load of all areas by months, tabs, UTC: choose one with "
        "`where = {AreaMapCode = 'AT', AreaTypeCode = 'CTA'}`",
    ),
    FileFormat(
        name="a SMARD export",
        known_by=(r"Datum von", r"Datum bis", _SMARD_DEMAND),
        columns={"time": r"Datum von", "demand": _SMARD_DEMAND},
        settings=FileSettings(
            stamp="start", stamp_timezone="Europe/Berlin", decimal=",", unit="MWh per interval"
        ),
        holds="Germany's grid load: semicolons, `1.234,50`, MWh of each quarter of an hour",
    ),
    FileFormat(
        name="a SMARD export in English",
        known_by=(r"Start date", r"End date", _SMARD_ENGLISH),
        columns={"time": r"Start date", "demand": _SMARD_ENGLISH},
        settings=FileSettings(
            stamp="start", stamp_timezone="Europe/Berlin", decimal=".", unit="MWh per interval"
        ),
        holds="the same with `Oct 25, 2021 12:00 AM` and `1,234.50`",
    ),
    FileFormat(
        name="NESO's demand data",
        known_by=(r"SETTLEMENT_DATE", r"SETTLEMENT_PERIOD", r"ND"),
        columns={"demand": r"ND"},
        settings=FileSettings(date_columns=(r"SETTLEMENT_DATE", r"SETTLEMENT_PERIOD"), unit="MW"),
        holds="Great Britain's national demand by settlement periods: 48 a day, 46 and 50 when clocks change",
    ),
    FileFormat(
        name="AEMO's price and demand",
        known_by=(r"REGION", r"SETTLEMENTDATE", r"TOTALDEMAND"),
        columns={"time": r"SETTLEMENTDATE", "demand": r"TOTALDEMAND"},
        settings=FileSettings(stamp="end", stamp_timezone="Etc/GMT-10", unit="MW"),
        holds="a state of Australia's east: ends of intervals, in standard time (UTC+10) all the year",
    ),
    FileFormat(
        name="PJM's hourly metered load",
        known_by=(r"datetime_beginning_utc", r"mw"),
        columns={"time": r"datetime_beginning_utc", "demand": r"mw"},
        settings=FileSettings(stamp="start", stamp_timezone="UTC", unit="MW"),
        holds="PJM's Data Miner, one area: choose it with `where` if there are several",
    ),
    FileFormat(
        name="PJM's hourly demand",
        known_by=(r"Datetime", _PJM_ZONE),
        columns={"time": r"Datetime", "demand": _PJM_ZONE},
        settings=FileSettings(stamp="start", unit="MW"),
        holds="a zone of PJM by local time: blocks out of order, an hour twice when clocks go back",
    ),
    FileFormat(
        name="EIA-930's balance",
        known_by=(r"Balancing Authority", r"UTC Time at End of Hour", r"Demand \(MW\)"),
        columns={
            "time": r"UTC Time at End of Hour",
            "demand": r"Demand \(MW\)",
            "reference": r"Demand Forecast \(MW\)",
        },
        settings=FileSettings(stamp="end", stamp_timezone="UTC", decimal=".", unit="MW"),
        holds="the balancing authorities of the United States: ends of hours in UTC, `42,738`; choose one "
        "with `where`",
    ),
    FileFormat(
        name="a KPX table of days",
        known_by=(r"날짜|일자|거래일|거래일자", r"1시", r"24시"),
        columns={"time": r"날짜|일자|거래일|거래일자"},
        settings=FileSettings(wide=True, stamp="end", unit="MW"),
        holds="South Korea's demand, a day in a row and an hour in a column: `1시` ends at 01:00; CP949",
    ),
    FileFormat(
        name="OPSD's time series",
        known_by=(r"utc_timestamp", r"\w+_load_actual_entsoe_\w+"),
        columns={
            "time": r"utc_timestamp",
            "demand": r"\w+_load_actual_entsoe_\w+",
            "reference": r"\w+_load_forecast_entsoe_\w+",
        },
        settings=FileSettings(stamp="start", stamp_timezone="UTC", unit="MW"),
        holds="Open Power System Data: the column of the region's country, or the one that `columns` names",
    ),
    FileFormat(
        name="RTE's éCO2mix",
        known_by=(r"Date", r"Heures?", r"Consommation(?: \(MW\))?"),
        columns={
            "demand": r"Consommation(?: \(MW\))?",
            "reference": r"Prévision J-1(?: \(MW\))?",
        },
        settings=FileSettings(
            date_columns=(r"Date", r"Heures?"), stamp="start", stamp_timezone="Europe/Paris", unit="MW"
        ),
        holds="France's consumption and RTE's own forecast of the day before, half hours or quarters",
    ),
    FileFormat(
        name="Energinet's settled consumption",
        known_by=(r"HourUTC", r"HourDK", r"GrossConsumptionMWh"),
        columns={"time": r"HourUTC", "demand": r"GrossConsumptionMWh"},
        settings=FileSettings(stamp="start", stamp_timezone="UTC", unit="MWh per interval"),
        holds="Denmark's areas: choose one with `where = {PriceArea = 'DK1'}`",
    ),
    FileFormat(
        name="IESO's hourly demand",
        known_by=(r"Date", r"Hour", r"Ontario Demand"),
        columns={"demand": r"Ontario Demand"},
        settings=FileSettings(
            date_columns=(r"Date", r"Hour"), stamp="end", stamp_timezone="Etc/GMT+5", unit="MW"
        ),
        holds="Ontario: hours 1 to 24 that end then, Eastern Standard Time all the year",
    ),
    FileFormat(
        name="a Japanese utility's area demand",
        known_by=(r"DATE", r"TIME", r"(?:実績|当日実績|エリア需要)\(万kW\)"),
        columns={"demand": r"(?:実績|当日実績|エリア需要)\(万kW\)"},
        settings=FileSettings(date_columns=(r"DATE", r"TIME"), stamp="start", unit="万kW"),
        holds="actual demand by the hour in units of 10 MW, Shift-JIS; of a day's file (`juyo-d1-j.csv`) the "
        "hours, or its 5 minutes where `columns` names them",
    ),
)
