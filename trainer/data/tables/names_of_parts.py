"""Usual headers of the parts of a time, as `normalised` has them: a date, an hour, an interval of it."""

from __future__ import annotations

from typing import Final

DATES: Final = frozenset(
    {
        *("date", "day", "datum", "fecha", "data", "dia", "dato", "tarih", "tanggal", "dag", "tag", "jour"),
        *("날짜", "일자", "거래일", "거래일자", "日付", "年月日", "日期", "trade date", "trading date"),
        *("delivery date", "deliverydate", "operating day", "operating date", "operday", "oper day"),
        *("settlement date", "market day", "market date", "flow date", "opr dt", "report date", "gas day"),
        *("datum von", "von datum", "start date", "date from", "from date", "date debut", "fecha inicio"),
    }
)
"""Of days."""
HOURS: Final = frozenset(
    {
        *("hour", "hr", "he", "hour ending", "hourending", "hour end", "hour beginning", "delivery hour"),
        *(
            "deliveryhour",
            "opr hr",
            "operating hour",
            "hour of day",
            "hour number",
            "hora",
            "stunde",
            "heure",
        ),
        *("heures", "ora", "uur", "time", "uhrzeit", "saat", "godzina", "tid", "jam", "시간", "시", "시각"),
        *("時刻", "時間", "時間帯", "period", "trading period", "settlement period", "periodo", "sp", "tp"),
        *("start", "start time", "from", "von", "zeit von", "uhrzeit von", "begin", "hora inicio", "von uhr"),
    }
)
"""Of hours or periods within a day, and of the clock times at which they begin."""
PERIODS: Final = frozenset(
    ("time block", "block", "time block no", "block no", "time slot", "slot", "ptu", "hour no", "hr no")
)
"""Of their numbers, which may stand beside such clock times."""
INTERVALS: Final = frozenset(
    {
        *("interval", "delivery interval", "deliveryinterval", "quarter", "quarter hour", "qtr", "minute"),
        *("minutes", "min", "minuto", "opr interval", "interval number", "interval ending", "분"),
    }
)
"""Of intervals within an hour, and of the minutes at which they begin."""
YEARS: Final = frozenset(
    {
        *("year", "yr", "yyyy", "jahr", "año", "ano", "anno", "année", "annee", "rok", "év", "leto", "год"),
        *("рік", "年", "년", "연도", "년도", "tahun", "yıl", "yil", "jaar", "år", "aar"),
    }
)
MONTHS: Final = frozenset(
    {
        *("month", "mon", "mm", "mo", "monat", "mes", "mês", "mese", "mois", "miesiąc", "měsíc", "hónap"),
        *("mesec", "mjesec", "месяц", "місяць", "月", "월", "bulan", "ay", "maand", "måned", "månad"),
    }
)
DAYS_OF_MONTHS: Final = frozenset(
    {
        *("day", "dd", "dy", "dom", "day of month", "dayofmonth", "tag", "día", "dia", "giorno", "jour"),
        *("dzień", "den", "nap", "dan", "день", "日", "일", "hari", "gün", "gun", "dag", "päivä"),
    }
)
