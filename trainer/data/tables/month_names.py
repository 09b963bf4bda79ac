"""How the names of months begin, in the languages of grids' files."""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

_BEGINNINGS: Final = (
    "jan gen ene sty oca ian янв січ ιαν tam",
    "feb fév fev lut şub фев лют φεβ hel",
    "mar mär mrz mrt maa már мар бер μαρ",
    "apr avr abr kwi nis ápr апр кві απρ huh",
    "may mai mag mei maj máj май мая тра μάι μαΐ μαι tou",
    "jun juin giu cze haz iun jún июн чер ιουν kes",
    "jul juil lug lip tem iul júl июл лип ιουλ hei",
    "aug aoû aou ago agu sie ağu авг сер αυγ elo",
    "sep set wrz eyl sze сен вер σεπ syy",
    "oct okt ott out paź eki окт жов οκτ lok",
    "nov lis kas noi ноя лис νοε marr",
    "dec dez déc dic des gru ara дек гру δεκ jou",
)
_NUMBERS: Final = MappingProxyType(
    {name: number for number, names in enumerate(_BEGINNINGS, start=1) for name in names.split()}
)
"""How a name begins, three or four small letters -> number of the month. Four go before three."""
_WORDS: Final = (
    "jan january januar janvier enero ene gennaio gen januari janeiro styczeń ocak январь січень január",
    "feb february februar février fév febrero febbraio februari fevereiro luty şubat февраль лютий február",
    "mar march mär märz mrz mars marzo maart março marec mart март березень március",
    "apr april avril avr abril abr aprile kwiecień nisan апрель квітень április",
    "may mai mayo maggio mei maio maj mayıs май травень május",
    "jun june juni juin junio giugno junho czerwiec haziran июнь червень június",
    "jul july juli juillet juil julio luglio julho lipiec temmuz июль липень július",
    "aug august août aou agosto ago augustus augusti sierpień ağustos август серпень augusztus",
    "sep sept september septembre septiembre settembre setembro wrzesień eylül сентябрь вересень",
    "oct okt october oktober octobre octubre ottobre outubro październik ekim октябрь жовтень",
    "nov november novembre noviembre novembro listopad kasım ноябрь листопад",
    "dec dez december dezember décembre déc diciembre dic dicembre dezembro grudzień aralık декабрь грудень",
)
_WORD_OF_MONTH: Final = MappingProxyType(
    {name: number for number, names in enumerate(_WORDS, start=1) for name in names.split()}
)


def month_of_word(word: str) -> int | None:
    """As `month_number`, of a word that may be another: `Mar` and `March`, not `Market`."""
    return _WORD_OF_MONTH.get(word.casefold())


def month_number(name: str) -> int | None:
    """Of a month's name, written out or cut short; None for what is none."""
    small = name.casefold()
    return _NUMBERS.get(small[:4]) or _NUMBERS.get(small[:3])
