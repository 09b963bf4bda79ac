"""Where the demand series are configured, and how they are read from there."""

from __future__ import annotations

import json
import os
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

from trainer.contract.errors import ContractError
from trainer.contract.products import product_dag_id
from trainer.contract.region import Region
from trainer.contract.verbs import Env

_SHIPPED: Final = Path(__file__).parents[1] / "regions.toml"


def regions_file(environ: Mapping[str, str] | None = None) -> Path:
    """The file of the user's own regions: the one named by DEMAND_FORECAST_REGIONS_FILE, else
    demand-forecast/regions.toml in the user's folder of settings. It need not be there."""
    environ = os.environ if environ is None else environ
    if named := environ.get(Env.REGIONS_FILE):
        return Path(named)
    # os.path's own: a container's user may have no home, for which Path raises.
    settings = environ.get("XDG_CONFIG_HOME") or os.path.expanduser("~/.config")  # noqa: PTH111
    return Path(settings) / "demand-forecast/regions.toml"


def load_regions(environ: Mapping[str, str] | None = None) -> dict[str, Region]:
    """The configured regions: JSON in DEMAND_FORECAST_REGIONS, else the TOML file named by
    DEMAND_FORECAST_REGIONS_FILE, else the regions that ship with the package and, over them, those of
    `regions_file`.

    Raises ContractError naming the place that is wrong.
    """
    environ = os.environ if environ is None else environ
    if text := environ.get(Env.REGIONS):
        try:
            table = json.loads(text)
        except json.JSONDecodeError as error:
            raise ContractError(f"{Env.REGIONS} is not JSON: {error}") from error
        return _parsed(table, str(Env.REGIONS))
    own = regions_file(environ)
    if environ.get(Env.REGIONS_FILE):
        return _read(own)
    # os.path's own: it takes a home that nobody may look into for one without the file.
    return _read(_SHIPPED) | (_read(own) if os.path.isfile(own) else {})  # noqa: PTH113


def _read(path: Path) -> dict[str, Region]:
    try:
        content = path.read_bytes()
        table = tomllib.loads(content.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise ContractError(
            f"regions file {path} is not UTF-8 in line {line}; save it as UTF-8 (editors of Korean "
            "Windows may have saved it as CP949, or ANSI)"
        ) from error
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise ContractError(f"regions file {path} cannot be read: {error}") from error
    return _parsed(table, str(path))


def _parsed(table: object, place: str) -> dict[str, Region]:
    if not isinstance(table, dict) or not all(isinstance(values, dict) for values in table.values()):
        raise ContractError(f"{place}: expected one table per region")
    regions = {name: Region.parse(name, values) for name, values in table.items()}
    _refuse_shared_dags(regions.values(), place)
    return regions


def _refuse_shared_dags(regions: Iterable[Region], place: str) -> None:
    """Region KR's product day_ahead and region KR_day's product ahead would have one DAG between them."""
    owners: dict[str, str] = {}
    for region in regions:
        for product in region.forecasts:
            dag_id, owner = (
                product_dag_id(region.name, product.name),
                f"{region.name}.forecasts.{product.name}",
            )
            if other := owners.get(dag_id):
                raise ContractError(
                    f"{place}: {other} and {owner} would share the DAG {dag_id}; rename one of them"
                )
            owners[dag_id] = owner
