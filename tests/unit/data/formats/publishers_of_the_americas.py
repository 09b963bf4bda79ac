"""Files of the grids of the Americas."""

from __future__ import annotations

from typing import Final

import pandas as pd

from tests.unit.data.formats.publisher import Publisher, comma, twice_marked

AMERICAS: Final = {
    "ERCOT's native load": Publisher(
        timezone="America/Chicago",
        country="US",
        header="Hour Ending,COAST,ERCOT",
        row=lambda r: (
            f"{r.local:%m/%d/%Y} {r.local.hour + 1:02d}:00{twice_marked(r, '', ' DST')},"
            f'"{r.mw / 3:,.2f}","{r.mw:,.2f}"'
        ),
        columns={"Hour Ending": "time", "ERCOT": "demand"},
    ),
    "ERCOT's system load": Publisher(
        timezone="America/Chicago",
        country="US",
        header="OperDay,HourEnding,COAST,TOTAL,DSTFlag",
        row=lambda r: (
            f"{r.local:%m/%d/%Y},{r.local.hour + 1:02d}:00,{r.mw / 3:.2f},{r.mw},"
            f"{'Y' if r.again == 2 else 'N'}"
        ),
        columns={"TOTAL": "demand"},
    ),
    "ERCOT by quarters": Publisher(
        timezone="America/Chicago",
        country="US",
        minutes=15,
        header="DeliveryDate,DeliveryHour,DeliveryInterval,Load,DSTFlag",
        row=lambda r: (
            f"{r.local:%m/%d/%Y},{r.local.hour + 1},{r.local.minute // 15 + 1},{r.mw},"
            f"{'Y' if r.again == 2 else 'N'}"
        ),
    ),
    "CAISO's OASIS": Publisher(
        timezone="America/Los_Angeles",
        country="US",
        header="INTERVALSTARTTIME_GMT,INTERVALENDTIME_GMT,LOAD_TYPE,OPR_DT,OPR_HR,OPR_INTERVAL,TAC_AREA_NAME,MW",
        row=lambda r: (
            f"{r.utc:%Y-%m-%dT%H:%M:%S}-00:00,{r.utc:%Y-%m-%dT%H:%M:%S}-00:00,0,{r.local:%Y-%m-%d},"
            f"{r.number},0,CA ISO-TAC,{r.mw}"
        ),
        columns={"INTERVALSTARTTIME_GMT": "time", "MW": "demand"},
        newest_first=True,
    ),
    "CAISO's OASIS by its own hours": Publisher(
        timezone="America/Los_Angeles",
        country="US",
        header="INTERVALENDTIME_GMT,OPR_DT,OPR_HR,OPR_INTERVAL,TAC_AREA_NAME,MW",
        row=lambda r: f"x,{r.local:%Y-%m-%d},{r.number},0,CA ISO-TAC,{r.mw}",
        columns={"MW": "demand"},
    ),
    "MISO": Publisher(
        timezone="America/Chicago",
        country="US",
        clock="Etc/GMT+5",
        above="Daily Forecast and Actual Load by Local Resource Zone\n\n",
        header="Market Day,HourEnding,MISO MTLF (MWh),MISO ActualLoad (MWh)",
        row=lambda r: f"{r.local:%m/%d/%Y},{r.local.hour + 1},{r.mw + 100:.0f},{r.mw}",
        columns={"MISO ActualLoad (MWh)": "demand"},
        said={"stamp_timezone": "Etc/GMT+5"},
    ),
    "NYISO": Publisher(
        timezone="America/New_York",
        country="US",
        minutes=5,
        header='"Time Stamp","Time Zone","Name","PTID","Load"',
        row=lambda r: "\n".join(
            f'"{r.local:%m/%d/%Y %H:%M:%S}","{r.local.tzname()}","{name}",{place},{r.mw + place}'
            for place, name in enumerate(("CAPITL", "CENTRL"))
        ),
        said={"where": {"Name": "CAPITL"}, "date_columns": ["Time Stamp", "Time Zone"]},
    ),
    "ISO-NE": Publisher(
        timezone="America/New_York",
        country="US",
        above='"C","Hourly System Load"\n"C","Report for 11/01/2021"\n',
        header='"H","Date","Hour Ending","System Load"',
        below='"H","Date","String","MWH"\n',
        row=lambda r: (
            f'"D","{r.local:%m/%d/%Y}","{r.local.hour + 1:02d}{twice_marked(r, "", "X")}","{r.mw:,.1f}"'
        ),
        end='"T","385"\n',
        columns={"System Load": "demand"},
    ),
    "SPP": Publisher(
        timezone="America/Chicago",
        country="US",
        minutes=5,
        header="Interval,GMTIntervalEnd,CSWS",
        row=lambda r: f"{r.end:%m/%d/%Y %H:%M:%S},{r.utc + pd.Timedelta(minutes=5):%m/%d/%Y %H:%M:%S},{r.mw}",
        columns={"GMTIntervalEnd": "time", "CSWS": "demand"},
    ),
    "AESO": Publisher(
        timezone="America/Edmonton",
        country="CA",
        above='"Actual/Forecast WMRQH Report"\n"November 2021."\n\n',
        header='"Date (HE)","Forecast AIL","Actual AIL"',
        row=lambda r: f'"{r.local:%m/%d/%Y} {r.local.hour + 1:02d}{twice_marked(r, "", "*")}","1","{r.mw}"',
        columns={"Date (HE)": "time", "Actual AIL": "demand"},
    ),
    "ONS": Publisher(
        timezone="America/Sao_Paulo",
        country="BR",
        header="id_subsistema;nom_subsistema;din_instante;val_cargaenergiahomwmed",
        row=lambda r: "\n".join(
            f"{name};SUL;{r.local:%Y-%m-%d %H:%M:%S};{comma(r.mw + more)}"
            for name, more in (("S", 0), ("N", 500))
        ),
        columns={"din_instante": "time", "val_cargaenergiahomwmed": "demand"},
        said={"where": {"id_subsistema": "S"}},
    ),
    "CAMMESA": Publisher(
        timezone="America/Argentina/Buenos_Aires",
        country="AR",
        minutes=5,
        header="Fecha;Hora;Demanda [MW];Temperatura",
        row=lambda r: f"{r.local:%d/%m/%Y};{r.local:%H:%M};{comma(r.mw, 1)};21,5",
        columns={"Demanda [MW]": "demand"},
    ),
    "Coordinador (Chile)": Publisher(
        timezone="America/Santiago",
        country="CL",
        header="fecha,hora,demanda_mwh",
        row=lambda r: f"{r.local:%Y-%m-%d},{r.number},{r.mw}",
        columns={"demanda_mwh": "demand"},
    ),
}
