"""This process's settings and regions, read once; a variable that nothing reads is an error."""

from __future__ import annotations

import difflib
import os
from collections.abc import Iterator
from functools import cache
from typing import Final

from pydantic import BaseModel

from demand_forecast.settings.dag_settings import PREFIX, Settings
from trainer.contract import Env, Region, load_regions

FOREIGN_PREFIXES: Final = (f"{PREFIX}API_", f"{PREFIX}STACK_", f"{PREFIX}TEST_")
"""Families of variables that the REST API, the one-machine stack and the test suite read for themselves."""


class SettingsError(ValueError):
    """The environment names a setting that does not exist; the message names it and the nearest one."""


def environment_names(model: type[BaseModel] = Settings, prefix: str = PREFIX) -> Iterator[str]:
    """Every variable that the settings read, in the order of their declaration."""
    for name, field in model.model_fields.items():
        alias = field.validation_alias
        variable = str(alias) if alias else f"{prefix}{name.upper()}"
        yield variable
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            yield from environment_names(field.annotation, f"{variable}__")


def load_settings() -> Settings:
    """The settings of this process's environment.

    Raises SettingsError for a DEMAND_FORECAST_ variable that nothing reads, and pydantic's
    ValidationError, which names the field, for a value that does not fit.
    """
    known = {*environment_names(), *Env}
    for name in os.environ:
        if name.startswith(PREFIX) and name not in known and not name.startswith(FOREIGN_PREFIXES):
            near = difflib.get_close_matches(name, known, n=1)
            raise SettingsError(
                f"{name} is no setting" + (f"; did you mean {near[0]}?" if near else "; docs list them all")
            )
    return Settings()


@cache
def settings() -> Settings:
    """This process's settings, read once."""
    return load_settings()


@cache
def regions() -> dict[str, Region]:
    """This process's regions, read once."""
    return load_regions()
