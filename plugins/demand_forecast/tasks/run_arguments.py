"""What a DAG run says to a verb: its run id, the moment it speaks for, and its Params as options.

Options are Jinja templates of the form `--name={{ value }}`; one that renders to no value is left out,
so that the verb's own default holds.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final, Protocol
from zoneinfo import ZoneInfo

from airflow.sdk.exceptions import AirflowFailException

from trainer.contract import FIRST_YEAR, LAST_YEAR, Region, Verb
from trainer.contract.local_days import day_ahead_hours

_UNSET: Final = ("", "None")


class DagRun(Protocol):
    """The part of Airflow's DAG run that arguments are made from."""

    @property
    def dag_id(self) -> str: ...
    @property
    def run_id(self) -> str: ...
    @property
    def logical_date(self) -> datetime | None: ...
    @property
    def run_after(self) -> datetime: ...


def trainer_run_id(dag_run: DagRun) -> str:
    """The trainer's run id: of the DAG too, since two DAGs may have runs of one name."""
    return f"{dag_run.dag_id}/{dag_run.run_id}"


def as_of(dag_run: DagRun, params: Mapping[str, Any], timezone: str) -> str:
    """The moment that a run speaks for, ISO 8601 in UTC: asked for, else logical, else scheduled.

    A manual run may have no logical date, and then speaks for the moment it was to start. A moment
    without an offset is in the region's local time. Raises AirflowFailException when it is no moment.
    """
    asked = params.get("as_of")
    if asked:
        try:
            moment = datetime.fromisoformat(str(asked))
        except ValueError as error:
            raise AirflowFailException(
                f"as_of {asked!r} is no moment; write it as 2026-01-31T00:30:00+09:00"
            ) from error
        if not FIRST_YEAR <= moment.year <= LAST_YEAR:
            raise AirflowFailException(f"as_of {asked!r} is not within the years {FIRST_YEAR}..{LAST_YEAR}")
    else:
        moment = dag_run.logical_date or dag_run.run_after
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=ZoneInfo(timezone))
    return moment.astimezone(UTC).isoformat(timespec="seconds")


def local_day(dag_run: DagRun, params: Mapping[str, Any], timezone: str) -> str:
    """The local day that the run speaks for, such as 2026-01-31. Raises as `as_of` does."""
    return (
        datetime.fromisoformat(as_of(dag_run, params, timezone))
        .astimezone(ZoneInfo(timezone))
        .date()
        .isoformat()
    )


def hours_ahead(dag_run: DagRun, params: Mapping[str, Any], region: Region) -> str:
    """The Param `horizon`; 24 hours from the beginning of a local day of 25 become its 25.

    Raises as `as_of` does.
    """
    moment = datetime.fromisoformat(as_of(dag_run, params, region.timezone))
    origin = moment.replace(minute=0, second=0, microsecond=0)
    horizon = int(params["horizon"])
    return str(max(horizon, day_ahead_hours(origin, region)) if horizon >= 24 else horizon)


def command_line(
    verb: Verb,
    region: Region,
    store_url: str,
    options: Mapping[str, str | None] | None = None,
    words: Sequence[str] = (),
) -> list[str]:
    """The arguments after `python -m trainer`, as templates that Airflow renders. An option of None is one
    that takes no value; `words` are none at all."""
    return [
        verb.value,
        *words,
        f"--region={region.name}",
        "--run-id={{ trainer_run_id(dag_run) }}",
        "--as-of={{ as_of(dag_run, params, '" + region.timezone + "') }}",
        f"--store={store_url}",
        *(f"--{name}" if value is None else f"--{name}={value}" for name, value in (options or {}).items()),
    ]


def params(*names: str, **renamed: str) -> dict[str, str]:
    """Options that take their value from the DAG run's Params: of the same name, or option=param."""
    of_option = {**dict(zip(names, names, strict=True)), **renamed}
    return {option.replace("_", "-"): "{{ params." + param + " }}" for option, param in of_option.items()}


def without_empty_options(arguments: Iterable[str]) -> list[str]:
    """Rendered arguments without the options that were given no value."""
    return [
        argument for argument in arguments if argument.partition("=")[2] not in _UNSET or "=" not in argument
    ]
