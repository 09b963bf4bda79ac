"""Files of the grids of Europe."""

from __future__ import annotations

from typing import Final

import pandas as pd

from tests.unit.data.formats.publisher import Publisher, comma, german, twice_marked

EUROPE: Final = {
    "ENTSO-E File Library": Publisher(
        timezone="Europe/Vienna",
        country="AT",
        minutes=15,
        header="DateTime(UTC)\tResolutionCode\tAreaCode\tAreaDisplayName\tAreaTypeCode\tAreaMapCode\t"
        "TotalLoad[MW]\tUpdateTime(UTC)",
        row=lambda r: "\n".join(
            f"{r.utc:%Y-%m-%d %H:%M:%S}\tPT15M\t{code}\tAustria (AT)\t{kind}\tAT\t{r.mw + more:.2f}\t"
            "2022-07-01 10:48:37"
            for code, kind, more in (("10YAT-APG------L", "BZN", 0), ("10YAT-X", "CTA", 77))
        ),
        said={"where": {"AreaTypeCode": "BZN"}},
    ),
    "ENTSO-E SFTP": Publisher(
        timezone="Europe/Athens",
        country="GR",
        header="DateTime\tResolutionCode\tAreaCode\tAreaTypeCode\tAreaName\tMapCode\tTotalLoadValue\tUpdateTime",
        row=lambda r: (
            f"{r.utc:%Y-%m-%d %H:%M:%S}.000\tPT60M\t10YGR-HTSO-----Y\tCTY\tGreece\tGR\t{r.mw}\t"
            "2022-07-01 10:48:37"
        ),
        said={"stamp_timezone": "UTC"},
        columns={"TotalLoadValue": "demand"},
    ),
    "Elia": Publisher(
        timezone="Europe/Brussels",
        country="BE",
        minutes=15,
        header="Datetime;Resolution code;Total Load;Most recent forecast",
        row=lambda r: f"{r.local.isoformat()};PT15M;{r.mw};{r.mw + 100:.2f}",
        newest_first=True,
    ),
    "TenneT": Publisher(
        timezone="Europe/Amsterdam",
        country="NL",
        minutes=15,
        header='"Timeinterval Start Loc","Timeinterval End Loc","Quantity Measurement Unit Name","Load"',
        row=lambda r: f'"{r.local:%Y-%m-%dT%H:%M:%S}","{r.end:%Y-%m-%dT%H:%M:%S}","KWT","{r.mw * 1000:.0f}"',
        columns={"Timeinterval Start Loc": "time"},
        said={"unit": "kW"},
    ),
    "Terna": Publisher(
        timezone="Europe/Rome",
        country="IT",
        minutes=15,
        above="Total Load\nApplied filters:\n",
        header="Date,Total Load [GW],Forecast Total Load [GW],Bidding Zone",
        row=lambda r: f"{r.local:%d/%m/%Y %H:%M:%S},{r.mw / 1000:.4f},{r.mw / 1000 + 0.1:.4f},Italy",
    ),
    "REE's ESIOS": Publisher(
        timezone="Europe/Madrid",
        country="ES",
        minutes=5,
        header="id;name;geoid;geoname;value;datetime",
        row=lambda r: f"1293;Demanda real;8741;Península;{r.mw};{r.local.isoformat()}",
        columns={"value": "demand"},
    ),
    "PSE": Publisher(
        timezone="Europe/Warsaw",
        country="PL",
        header="Data;Godz.;Rzeczywiste zapotrzebowanie KSE",
        row=lambda r: f"{r.local:%Y-%m-%d};{r.local.hour + 1}{twice_marked(r, '', 'A')};{comma(r.mw)}",
        said={"date_columns": ["Data", "Godz."]},
        columns={"Rzeczywiste zapotrzebowanie KSE": "demand"},
    ),
    "PSE's API": Publisher(
        timezone="Europe/Warsaw",
        country="PL",
        minutes=15,
        header="dtime,load_actual,load_fcst,business_date",
        row=lambda r: (
            f"{r.local:%Y-%m-%d %H}{twice_marked(r, 'a', 'b')}:{r.local:%M}:00,{r.mw},{r.mw + 90},"
            f"{r.local:%Y-%m-%d}"
        ),
        columns={"dtime": "time", "load_actual": "demand"},
    ),
    "Statnett": Publisher(
        timezone="Europe/Oslo",
        country="NO",
        header="Time(Local);Production;Consumption",
        row=lambda r: (
            f"{r.local:%d.%m.%Y %H:%M:%S} {str(r.local)[-6:]};{comma(r.mw + 900, 1)};{comma(r.mw, 1)}"
        ),
        columns={"Time(Local)": "time", "Consumption": "demand"},
    ),
    "Svenska kraftnät": Publisher(
        timezone="Europe/Stockholm",
        country="SE",
        header="Period;Förbrukning (MWh)",
        row=lambda r: f"{r.local:%Y-%m-%d %H:%M};{comma(r.mw)}",
        end="Summa;99999999,0\n",
        columns={"Period": "time", "Förbrukning (MWh)": "demand"},
        encoding="latin-1",
    ),
    "Fingrid": Publisher(
        timezone="Europe/Helsinki",
        country="FI",
        minutes=15,
        header='"startTime";"endTime";"Electricity consumption in Finland - 15 min data"',
        row=lambda r: f'"{r.utc:%Y-%m-%dT%H:%M:%S}.000Z";"{r.utc:%Y-%m-%dT%H:%M:%S}.000Z";{r.mw}',
        columns={"startTime": "time", "Electricity consumption in Finland - 15 min data": "demand"},
    ),
    "Fingrid of old": Publisher(
        timezone="Europe/Helsinki",
        country="FI",
        header="Start time UTC,End time UTC,Start time UTC+02:00,End time UTC+02:00,"
        "Electricity consumption in Finland",
        row=lambda r: f"{r.utc:%Y-%m-%d %H:%M:%S},{r.utc:%Y-%m-%d %H:%M:%S},x,x,{r.mw}",
        columns={"Start time UTC": "time", "Electricity consumption in Finland": "demand"},
    ),
    "APG": Publisher(
        timezone="Europe/Vienna",
        country="AT",
        minutes=15,
        header="Time from [CET/CEST];Time to [CET/CEST];Actual Load [MW]",
        row=lambda r: (
            f"{r.local:%d.%m.%Y} {r.local.hour:02d}{twice_marked(r, 'A', 'B')}:{r.local:%M}:00;x;"
            f"{comma(r.mw)}"
        ),
        columns={"Time from [CET/CEST]": "time", "Actual Load [MW]": "demand"},
    ),
    "Swissgrid": Publisher(
        timezone="Europe/Zurich",
        country="CH",
        minutes=15,
        header=";Summe endverbrauchte Energie Regelblock Schweiz;Summe produzierte Energie",
        below="Zeitstempel;kWh;kWh\n",
        row=lambda r: f"{r.end:%d.%m.%Y %H:%M};{r.mw * 250:.3f};{r.mw * 260:.3f}",
        columns={"Zeitstempel": "time", "Summe endverbrauchte Energie Regelblock Schweiz": "demand"},
        said={"stamp": "end"},
    ),
    "MAVIR": Publisher(
        timezone="Europe/Budapest",
        country="HU",
        minutes=15,
        header="Időpont;Nettó rendszerterhelés tény (MW);Nettó terv (MW)",
        row=lambda r: (
            f"{r.end:%Y.%m.%d %H:%M:%S} {str(r.end)[-6:].replace(':', '')};{comma(r.mw)};{comma(r.mw)}"
        ),
        columns={"Időpont": "time", "Nettó rendszerterhelés tény (MW)": "demand"},
        said={"stamp": "end"},
    ),
    "ČEPS": Publisher(
        timezone="Europe/Prague",
        country="CZ",
        above="Verze dat;Od;Do;Agregační funkce;Agregace\n"
        "reálná data;25.10.2021 00:00:00;x;agregace průměr;hodina\n",
        header="Datum;Zatížení včetně čerpání [MW];Zatížení [MW];",
        row=lambda r: f"{r.local:%d.%m.%Y %H:%M};{r.mw + 300:.3f};{r.mw:.3f};",
        columns={"Datum": "time", "Zatížení [MW]": "demand"},
    ),
    "HOPS": Publisher(
        timezone="Europe/Zagreb",
        country="HR",
        header="Datum;Sat;Opterećenje (MWh/h)",
        row=lambda r: f"{r.local:%d.%m.%Y.};{r.number};{german(r.mw)}",
        columns={"Opterećenje (MWh/h)": "demand"},
        said={"date_columns": ["Datum", "Sat"]},
    ),
    "EirGrid": Publisher(
        timezone="Europe/Dublin",
        country="IE",
        minutes=15,
        header="DateTime,GMT Offset,NI Demand,IE Demand",
        row=lambda r: (
            f"{r.local:%d/%m/%Y %H:%M},{int(r.local.utcoffset() / pd.Timedelta(hours=1))},700,{r.mw}"
        ),
        columns={"IE Demand": "demand"},
    ),
    "REN": Publisher(
        timezone="Europe/Lisbon",
        country="PT",
        minutes=15,
        above="Data e Hora em hora legal\n",
        header="Data e Hora;Consumo;Importação",
        row=lambda r: f"{r.local:%Y-%m-%d %H:%M:%S};{comma(r.mw, 1)};0",
        columns={"Data e Hora": "time", "Consumo": "demand"},
    ),
    "Ukrenergo": Publisher(
        timezone="Europe/Kyiv",
        country="UA",
        header="Дата;Година;Споживання, МВт",
        row=lambda r: f"{r.local:%d.%m.%Y};{r.local:%H:%M};{r.mw:.1f}",
        columns={"Споживання, МВт": "demand"},
        said={"date_columns": ["Дата", "Година"]},
    ),
    "EPİAŞ": Publisher(
        timezone="Europe/Istanbul",
        country="TR",
        header='"Tarih";"Saat";"Tüketim Miktarı(MWh)"',
        row=lambda r: f'"{r.local:%d.%m.%Y}";"{r.local:%H:%M}";"{german(r.mw)}"',
        columns={"Tüketim Miktarı(MWh)": "demand"},
    ),
}
