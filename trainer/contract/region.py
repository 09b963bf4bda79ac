"""One demand series as both sides know it: what may be said of it, and what is refused."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from datetime import date
from typing import Any, Final, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from trainer.contract.ensembles import DEFAULT_ENSEMBLE, parse_ensemble
from trainer.contract.errors import ContractError
from trainer.contract.file_settings import NOTHING_SAID, FileSettings
from trainer.contract.products import Product, parse_products
from trainer.contract.quantiles import DEFAULT_QUANTILES, parse_quantiles

RAW_DEMAND_SOURCE: Final = "raw_demand"
SAMPLE_SOURCE: Final = "sample:greece"


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _is_text_or_none(value: object) -> bool:
    return value is None or isinstance(value, str)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _are_texts(value: object) -> bool:
    return isinstance(value, list | tuple) and all(isinstance(item, str) for item in value)


def _is_mapping(value: object) -> bool:
    return isinstance(value, Mapping) and _are_texts([*value, *value.values()])


def _is_date(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


_TEXT: Final = (_is_text, "text; write it in quotes")
_NUMBER: Final = (_is_number, "a number; write it without quotes")
_TYPES: Final[Mapping[str, tuple[Callable[[object], bool], str]]] = {
    "title": _TEXT,
    "timezone": (_is_text, 'text; write an IANA name in quotes, such as "Asia/Seoul"'),
    "country": _TEXT,
    "latitude": _NUMBER,
    "longitude": _NUMBER,
    "source": _TEXT,
    "subdivision": (_is_text_or_none, _TEXT[1]),
    "weather": (_are_texts, 'a list of names; write it as ["temperature", "humidity"], or [] for none'),
    "weather_error": _NUMBER,
    "weather_issued": (_is_text_or_none, "a path or URL; write it in quotes"),
    "columns": (_is_mapping, 'a table of the source\'s headers, such as {"Load (MW)" = "demand"}'),
    "days": (_is_mapping, 'a table of dates and names, such as {2023-01-19 = "strike"}'),
}
"""By key of a region: whether a value is of its type, and what that is."""
_RANGES: Final = (
    ("latitude", (-90, 90), ""),
    ("longitude", (-180, 180), ""),
    ("weather_error", (0, 10), "; 1 is a usual day-ahead weather forecast, 0 weather that comes true"),
)
"""Keys of a region whose value must lie within limits, and what these mean."""


@dataclass(frozen=True, kw_only=True)
class Region:
    """One demand series. `source` is a path, an fsspec URL, `raw_demand` or `sample:greece`."""

    name: str
    title: str
    timezone: str
    country: str
    """Code of the holiday calendar, as the `holidays` library spells it, such as KR."""
    latitude: float
    """Degrees north; with longitude it tells the sun's height for solar power behind the meter."""
    longitude: float
    source: str = RAW_DEMAND_SOURCE
    subdivision: str | None = None
    weather: tuple[str, ...] = ()
    """Weather columns the model may use: temperature (C), humidity (%), and others by their own name."""
    weather_error: float = 0.0
    """How uncertain the weather of the hours to forecast is, in units of a usual day-ahead weather forecast's
    errors (1.3 C, 7 % humidity): models are trained on weather with as large errors. 0: it comes true."""
    weather_issued: str | None = None
    """A file of its weather forecasts with their time of issue, by path or fsspec URL."""
    columns: Mapping[str, str] = field(default_factory=dict, hash=False)
    """The source's header -> our column (time, demand, weather, or `reference`, the grid operator's own
    forecast), beside the mappings that are known already."""
    days: Mapping[str, str] = field(default_factory=dict, hash=False)
    """Its own days out of the ordinary beside the calendar's holidays: date (ISO 8601) -> name, such as
    `strike` or `call to save`. What days of one name do to demand is learnt."""
    files: FileSettings = NOTHING_SAID
    """How its files are read; in a regions file these are keys of the region itself."""
    forecasts: tuple[Product, ...] = ()
    """Its named forecasts, the main one first, beside the daily one, which has no name."""
    quantiles: tuple[float, ...] = DEFAULT_QUANTILES
    """What its forecasts state, in percent, ascending; 10, 50 and 90 are always among them."""
    ensemble: tuple[str, ...] = DEFAULT_ENSEMBLE
    """What its model is averaged with by learnt weights, of `ensembles.MEMBERS`; empty: it stands alone."""

    def __post_init__(self) -> None:
        if not re.fullmatch(r"[A-Za-z0-9_]{1,32}", self.name):
            raise ContractError(f"region name {self.name!r}: use 1 to 32 letters, digits or '_'")
        try:
            ZoneInfo(self.timezone)
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:  # OSError: a folder of zones, as Asia
            raise ContractError(
                f"region {self.name}: timezone {self.timezone!r} is unknown; "
                "use an IANA name such as Asia/Seoul"
            ) from error
        if taken := sorted({"time", "demand", "reference"} & set(self.weather)):
            raise ContractError(
                f"region {self.name}: {taken} in `weather` have a meaning of their own; give these columns "
                "other names"
            )
        for day, what in self.days.items():
            self._refuse_unnamed_day(day, what)
        for name, limits, why in _RANGES:
            if not limits[0] <= (value := getattr(self, name)) <= limits[1]:
                raise ContractError(
                    f"region {self.name}: {name} {value} is not within {limits[0]}..{limits[1]}{why}"
                )

    def _refuse_unnamed_day(self, day: str, what: str) -> None:
        if not _is_date(day):
            raise ContractError(
                f'region {self.name}: days: {day!r} is no date; write it as in 2023-01-19 = "strike"'
            )
        if not re.search(r"\w", what):
            raise ContractError(f'region {self.name}: days: {day} has no name; write one such as "strike"')

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)

    @property
    def main_product(self) -> Product | None:
        """The forecast that its models are compared on; None: the daily one."""
        return self.forecasts[0] if self.forecasts else None

    def product(self, name: str) -> Product:
        """Raises ContractError naming those that there are."""
        for product in self.forecasts:
            if product.name == name:
                return product
        names = ", ".join(product.name for product in self.forecasts) or "none"
        raise ContractError(
            f"region {self.name} has no product {name!r}; its `forecasts` are {names}. Add it to the regions "
            f'file: [{self.name}.forecasts.{name}] with at = "10:00" and covers = "tomorrow"'
        )

    def origin_hours(self, year: int) -> frozenset[int]:
        """Local hours of the day that its named forecasts begin at; none without such."""
        return frozenset[int]().union(*(product.origin_hours(self, year) for product in self.forecasts))

    @classmethod
    def parse(cls, name: str, values: Mapping[str, Any]) -> Self:
        """Raises ContractError naming unknown or missing keys, or the one whose value is of another type."""
        known = ({f.name for f in fields(cls)} - {"name", "files"}) | FileSettings.keys()
        if unknown := sorted(set(values) - known):
            raise ContractError(f"region {name}: unknown keys {unknown}; known are {sorted(known)}")
        required = {"title", "timezone", "country", "latitude", "longitude"}
        if missing := sorted(required - set(values)):
            raise ContractError(f"region {name}: missing keys {missing}")
        of_files = FileSettings.keys()
        products = parse_products(name, values.get("forecasts", {}))
        quantiles = parse_quantiles(name, values.get("quantiles", DEFAULT_QUANTILES))
        ensemble = parse_ensemble(name, values.get("ensemble", DEFAULT_ENSEMBLE))
        files = FileSettings.parse(name, {key: value for key, value in values.items() if key in of_files})
        own_parsers = of_files | {"forecasts", "quantiles", "ensemble"}
        values = {key: value for key, value in values.items() if key not in own_parsers}
        for key, value in values.items():
            fits, wanted = _TYPES[key]
            if not fits(value):
                raise ContractError(f"region {name}: {key} {value!r} is not {wanted}")
        _refuse_two_demands(name, files, values.get("columns", {}))
        values["weather"] = tuple(values.get("weather", ()))
        return cls(
            name=name, **values, files=files, forecasts=products, quantiles=quantiles, ensemble=ensemble
        )

    def as_configured(self, now: Region) -> Region:
        """This region, as a model was trained for it, that knows its own days as they are listed `now`, since
        a strike may have been announced since, and has the quantiles that are asked for now."""
        return replace(self, days=now.days, quantiles=now.quantiles)

    def to_dict(self) -> dict[str, Any]:
        """What `parse` reads back, without the name."""
        values = {**asdict(self), "weather": list(self.weather), "columns": dict(self.columns)}
        del values["name"], values["files"], values["forecasts"], values["quantiles"], values["ensemble"]
        # Releases that do not know these go on reading the regions that do without.
        if not self.weather_error:
            del values["weather_error"]
        if not self.days:
            del values["days"]
        if self.forecasts:
            values["forecasts"] = {product.name: product.to_dict() for product in self.forecasts}
        if self.quantiles != DEFAULT_QUANTILES:
            values["quantiles"] = list(self.quantiles)
        if self.ensemble != DEFAULT_ENSEMBLE:
            values["ensemble"] = list(self.ensemble)
        return {key: value for key, value in values.items() if value is not None} | self.files.to_dict()


def _refuse_two_demands(name: str, files: FileSettings, columns: Mapping[str, str]) -> None:
    """Raises ContractError for `columns` that name demand, or one of its summands, beside `demand`."""
    for theirs, ours in columns.items():
        if files.demand and (ours == "demand" or theirs in files.demand):
            raise ContractError(
                f"region {name}: demand is the sum of {list(files.demand)}, and `columns` takes {theirs!r} "
                f"for {ours!r}; leave one of them out"
            )
