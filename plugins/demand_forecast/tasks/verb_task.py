"""What every task that runs a trainer verb has in common, whatever runs the verb."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from airflow.sdk import BaseOperator, Context
from airflow.sdk.exceptions import AirflowException, AirflowFailException

from demand_forecast.settings import Settings
from demand_forecast.tasks.manifests import ManifestError, read_manifest
from demand_forecast.tasks.run_arguments import trainer_run_id
from trainer.contract import (
    INFLUXDB_VERBS,
    MLFLOW_VERBS,
    PLOTTING_VERBS,
    Env,
    ExitCode,
    Region,
    Verb,
    manifest_path,
)

_CONTAINER_RUNTIME_FAILED: Final = 125
"""Codes from here on are the container runtime's (125..128) or a signal's (128 + number)."""


class VerbTask(BaseOperator):
    """A task that is green only when the verb's manifest says so.

    Neither the end of a process nor an XCom is evidence: a pod's task can end in success after it was
    killed (apache/airflow 73006, 71202) and lose its XCom (72821, 73117). So the manifest is read back
    from the store, and its run id and checksum are checked.
    """

    def __init__(
        self,
        *,
        verb: Verb,
        region: Region,
        step: str,
        store_url: str,
        kept_under: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.verb = verb
        self.region = region
        self.step = step
        self.store_url = store_url
        self.kept_under = kept_under

    def verified(self, context: Context, said: Mapping[str, Any] | None) -> dict[str, Any]:
        """The result to hand on, from the manifest and not from what the process said.

        Raises AirflowException, so that the task is tried again, when the manifest is missing, damaged,
        of another run, or not the one that the process said it wrote.
        """
        region, run_id = self.region.name, trainer_run_id(context["dag_run"])
        place = manifest_path(region, self.kept_under or run_id, self.step)
        try:
            manifest = read_manifest(self.store_url, region, run_id, self.step, kept_under=self.kept_under)
        except ManifestError as error:
            raise AirflowException(f"{self.verb}: no result though it ended well: {error}") from error
        if said and said.get("checksum") not in (None, manifest.checksum):
            raise AirflowException(
                f"{self.verb} wrote a manifest with checksum {said['checksum']}, but {place} in "
                f"{self.store_url} has {manifest.checksum}; do Airflow and the verb see the same store?"
            )
        return {
            "manifest": place,
            "checksum": manifest.checksum,
            "facts": dict(manifest.facts),
            "metrics": dict(manifest.metrics),
        }


def failure(verb: Verb, exit_code: int | None, detail: str = "") -> AirflowException:
    """The exception for a verb that ended badly: one that Airflow retries only where that can help.

    `exit_code` is negative for a signal, None when nobody saw how the process ended.
    """
    said = f"{verb} ended with exit code {exit_code}" if exit_code is not None else f"{verb} was lost"
    message = f"{said}{': ' if detail else '; its log says why'}{detail}"
    lost = exit_code is None or exit_code < 0 or exit_code >= _CONTAINER_RUNTIME_FAILED
    if lost or exit_code == ExitCode.INFRASTRUCTURE:
        return AirflowException(message)
    return AirflowFailException(f"{message}; not retried, since it would end the same way")


def plain_environment(verb: Verb, region: Region, settings: Settings) -> dict[str, str]:
    """What a verb is told and may be seen: its region as the DAG knows it, the store, the device, and the
    addresses of the servers that it talks to, of no other. Credentials come separately."""
    values: dict[str, str | None] = {
        Env.REGIONS: json.dumps({region.name: region.to_dict()}, ensure_ascii=False, sort_keys=True),
        Env.STORE_URL: settings.store_url_of_verbs,
        Env.DEVICE: settings.device,
    }
    if verb in PLOTTING_VERBS:
        values[Env.LANGUAGE] = settings.language
    if verb in INFLUXDB_VERBS:
        values[Env.INFLUXDB_URL] = settings.influxdb_url
        values[Env.INFLUXDB_ORG] = settings.influxdb_org
        values[Env.INFLUXDB_BUCKET] = settings.influxdb_bucket
    if verb in MLFLOW_VERBS:
        values[Env.MLFLOW_TRACKING_URI] = settings.mlflow_tracking_uri
    return {str(name): value for name, value in values.items() if value}
