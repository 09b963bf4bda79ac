"""Which of several columns a person would take for demand, and for its times, by what their headers say."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from trainer.data.stamps.clocks import said_stamp, says_utc
from trainer.data.tables.columns import normalised, unit_in

_DEMAND: Final = re.compile(
    r"demand|(?<!pay)(?<!up)(?<!down)load|consum|conso|usage|verbrauch|(?<![^\W_])last(?![^\W_])|netzlast|belastung|verbruik|belasting"
    r"|carga|carico|fabbisogno|zapotrzebowanie|zużycie|pobór|terhelés|fogyaszt|spotřeb|zatížení|spotreb"
    r"|zaťaženie|potro[sš]nja|prevzem|opterećenj|odjem|tarbimi|patēriņ|suvartojim|kulutus|förbrukning|forbru[kg]"
    r"|tüketim|tuketim|yük|φορτίο|ζήτηση|потребл|нагрузк|споживан|навантаж|потрошњ|товар|вжиток"
    r"|수요|부하|사용량|需要|需求|负荷|負荷|負載|用電|用电|ביקוש|צריכה|ความต้องการ"
    r"|tiêu thụ|phụ tải|beban|talab",
    re.IGNORECASE,
)
_FORECAST: Final = re.compile(
    r"forecast|predict|simulat|modell?ed|prog(?:nos|noz|ram|\.)|pr[eé]vis|pron[oó]st|plan(?!t)|sched|ahead|(?<![^\W_])da(?![^\W_])|expect"
    r"|last (?:week|day|year)|yesterday|(?<![^\W_])(?:est|lag|d-1)(?![^\W_])"
    r"|mtlf|esperad|(?<![^\W_])terv(?![^\W_])|napoved|ennuste|πρόβλεψη|прогноз|план|tahmin|öngörü"
    r"|예측|予測|予想|预测|預測|计划|תחזית|พยากรณ์|dự báo",
    re.IGNORECASE,
)
_OTHER: Final = re.compile(
    r"residual|generat|gener?ac|geraç|produ[czkt]|erzeug|wytwarz|termel|výrob|proizvod|генерац|выработ|price|prec?io"
    r"|prix|preis|cost|lmp|import|export|interch|exchange|saldo|wind|solar|eolic|hydro|nuclear|reserve|capacity"
    r"|reactive|frequen|loss|shed|bid|differ|error|deviat|peak|(?<![^\W_])(?:max|min)(?![a-z])|factor|공급|예비|최대"
    r"|(?<![^\W_])(?:gas|gaz|heat|heating|cool|cooling|steam|thermal|water|oil|coal|calor|agua|acqua)(?![^\W_])|wärme|chaleur"
    r"|number of|consumers|customers|households|가스|난방|수돗물"
    r"|供給|予備|%|[$€£¥]|[(\[](?:eur|usd|gbp)|adjust|pump",
    re.IGNORECASE,
)
_WHOLE: Final = re.compile(
    r"total|national|gesamt|insgesamt|celkem|ogółem|итого|toplam|전국|전체|総|全国|合計", re.IGNORECASE
)
_PART: Final = re.compile(r"sector|segment|zone|area|region|district", re.IGNORECASE)
"""Of the total of less than the whole."""
_NO_NAMES: Final = frozenset(("actual", "real", "day", "ahead", "hour", "forecast", "mwh", "the", "total"))
"""Words by which no forecast is told to be of another column."""
_OF_THE_FILE: Final = re.compile(
    r"publish|creat|updat|chang|extract|modif|insert|(?<![^\W_])run|issu|record|download|receiv|version",
    re.IGNORECASE,
)
"""Of a time at which the row was made, not one of which it speaks."""


def likely_demand(headers: Sequence[str]) -> list[str]:
    """Those of `headers`, of columns of numbers, that a person would take for demand: that speak of it and of
    no forecast, generation, price, heat or count; of several the only one of the whole, or of those whose
    names are alike the only one with a unit.

    Where none speaks of demand it is the one of which others are forecasts, else the only one with a unit of
    power. `headers` where nothing tells.
    """
    measured = [header for header in headers if not _FORECAST.search(header)]
    found = [header for header in measured if _DEMAND.search(header) and not _OTHER.search(header)]
    if not found:
        rest = [header for header in measured if not _OTHER.search(header)]
        forecasts = [header for header in headers if header not in measured]
        is_forecast = len(measured) == 1 or any(_words(rest[0]) & _words(each) for each in forecasts if rest)
        if len(rest) == 1 and forecasts and is_forecast:
            return rest
        with_unit = [header for header in headers if unit_in(header)]
        return with_unit if len(with_unit) == 1 and with_unit[0] in rest else list(headers)
    if len(found) > 1 and len(whole := [header for header in found if _is_of_the_whole(header)]) == 1:
        return whole
    with_unit = [header for header in found if unit_in(header)]
    are_alike = len({normalised(header) for header in found}) == 1
    return with_unit if are_alike and len(with_unit) == 1 else found


def speaks_of_another(header: str) -> bool:
    """Whether it names what is no measured demand: a forecast, generation, a price, heat or a count."""
    return speaks_of_forecast(header) or bool(_OTHER.search(header))


def speaks_of_forecast(header: str) -> bool:
    """Whether it names a forecast, a plan or an estimate."""
    return bool(_FORECAST.search(header))


def _is_of_the_whole(header: str) -> bool:
    return bool(_WHOLE.search(header)) and not _PART.search(header)


def _words(header: str) -> set[str]:
    return {word for word in re.findall(r"[^\W\d_]{3,}", header.casefold()) if word not in _NO_NAMES}


def likely_times(headers: Sequence[str], *, with_clock: Sequence[str]) -> list[str]:
    """Those of `headers`, of columns of times, that a person would take for the rows' own: not when a row was
    published or changed; whole times (`with_clock`) rather than their days; UTC, where one is; the beginning,
    where one is beside an end."""
    found = [header for header in headers if not _OF_THE_FILE.search(header)] or list(headers)
    found = [header for header in found if header in with_clock] or found
    found = [header for header in found if says_utc(header)] or found
    said = {said_stamp(header): header for header in found}
    return [said["start"]] if len(found) == len(said) and {*said} == {"start", "end"} else found
